/** The decoders of tokenizer.json: tokens back to readable text. Each turns a list of strings into another; the end is joined. */
import { TokenizerError } from '../errors.ts';
import { checkGrowth, spend } from './allowance.ts';
import { fromByteLevel } from './byte-level.ts';
import { boolean, integer, type Json, object, sequence, string, unsupported } from './json.ts';
import { readMetaspace } from './metaspace.ts';
import { readPattern } from './normalizers.ts';
import type { Pattern } from './oniguruma.ts';
import { maskUnassigned } from './unicode.ts';

export type Decoder = (tokens: readonly string[]) => string;
type Chain = (tokens: readonly string[]) => readonly string[];

const known = ['WordPiece', 'ByteLevel', 'Metaspace', 'Sequence', 'Replace', 'ByteFallback', 'Fuse', 'Strip', 'BPEDecoder', 'CTC'];
/** Bounds what a sequence of replacements can make of a text; no real decoded text has nearly as many units. */
const maxLength = 2 ** 26;

/** Reads the key `decoder`; without one, tokens are joined with spaces. */
export function readDecoder(value: unknown, key: string): Decoder {
  if (value === null || value === undefined) return tokens => tokens.join(' ');
  const chain = readChain(value, key, 0);
  return tokens => chain(tokens).join('');
}

function readChain(value: unknown, key: string, depth: number): Chain {
  const json = object(value, key);
  const type = string(json.type, `${key}.type`);
  switch (type) {
    case 'ByteLevel':
      return tokens => [fromByteLevel(tokens)];
    case 'WordPiece':
      return wordPiece(json, key);
    case 'Metaspace':
      return metaspace(json, key);
    case 'Sequence': {
      const steps = sequence(json.decoders, `${key}.decoders`, depth).map((d, i) => readChain(d, `${key}.decoders[${i}]`, depth + 1));
      return tokens =>
        steps.reduce((list, step, i) => {
          const length = list.reduce((sum, token) => sum + 10 + token.length, 0);
          spend(length, `${key}.decoders[${i}]`);
          checkGrowth(length);
          return step(list);
        }, tokens);
    }
    case 'Replace': {
      const pattern = readPattern(json.pattern, `${key}.pattern`);
      const content = string(json.content, `${key}.content`);
      return tokens => replace(tokens, pattern, content);
    }
    case 'ByteFallback':
      return byteFallback;
    case 'Fuse':
      return tokens => [tokens.join('')];
    case 'Strip':
      return strip(json, key);
    case 'BPEDecoder': {
      const suffix = string(json.suffix, `${key}.suffix`);
      return tokens => tokens.map((token, i) => replaceAll(token, suffix, i === tokens.length - 1 ? '' : ' '));
    }
    case 'CTC':
      return ctc(json, key);
    default:
      throw unsupported(key, type, known);
  }
}

/** As Rust's `str::replace`, which finds the empty string between all characters. */
function replaceAll(text: string, from: string, to: string): string {
  return from === '' ? [to, ...[...text].flatMap(char => [char, to])].join('') : text.replaceAll(from, () => to);
}

function wordPiece(json: Json, key: string): Chain {
  const prefix = string(json.prefix, `${key}.prefix`);
  const clean = boolean(json.cleanup, `${key}.cleanup`);
  return tokens =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
      return clean ? cleanup(text) : text;
    });
}

function metaspace(json: Json, key: string): Chain {
  const { replacement, scheme } = readMetaspace(json, key);
  return tokens => tokens.map((token, i) => token.replaceAll(replacement, i === 0 && scheme !== 'never' ? '' : ' '));
}

function replace(tokens: readonly string[], pattern: Pattern, content: string): string[] {
  let length = 0;
  return tokens.map(token => {
    const parts: string[] = [];
    let kept = 0;
    pattern.each(maskUnassigned(token), (start, end) => {
      length += content.length + start - kept;
      if (length > maxLength) throw new TokenizerError('The decoder of tokenizer.json makes a text without end. Use another model.', {});
      parts.push(token.slice(kept, start), content);
      kept = end;
    });
    length += token.length - kept;
    return parts.length === 0 ? token : parts.join('') + token.slice(kept);
  });
}

/** `<0xC3>` as Rust's `u8::from_str_radix` takes it, sign included. */
const byte = /^<0x([0-9A-Fa-f]{2}|\+[0-9A-Fa-f])>$/;

/** Consecutive byte tokens become their text, or one U+FFFD for each byte if they are not UTF-8. */
function byteFallback(tokens: readonly string[]): string[] {
  const out: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      out.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)));
    } catch {
      for (const _ of bytes) out.push('\ufffd');
    }
    bytes = [];
  };
  for (const token of tokens) {
    const found = byte.exec(token)?.[1];
    if (found !== undefined) bytes.push(Number.parseInt(found, 16));
    else {
      flush();
      out.push(token);
    }
  }
  flush();
  return out;
}

/** Removes one given character at the ends of each token, at most `start` times on the left and `stop` times on the right. */
function strip(json: Json, key: string): Chain {
  const content = string(json.content, `${key}.content`);
  const start = integer(json.start, `${key}.start`, 0, Number.MAX_SAFE_INTEGER);
  const stop = integer(json.stop, `${key}.stop`, 0, Number.MAX_SAFE_INTEGER);
  return tokens =>
    tokens.map(token => {
      let from = 0;
      let to = token.length;
      for (let n = 0; n < start && token.startsWith(content, from) && from < to; n++) from += content.length;
      for (let n = 0; n < stop && to - content.length >= from && token.endsWith(content, to); n++) to -= content.length;
      return token.slice(from, to);
    });
}

function ctc(json: Json, key: string): Chain {
  const pad = string(json.pad_token, `${key}.pad_token`);
  const delimiter = string(json.word_delimiter_token, `${key}.word_delimiter_token`);
  const clean = boolean(json.cleanup, `${key}.cleanup`);
  return tokens =>
    tokens
      .filter((token, i) => token !== tokens[i - 1])
      .map(token => {
        const text = replaceAll(token, pad, '');
        return clean ? replaceAll(cleanup(text), delimiter, ' ') : text;
      })
      .filter(token => token !== '');
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
