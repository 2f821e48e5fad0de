/** Unicode facts that the tokenizer needs and that JavaScript does not give directly. */
import { unassigned } from './unicode-tables.ts';

/** White_Space, as Rust's `char::is_whitespace` (differs from JavaScript's \s in U+0085 and U+FEFF). */
export function isWhitespace(code: number): boolean {
  if (code < 0x80) return code === 32 || (code >= 9 && code <= 13);
  if (code < 0x1680) return code === 0x85 || code === 0xa0;
  return (
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** `\w` of Rust's regex crate. */
export const rustWord = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

let newer: RegExp | undefined;

/**
 * The text with every code point that Unicode 16 does not assign replaced by a noncharacter of the same length, which no later version
 * will assign. So the answers are the same in browsers with newer tables.
 */
export function maskUnassigned(text: string): string {
  // Below U+0378 every code point is assigned, which covers most French texts.
  if (!/[^\0-\u0377]/.test(text)) return text;
  newer ??= setPattern(unassigned);
  return text.replace(newer, char => (char.length === 1 ? '\ufdd0' : '\u{1fffe}'));
}

/** A pattern (flags g and u) that matches one code point of a table of `unicode-tables.ts`. */
export function setPattern(table: string): RegExp {
  let members = '';
  for (const [from, to] of pointsOf(table)) members += `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`;
  return new RegExp(`[${members}]`, 'gu');
}

/** The ranges [first, last] of code points of a table of `unicode-tables.ts`. */
export function* pointsOf(table: string): Generator<readonly [number, number]> {
  const numbers = table.split(' ').map(s => Number.parseInt(s, 36));
  let next = 0;
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const from = next + (numbers[i] ?? 0);
    next = from + (numbers[i + 1] ?? 0) + 1;
    yield [from, next - 1];
  }
}

/** True when the full case folding of a code point is several (ß, ﬁ, ŉ): Oniguruma then matches sequences. */
export function foldsToSeveral(code: number): boolean {
  const char = String.fromCodePoint(code);
  return [...char.toUpperCase()].length > 1 || [...char.toLowerCase()].length > 1;
}

let cased: Map<string, number[]> | undefined;

/** The code points with the same simple case folding, itself included: k, K and the Kelvin sign. */
export function caseVariants(code: number): readonly number[] {
  if (!cased) {
    cased = new Map();
    for (let c = 0; c < 0x1f000; c++) {
      if (c >= 0xd800 && c < 0xe000) continue;
      const char = String.fromCodePoint(c);
      const upper = char.toUpperCase();
      const lower = char.toLowerCase();
      if (upper === char && lower === char) continue;
      for (const key of new Set([upper.toLowerCase(), lower])) {
        const group = cased.get(key);
        if (group) group.push(c);
        else cased.set(key, [c]);
      }
    }
  }
  const char = String.fromCodePoint(code);
  const same = new RegExp(`^\\u{${code.toString(16)}}$`, 'iu');
  const group = [...(cased.get(char.toLowerCase()) ?? []), ...(cased.get(char.toUpperCase().toLowerCase()) ?? [])];
  return [...new Set([code, ...group.filter(c => same.test(String.fromCodePoint(c)))])];
}

/** Number of code points. */
export function countCodePoints(text: string): number {
  let pairs = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) pairs++;
  }
  return text.length - pairs;
}
