/** Bytes of UTF-8, for what the reference counts in bytes: byte fallback, and positions inside a word. */

/** The bytes of the code point at unit `at`. */
export function encodeChar(text: string, at: number): number[] {
  const code = text.codePointAt(at) ?? 0;
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 63)];
  if (code < 0x10000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
}

/** Name of the token of a byte: `<0x0A>`. */
export function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
}

/** Ids of the byte tokens of a vocabulary, by byte; null where it has none. */
export function byteTokens(vocab: ReadonlyMap<string, number>): (number | undefined)[] | null {
  const ids = Array.from({ length: 256 }, (_, byte) => vocab.get(byteToken(byte)));
  return ids.some(id => id !== undefined) ? ids : null;
}

/** Maps positions in the UTF-8 of a word to units of its UTF-16. A position inside a character maps to the whole character. */
export class BytePositions {
  /** Unit at which the character of a byte begins; null while the word is ASCII. */
  readonly #units: Int32Array | null;
  readonly #word: string;

  constructor(word: string) {
    this.#word = word;
    let bytes = 0;
    for (let i = 0; i < word.length; i++) bytes += width(word.charCodeAt(i));
    if (bytes === word.length) {
      this.#units = null;
      return;
    }
    const units = new Int32Array(bytes);
    for (let i = 0, b = 0; i < word.length; ) {
      const code = word.codePointAt(i) ?? 0;
      const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      for (let k = 0; k < size; k++) units[b++] = i;
      i += code > 0xffff ? 2 : 1;
    }
    this.#units = units;
  }

  /** Unit at which a range that begins at a byte begins. */
  start(byte: number): number {
    return this.#units ? (this.#units[byte] ?? this.#word.length) : byte;
  }

  /** Unit before which a range that ends before a byte ends; the byte is at least 1. */
  end(byte: number): number {
    if (!this.#units) return byte;
    const at = this.#units[byte - 1] ?? this.#word.length;
    return at + ((this.#word.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
  }
}

/** Bytes that a unit stands for; half of a surrogate pair stands for half of four. */
function width(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800 || (unit >= 0xd800 && unit < 0xe000)) return 2;
  return 3;
}
