/**
 * Regular expressions of tokenizer.json. Hugging Face's library runs them in Oniguruma (Ruby syntax, UTF-8); here they
 * are translated to JavaScript's syntax and run by affinage's own matcher (regex/), because the backtracking of Oniguruma and
 * of JavaScript can take time exponential in the text, and the patterns come from a file. The npm package `oniguruma-to-es`
 * translates them, after `Rewriter` below has replaced what it does not translate exactly. Measured over every code point against tokenizers 0.23.2:
 *
 * - `\b`, `\w`: Oniguruma's word characters are [\p{Alphabetic}\p{M}\p{Nd}\p{Pc}²³¹¼½¾]; the package takes
 *   [\p{L}\p{M}\p{N}\p{Pc}].
 * - `(?i:…)`: the package sets the flag for the whole pattern where an engine has no modifiers, and a negated class
 *   under that flag loses U+0345. Here every literal under `(?i)` becomes the class of its case variants (ſ for s).
 * - `\x80`…`\xff`: bytes of UTF-8, not code points; [\x7f-\x9f] matches U+007F alone. The package refuses them.
 * - Code points that Unicode 16 (Oniguruma's) does not assign but the engine's Unicode does: `maskUnassigned`.
 */
import { toRegExpDetails } from 'oniguruma-to-es';
import { TokenizerError } from '../errors.ts';
import { spend } from './allowance.ts';
import { compileProgram } from './regex/compile.ts';
import { Literal } from './regex/literal.ts';
import { Machine } from './regex/machine.ts';
import { caseVariants, foldsToSeveral } from './unicode.ts';

/** Finds the matches in a text from left to right. An empty match directly behind the previous match is skipped. */
export interface Pattern {
  each(text: string, visit: (start: number, end: number) => void): void;
}

const wordSet = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}';
const word = `[${wordSet}]`;
const boundary = `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
const notBoundary = `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
/** Largest range inside a case-insensitive class that is expanded. */
const maxFoldedRange = 0x1000;
/** Longest pattern accepted. The real tokenizer's longest has about 1 700 characters. */
const maxPattern = 20_000;
/** What translating a pattern costs of the allowance of a file: about a millisecond, and more for a long one. */
const compileCost = { base: 100_000, perUnit: 1000 };
/** Letter sequences that one character (ß, ﬁ, ﬆ …) matches under `(?i)` in Oniguruma. */
const ligature = /ss|st|ff|fi|fl/;

/**
 * Translates a pattern; `key` is its place in tokenizer.json. Throws TokenizerError when it cannot be translated exactly, or cannot run
 * in a time bounded by the pattern × the text.
 */
export function compilePattern(pattern: string, key: string): Pattern {
  checkLength(pattern, key);
  spend(compileCost.base + compileCost.perUnit * pattern.length, key);
  try {
    const { pattern: source, flags } = toRegExpDetails(new Rewriter(pattern).run(), {
      target: 'ES2024',
      accuracy: 'strict',
      avoidSubclass: true,
    });
    return new Machine(compileProgram(source, flags, pattern));
  } catch (cause) {
    const deep = cause instanceof RangeError && /stack/i.test(cause.message);
    const why = deep ? 'its groups are nested too deep' : cause instanceof Error ? cause.message : String(cause);
    throw new TokenizerError(
      `tokenizer.json: ${key} is a pattern that affinage cannot apply exactly: ${why.slice(0, 200)}`,
      { key },
      { cause },
    );
  }
}

/** A literal string as a pattern. */
export function compileLiteral(text: string, key: string): Pattern {
  checkLength(text, key);
  return new Literal(text);
}

function checkLength(pattern: string, key: string): void {
  if (pattern === '') throw new TokenizerError(`tokenizer.json: ${key} is empty.`, { key });
  if (pattern.length > maxPattern) {
    throw new TokenizerError(`tokenizer.json: ${key} has ${pattern.length} characters; at most ${maxPattern} are taken.`, { key });
  }
}

/** One pass over an Oniguruma pattern. The result is an Oniguruma pattern of the same meaning without the constructs listed above. */
class Rewriter {
  private readonly chars: string[];
  private at = 0;
  private out = '';
  /** Consecutive letters under `(?i)`, to find ligatures. */
  private run_ = '';
  private readonly folding: boolean[] = [false];

  constructor(pattern: string) {
    this.chars = [...pattern];
  }

  run(): string {
    while (this.at < this.chars.length) {
      const char = this.chars[this.at] ?? '';
      if (char === '(') this.open();
      else if (char === ')') {
        if (this.folding.length > 1) this.folding.pop();
        this.copy(1);
      } else if (char === '[') this.class();
      else if (char === '\\') this.escape();
      else if ('.^$|*+?{'.includes(char)) this.meta(char);
      else {
        this.at++;
        this.literal(char.codePointAt(0) ?? 0, char);
      }
    }
    return this.out;
  }

  private get folds(): boolean {
    return this.folding.at(-1) ?? false;
  }

  private copy(count: number): void {
    this.out += this.chars.slice(this.at, this.at + count).join('');
    this.at += count;
    this.run_ = '';
  }

  private meta(char: string): void {
    const interval = char === '{' ? /^\{\d*,?\d*\}/.exec(this.rest(24)) : null;
    this.copy(interval ? interval[0].length : 1);
  }

  private rest(length: number): string {
    return this.chars.slice(this.at, this.at + length).join('');
  }

  private open(): void {
    const flags = /^\(\?([a-zA-Z]*)(-[a-zA-Z]*)?([:)])/.exec(this.rest(24));
    if (!flags) {
      this.folding.push(this.folds);
      this.copy(this.rest(3) === '(?<' && !'=!'.includes(this.chars[this.at + 3] ?? '') ? 3 : 1);
      return;
    }
    const [all, on = '', off = '', end] = flags;
    if (/[^im]/.test(on) || /[^-im]/.test(off)) throw new Error(`group option ${all}`);
    const folds = off.includes('i') ? false : on.includes('i') || this.folds;
    const rest = `${on.replace('i', '')}${off.replace('i', '')}`;
    const kept = rest === '-' ? '' : rest;
    if (end === ')') {
      if (this.out !== '' || kept !== '') throw new Error(`option ${all} inside the pattern`);
      this.folding[0] = folds;
    } else {
      this.folding.push(folds);
      this.out += kept === '' ? '(?:' : `(?${kept}:`;
    }
    this.at += all.length;
    this.run_ = '';
  }

  private literal(code: number, raw: string): void {
    if (!this.folds) {
      this.out += raw;
      return;
    }
    const variants = folded(code);
    this.run_ += String.fromCodePoint(code).toLowerCase();
    if (ligature.test(this.run_)) throw new Error('letters that a ligature matches under (?i)');
    this.out += variants.length === 1 ? raw : `[${variants.map(hex).join('')}]`;
  }

  private escape(): void {
    const kind = this.chars[this.at + 1];
    // The package copies a group for each call of it, so calls within calls would double the pattern each time.
    if (kind === 'g') throw new Error('it calls a group (\\g)');
    if (kind === 'k') throw new Error('it refers back to a group (\\k), which no engine can match in bounded time');
    const swap = { b: boundary, B: notBoundary, w: word, W: `[^${wordSet}]` }[kind ?? ''];
    if (swap) {
      this.at += 2;
      this.out += swap;
      this.run_ = '';
      return;
    }
    const code = this.codePoint();
    if (code === 'raw') throw new Error('a byte escape that is not UTF-8');
    if (code !== null) this.literal(code, hex(code));
    else this.copy(this.escapeLength());
  }

  /** Length of an escape that is copied unchanged: `\p{…}` or two characters. */
  private escapeLength(): number {
    if (!/^\\[pPkg]$/.test(this.rest(2))) return 2;
    const close = this.chars.indexOf(this.chars[this.at + 2] === '<' ? '>' : '}', this.at);
    return close > 0 && /[{<]/.test(this.chars[this.at + 2] ?? '') ? close - this.at + 1 : 2;
  }

  /** Reads `\xHH`, `\x{H…}` or `\uHHHH`: the code point, 'raw' for a byte that is no UTF-8, null for another escape. */
  private codePoint(): number | 'raw' | null {
    const rest = this.rest(16);
    const wide = /^\\x\{([0-9a-fA-F]{1,8})\}|^\\u([0-9a-fA-F]{4})/.exec(rest);
    if (wide) {
      const code = Number.parseInt(wide[1] ?? wide[2] ?? '', 16);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new Error(`code point ${wide[0]}`);
      this.at += wide[0].length;
      return code;
    }
    const bytes = /^(?:\\x[0-9a-fA-F]{2})+/.exec(rest);
    if (!bytes) {
      if (rest.startsWith('\\x')) throw new Error(`escape ${rest.slice(0, 4)}`);
      return null;
    }
    const values = bytes[0]
      .split('\\x')
      .slice(1)
      .map(h => Number.parseInt(h, 16));
    const first = values[0] ?? 0;
    const count = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (count > 1) {
      try {
        const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(values.slice(0, count)));
        this.at += 4 * count;
        return text.codePointAt(0) ?? 0;
      } catch {
        this.at += 4;
        return 'raw';
      }
    }
    this.at += 4;
    return first;
  }

  /** A character class; `this.at` is on its `[`. Nested classes and `&&` are copied; members under `(?i)` are written with their case variants. */
  private class(): void {
    this.run_ = '';
    let body = '';
    let depth = 0;
    do {
      const char = this.chars[this.at];
      if (char === undefined) throw new Error('a class that does not end');
      if (char === '[') {
        const posix = /^\[:\^?[a-z]+:\]/.exec(this.rest(16));
        if (posix) {
          this.at += posix[0].length;
          body += posix[0];
          continue;
        }
        depth++;
        this.at++;
        body += '[';
        if (this.chars[this.at] === '^') {
          this.at++;
          body += '^';
        }
        if (this.chars[this.at] === ']') throw new Error('a class that begins with ]');
      } else if (char === ']') {
        // A class whose members are all impossible bytes matches nothing, its negation everything.
        if (/\[$/.test(body)) body += 'a&&b';
        else if (/\[\^$/.test(body)) throw new Error('an empty negated class');
        depth--;
        this.at++;
        body += ']';
      } else if (char === '&' && this.chars[this.at + 1] === '&') {
        this.at += 2;
        body += '&&';
      } else body += this.member();
    } while (depth > 0);
    this.out += body;
  }

  /** One member of a class: a set, a character or a range. */
  private member(): string {
    if (this.chars[this.at] === '\\') {
      const kind = this.chars[this.at + 1] ?? '';
      if (kind === 'w' || kind === 'W') {
        this.at += 2;
        return kind === 'w' ? word : `[^${wordSet}]`;
      }
      if ('pPsSdDhH'.includes(kind)) {
        const length = this.escapeLength();
        const raw = this.rest(length);
        this.at += length;
        return raw;
      }
    }
    const from = this.atom();
    if (this.chars[this.at] !== '-' || this.chars[this.at + 1] === ']' || this.chars[this.at + 1] === '[') {
      return from === 'raw' ? '' : this.range(from, from);
    }
    this.at++;
    const to = this.atom();
    if (from === 'raw') return '';
    return this.range(from, to === 'raw' ? 0x7f : to);
  }

  private atom(): number | 'raw' {
    const char = this.chars[this.at] ?? '';
    if (char !== '\\') {
      this.at++;
      return char.codePointAt(0) ?? 0;
    }
    const code = this.codePoint();
    if (code !== null) return code;
    const kind = this.chars[this.at + 1] ?? '';
    const control = { n: 10, t: 9, r: 13, f: 12, v: 11, a: 7, e: 27, b: 8 }[kind];
    if (control === undefined && /[0-9a-zA-Z]/.test(kind)) throw new Error(`escape \\${kind} in a class`);
    this.at += 2;
    return control ?? kind.codePointAt(0) ?? 0;
  }

  private range(from: number, to: number): string {
    if (to < from) throw new Error('an empty range');
    const plain = from === to ? hex(from) : `${hex(from)}-${hex(to)}`;
    if (!this.folds) return plain;
    if (to - from > maxFoldedRange) throw new Error('a large range under (?i)');
    const extra = new Set<number>();
    for (let code = from; code <= to; code++) for (const v of folded(code)) if (v < from || v > to) extra.add(v);
    return plain + [...extra].map(hex).join('');
  }
}

function folded(code: number): readonly number[] {
  if (foldsToSeveral(code)) throw new Error(`U+${code.toString(16)} under (?i)`);
  return caseVariants(code);
}

function hex(code: number): string {
  return `\\x{${code.toString(16).toUpperCase()}}`;
}
