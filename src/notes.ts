/**
 * What a load had to assume: a file leaves something open, or says something that affinage does not apply, so the answers
 * may differ from what its author meant. If no right answer is possible, that is an error. If one is possible under an
 * assumption that the user should know, that is a note.
 *
 * To add one: let the reading function take `notes: Notes = new Notes()` as its last parameter, hand it on from
 * `openModel` (inference/open.ts), and call `notes.add('tokenizer_config.json says … . affinage … .')`: whole sentences
 * that name the file and the key, what is assumed, and what to do where the assumption is wrong. Text from a file goes
 * in shortened and quoted (`JSON.stringify(text.slice(0, 40))`). The rest is done: `ModelReport.notes` carries them to
 * the page and to `affinage info`, and the command line prints each once on standard error.
 */
export class Notes {
  readonly #sentences = new Set<string>();

  /** The same sentence twice counts once. A hostile file cannot make more than 100. */
  add(sentence: string): void {
    if (this.#sentences.size < 100) this.#sentences.add(sentence);
  }

  get list(): readonly string[] {
    return [...this.#sentences];
  }
}
