/**
 * Byte-level text: each byte of UTF-8 written as one printable character, as GPT-2 does. Printable Latin-1 stands for
 * itself, the other 68 bytes are U+0100 and up in order (a space is Ġ).
 */
import { type Aligned, originalEnd, originalStart } from './aligned.ts';
import { isWhitespace, maskUnassigned } from './unicode.ts';

const codeOfByte = new Uint16Array(256);
const byteOfCode = new Map<number, number>();
for (let byte = 0, next = 0x100; byte < 256; byte++) {
  const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  const code = printable ? byte : next++;
  codeOfByte[byte] = code;
  byteOfCode.set(code, byte);
}

/** The character that stands for a space. */
export const spaceCode = 0x120;

/** Pieces of a document as bounds: piece i is the units [bounds[2i], bounds[2i + 1]). */
export interface Pieces {
  readonly doc: Aligned;
  readonly bounds: readonly number[];
}

/**
 * Writes every piece in byte characters, each with the range of the character that it is a byte of.
 * With `prefix`, a piece that does not begin with a space gets one, which shares the range of the first character.
 */
export function toByteLevel({ doc, bounds }: Pieces): Pieces {
  const { text } = doc;
  let size = 0;
  for (let p = 0; p < bounds.length; p += 2) size += utf8Length(text, bounds[p] ?? 0, bounds[p + 1] ?? 0);
  const codes = new Uint16Array(size);
  const starts = new Int32Array(size);
  const ends = new Int32Array(size);
  const out: number[] = [];
  let o = 0;
  const write = (byte: number, start: number, end: number) => {
    codes[o] = codeOfByte[byte] ?? 0;
    starts[o] = start;
    ends[o++] = end;
  };
  for (let p = 0; p < bounds.length; p += 2) {
    const to = bounds[p + 1] ?? 0;
    out.push(o);
    for (let i = bounds[p] ?? 0; i < to; ) {
      const code = text.codePointAt(i) ?? 0;
      const next = i + (code > 0xffff ? 2 : 1);
      const start = originalStart(doc, i);
      const end = originalEnd(doc, next);
      if (code < 0x80) write(code, start, end);
      else {
        if (code < 0x800) write(0xc0 | (code >> 6), start, end);
        else {
          if (code < 0x10000) write(0xe0 | (code >> 12), start, end);
          else {
            write(0xf0 | (code >> 18), start, end);
            write(0x80 | ((code >> 12) & 63), start, end);
          }
          write(0x80 | ((code >> 6) & 63), start, end);
        }
        write(0x80 | (code & 63), start, end);
      }
      i = next;
    }
    out.push(o);
  }
  return { doc: { text: stringOf(codes), origin: doc.origin, starts, ends }, bounds: out };
}

function utf8Length(text: string, from: number, to: number): number {
  let size = 0;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) size += 1;
    else if (unit < 0x800) size += 2;
    else if (unit >= 0xd800 && unit < 0xe000) size += 2;
    else size += 3;
  }
  return size;
}

function stringOf(codes: Uint16Array): string {
  const parts: string[] = [];
  for (let i = 0; i < codes.length; i += 8192) parts.push(String.fromCharCode(...codes.subarray(i, i + 8192)));
  return parts.join('');
}

/** Turns tokens back into text. A token with a character outside this alphabet is taken as plain UTF-8; bytes that are not UTF-8 become U+FFFD. */
export function fromByteLevel(tokens: readonly string[]): string {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const token of tokens) {
    const own: number[] = [];
    let whole = true;
    for (let i = 0; i < token.length && whole; i++) {
      const byte = byteOfCode.get(token.charCodeAt(i));
      if (byte === undefined) whole = false;
      else own.push(byte);
    }
    for (const byte of whole ? own : encoder.encode(token)) bytes.push(byte);
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

const other = 0;
const letter = 1;
const digit = 2;
const space = 3;
let classes: Uint8Array | undefined;

/** Class of a code point for GPT-2's pattern: letter, number, white space or other. */
function classOf(code: number): number {
  if (code > 0xffff) {
    const char = String.fromCodePoint(code);
    return /\p{L}/u.test(char) ? letter : /\p{N}/u.test(char) ? digit : other;
  }
  if (!classes) {
    classes = new Uint8Array(0x10000);
    for (let c = 0; c < 0x10000; c++) {
      const char = String.fromCharCode(c);
      classes[c] = isWhitespace(c) ? space : /\p{L}/u.test(char) ? letter : /\p{N}/u.test(char) ? digit : other;
    }
  }
  return classes[code] ?? other;
}

/**
 * GPT-2's splitting, `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, written as a scan:
 * a regular expression engine keeps one stack entry a character and overflows on a run of ten million letters.
 */
export function splitGpt2(text: string, from: number, to: number, visit: (start: number, end: number) => void): void {
  const masked = maskUnassigned(from === 0 && to === text.length ? text : text.slice(from, to));
  const length = masked.length;
  const run = (at: number, kind: number): number => {
    let i = at;
    while (i < length) {
      const code = masked.codePointAt(i) ?? 0;
      if (classOf(code) !== kind) break;
      i += code > 0xffff ? 2 : 1;
    }
    return i;
  };
  for (let at = 0; at < length; ) {
    const end = contraction(masked, at) || next(masked, at, run);
    visit(from + at, from + end);
    at = end;
  }
}

function contraction(text: string, at: number): number {
  if (text.charCodeAt(at) !== 39) return 0;
  const one = text[at + 1] ?? '';
  if (one !== '' && 'stmd'.includes(one)) return at + 2;
  const two = text.slice(at + 1, at + 3);
  return two === 're' || two === 've' || two === 'll' ? at + 3 : 0;
}

function next(text: string, at: number, run: (at: number, kind: number) => number): number {
  const kind = classOf(text.codePointAt(at) ?? 0);
  if (kind !== space) return run(at, kind);
  const after = text.codePointAt(at + 1);
  if (text.charCodeAt(at) === 32 && after !== undefined && classOf(after) !== space) return run(at + 1, classOf(after));
  const end = run(at, space);
  // `\s+(?!\S)` leaves the last white space to the word behind it; alone, it is `\s+`.
  return end < text.length && end - at > 1 ? end - 1 : end;
}
