/** Notes of a load about the tokenizer's files: what they leave open, and settings that have no effect, as in transformers 5.18. */
import type { Notes } from '../notes.ts';
import type { Json } from './json.ts';

/** The parts of a tokenizer that are needed here. */
interface Reads {
  encode(text: string, options: { addSpecialTokens: boolean }): { ids: readonly number[] };
  frame: { before: number; after: number };
}

const file = 'tokenizer_config.json';

/** Notes ids below the highest one that no token has. */
export function noteHoles(tokens: readonly (string | undefined)[], notes: Notes): void {
  let holes = 0;
  let first = -1;
  for (let id = 0; id < tokens.length; id++) {
    if (tokens[id] !== undefined) continue;
    if (holes++ === 0) first = id;
  }
  if (holes === 0) return;
  notes.add(
    `tokenizer.json gives no token to ${holes} of the ids below ${tokens.length}; the first is ${first}. affinage assumes that these ids are unused: ` +
      'no text is read as one of them, and one that the model predicts has an empty text.',
  );
}

/** Notes that no file names the mask token; transformers then has none. */
export function noteMask(content: string, notes: Notes): void {
  notes.add(
    `No file names the mask token. affinage takes ${content}, which the vocabulary has. Set "mask_token" in ${file} if it is another.`,
  );
}

/**
 * Notes keys of tokenizer_config.json that contradict tokenizer.json. For a ModernBERT transformers 5 follows tokenizer.json, and so does
 * affinage. Whether the two differ is found out by tokenizing short texts, as the same rule can be written in many ways.
 */
export function noteSettings(config: Json, tokenizer: Reads, notes: Notes): void {
  const ignored = (key: string, instead: string) =>
    notes.add(
      `${file} sets "${key}" to ${JSON.stringify(config[key])}, but ${instead}. affinage follows tokenizer.json, as transformers does.`,
    );
  const differ = (a: string, b: string) => {
    const ids = [a, b].map(text => probe(tokenizer, text));
    return ids[0] !== undefined && ids[1] !== undefined && ids[0] !== ids[1];
  };
  const cased = differ('a', 'A');
  if (config.do_lower_case === true && cased) ignored('do_lower_case', 'the normalizer of tokenizer.json keeps capitals');
  if (config.do_lower_case === false && !cased && differ('a', 'b'))
    ignored('do_lower_case', 'the normalizer of tokenizer.json takes capitals away');
  if (config.strip_accents === true && differ('e', '\u00e9')) ignored('strip_accents', 'the normalizer of tokenizer.json keeps accents');
  if (config.add_prefix_space === true && differ('a', ' a')) ignored('add_prefix_space', 'tokenizer.json puts no space before a text');
  const { before, after } = tokenizer.frame;
  if (config.add_bos_token === true && before === 0) ignored('add_bos_token', 'tokenizer.json puts no token before a text');
  if (config.add_bos_token === false && before > 0) ignored('add_bos_token', 'tokenizer.json puts a token before a text');
  if (config.add_eos_token === true && after === 0) ignored('add_eos_token', 'tokenizer.json puts no token behind a text');
  if (config.add_eos_token === false && after > 0) ignored('add_eos_token', 'tokenizer.json puts a token behind a text');
  if (config.truncation_side === 'left') {
    notes.add(`${file} sets "truncation_side" to "left". affinage cuts a text that is too long at its end, where it is asked to.`);
  }
  if (config.split_special_tokens === true) {
    notes.add(`${file} sets "split_special_tokens": special tokens in a text are read as plain text, so that no mask can be given in one.`);
  }
}

/** The ids of a text as one string; undefined where it cannot be read. */
function probe(tokenizer: Reads, text: string): string | undefined {
  try {
    return tokenizer.encode(text, { addSpecialTokens: false }).ids.join(' ');
  } catch {
    return undefined;
  }
}
