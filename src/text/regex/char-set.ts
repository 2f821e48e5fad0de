/**
 * A set of code points, given by one class of a regular expression (`[^\s\p{L}]`). JavaScript's own engine decides about each code point,
 * once: the answers are kept in pages of 256 code points, made when a text first needs them.
 */
const pageCount = 0x1100;

export class CharSet {
  private readonly pages: (Uint8Array | undefined)[] = new Array(pageCount);
  private readonly test: (char: string) => boolean;

  constructor(test: (char: string) => boolean) {
    this.test = test;
  }

  /** `source` must match exactly one code point, under flag v. */
  static fromClass(source: string): CharSet {
    const pattern = new RegExp(`^(?:${source})$`, 'v');
    return new CharSet(char => pattern.test(char));
  }

  static fromChar(char: string): CharSet {
    return new CharSet(other => other === char);
  }

  static union(sets: readonly CharSet[]): CharSet {
    return new CharSet(char => sets.some(set => set.has(char.codePointAt(0) ?? 0)));
  }

  has(code: number): boolean {
    const page = this.pages[code >> 8] ?? this.fill(code >> 8);
    return page[code & 255] === 1;
  }

  private fill(index: number): Uint8Array {
    const page = new Uint8Array(256);
    // Texts are well-formed: no code point of a text is a surrogate, and those pages stay empty.
    if (index < 0xd8 || index > 0xdf) {
      for (let i = 0; i < 256; i++) page[i] = this.test(String.fromCodePoint(index * 256 + i)) ? 1 : 0;
    }
    this.pages[index] = page;
    return page;
  }
}
