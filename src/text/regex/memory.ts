/** The outcomes of the states that were tried: one number for each state, in pages of 64 positions made when needed. */
import { TokenizerError } from '../../errors.ts';
import type { Program } from './program.ts';

const perPage = 64;
/** Most numbers kept at once: 256 MB. */
const maxNumbers = 2 ** 26;

export class Memory {
  /** 0: not tried. */
  static readonly failed = 1;
  /** Matched, with this added to the end of the match. */
  static readonly matched = 2;

  private readonly program: Program;
  private readonly pages = new Map<number, Int32Array>();
  private spare: Int32Array[] = [];
  private oldest = 0;
  private numbers = 0;

  constructor(program: Program) {
    this.program = program;
  }

  get(position: number, slot: number): number {
    const page = this.pages.get(Math.floor(position / perPage)) ?? this.add(Math.floor(position / perPage));
    return page[(position % perPage) * this.program.slots + slot] ?? 0;
  }

  set(position: number, slot: number, value: number): void {
    const page = this.pages.get(Math.floor(position / perPage)) ?? this.add(Math.floor(position / perPage));
    page[(position % perPage) * this.program.slots + slot] = value;
  }

  /** Frees the pages before this position; no later search reads them. */
  forgetBefore(position: number): void {
    const page = Math.floor(position / perPage);
    for (; this.oldest < page; this.oldest++) {
      const old = this.pages.get(this.oldest);
      if (!old) continue;
      this.pages.delete(this.oldest);
      if (this.spare.length < 16) this.spare.push(old.fill(0));
      else this.numbers -= old.length;
    }
  }

  private add(index: number): Int32Array {
    let page = this.spare.pop();
    if (!page) {
      const size = perPage * this.program.slots;
      this.numbers += size;
      if (this.numbers > maxNumbers) {
        throw new TokenizerError(
          `The tokenizer's pattern /${this.program.source.slice(0, 60)}/ needs over ${(maxNumbers * 4) / 2 ** 20} MB on this text. Cut the text, or use a model with another tokenizer.`,
          { pattern: this.program.source.slice(0, 200) },
        );
      }
      page = new Int32Array(size);
    }
    this.pages.set(index, page);
    return page;
  }
}
