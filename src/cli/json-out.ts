/** JSON of any length to standard output: part by part, as no single string could hold the whole of a large answer. */
import type { Io } from './command.ts';

/** Parts are gathered up to this many characters, so that small ones do not cost a write each. */
const gather = 2 ** 16;

export class JsonOut {
  #text = '';

  constructor(readonly io: Pick<Io, 'out'>) {}

  async write(text: string): Promise<void> {
    this.#text += text;
    if (this.#text.length >= gather) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '') await this.io.out(text);
  }

  /** A list, its elements written by `each`. */
  async list<T>(items: Iterable<T>, each: (item: T) => Promise<void>): Promise<void> {
    let before = '[';
    for (const item of items) {
      await this.write(before);
      before = ',';
      await each(item);
    }
    await this.write(before === '[' ? '[]' : ']');
  }
}
