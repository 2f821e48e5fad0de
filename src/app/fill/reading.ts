/** How the tokenizer reads the text that stands there: where its tokens are, and which words it does not know. */
import type { Encoding, Model } from '../../types.ts';
import { appState, patch } from '../store/store.ts';
import type { Reading } from './state.ts';

/** What the tokenizers of this family write for a word that they cannot cut into known pieces. */
const unknownTokens = new Set(['[UNK]', '<unk>']);
/** A longer text is over every context: the request says so, and where its tokens are is not asked. */
const MOST_CHARACTERS = 200_000;
/** A piece of a word so short is known unless one of its characters is not: WordPiece gives up on long words only. */
const SHORT = 8;

/** Reads the current text; null without a model, or where it cannot be read: the request itself will say why. Kept until the text changes. */
export async function readTokens(): Promise<Reading | null> {
  const { fill, model } = appState();
  const { text } = fill;
  const { generation } = model;
  if (fill.reading?.text === text && fill.reading.generation === generation) return fill.reading;
  if (!model.current || text === '' || text.length > MOST_CHARACTERS) return null;
  try {
    const encoding = await model.current.tokenize(text, { truncate: true });
    const reading: Reading = { text, generation, offsets: encoding.offsets, unknown: await unknownWords(model.current, text, encoding) };
    if (appState().fill.text === text) patch('fill', { reading });
    return reading;
  } catch {
    return null;
  }
}

async function unknownWords(model: Model, text: string, { tokens, offsets }: Encoding): Promise<Reading['unknown']> {
  const places = offsets.filter(([start, end], i) => start < end && unknownTokens.has(tokens[i] ?? ''));
  const found: Reading['unknown'] = [];
  for (const [start, end] of places) {
    const word = text.slice(start, end);
    const pieces = Array.from({ length: Math.ceil(word.length / SHORT) }, (_, i) => word.slice(i * SHORT, (i + 1) * SHORT));
    const read = await model.tokenize(pieces.join(' '));
    found.push({ start, end, why: read.tokens.some(token => unknownTokens.has(token)) ? 'character' : 'long' });
  }
  return found;
}
