/** The decoders of tokenizer.json: tokens back to readable text. */
import { fromByteLevel } from './byte-level.ts';
import { boolean, object, string, unsupported } from './json.ts';

export type Decoder = (tokens: readonly string[]) => string;

const known = ['WordPiece', 'ByteLevel'];

/** Reads the key `decoder`; without one, tokens are joined with spaces. */
export function readDecoder(value: unknown, key: string): Decoder {
  if (value === null || value === undefined) return tokens => tokens.join(' ');
  const json = object(value, key);
  const type = string(json.type, `${key}.type`);
  if (type === 'ByteLevel') return fromByteLevel;
  if (type !== 'WordPiece') throw unsupported(key, type, known);
  const prefix = string(json.prefix, `${key}.prefix`);
  const clean = boolean(json.cleanup, `${key}.cleanup`);
  return tokens =>
    tokens
      .map((token, i) => {
        const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
        return clean ? cleanup(text) : text;
      })
      .join('');
}

/** English contractions and the space before punctuation, token by token, in the reference's order. */
const repairs: readonly [string, string][] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

function cleanup(text: string): string {
  let out = text;
  for (const [from, to] of repairs) if (out.includes(from)) out = out.replaceAll(from, to);
  return out;
}
