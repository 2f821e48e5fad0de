import { checkGrowth } from './allowance.ts';

/**
 * A text after some normalisation, with the place of each of its units in the text as the user gave it.
 *
 * For each UTF-16 unit of `text`, `starts` and `ends` give the range of the original that it stands for. Both are absent
 * while nothing was changed: unit i is then original unit `origin + i`. A change never cuts a code point, so ranges that
 * begin and end on code points map to ranges that do.
 * The rules are those of Hugging Face's NormalizedString: a character that replaces another takes its range, an inserted
 * one takes the range of the unit before it in the old text (an empty range at the origin when there is none).
 */
export interface Aligned {
  readonly text: string;
  /** Where this piece begins in the original text. */
  readonly origin: number;
  readonly starts: Int32Array | null;
  readonly ends: Int32Array | null;
}

export function aligned(text: string, origin: number): Aligned {
  return { text, origin, starts: null, ends: null };
}

/** Start in the original of the range that begins at unit `i` of the text. */
export function originalStart(doc: Aligned, i: number): number {
  return doc.starts ? (doc.starts[i] ?? doc.origin) : doc.origin + i;
}

/** End in the original of the range that ends before unit `i` of the text (i ≥ 1). */
export function originalEnd(doc: Aligned, i: number): number {
  return doc.ends ? (doc.ends[i - 1] ?? doc.origin) : doc.origin + i;
}

/** Units [from, to) as a text of their own. */
export function slice(doc: Aligned, from: number, to: number): Aligned {
  const text = doc.text.slice(from, to);
  if (!doc.starts || !doc.ends) return aligned(text, doc.origin + from);
  const starts = doc.starts.subarray(from, to);
  const ends = doc.ends.subarray(from, to);
  return { text, origin: from < to ? (starts[0] ?? doc.origin) : doc.origin, starts, ends };
}

/** Builds the successor of a text piece by piece. Linear in the length of the output. */
export class AlignedBuilder {
  private readonly doc: Aligned;
  private readonly parts: string[] = [];
  private starts: Int32Array;
  private ends: Int32Array;
  private length = 0;

  constructor(doc: Aligned) {
    this.doc = doc;
    this.starts = new Int32Array(doc.text.length + 16);
    this.ends = new Int32Array(doc.text.length + 16);
  }

  /** Copies units [from, to) of the old text. */
  keep(from: number, to: number): void {
    if (from >= to) return;
    this.parts.push(this.doc.text.slice(from, to));
    this.reserve(to - from);
    const { starts, ends, text, origin } = this.doc;
    if (starts && ends) {
      this.starts.set(starts.subarray(from, to), this.length);
      this.ends.set(ends.subarray(from, to), this.length);
    } else {
      for (let i = from, o = this.length; i < to; i++, o++) {
        // Both halves of a surrogate pair stand for the whole pair.
        const unit = text.charCodeAt(i);
        const low = unit >= 0xdc00 && unit < 0xe000 ? 1 : 0;
        const high = unit >= 0xd800 && unit < 0xdc00 ? 1 : 0;
        this.starts[o] = origin + i - low;
        this.ends[o] = origin + i + 1 + high;
      }
    }
    this.length += to - from;
  }

  /** Writes `text` in the place of the code point that begins at unit `at`, one unit long in the old text or two. */
  put(text: string, at: number): void {
    const step = (this.doc.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    this.write(text, originalStart(this.doc, at), originalEnd(this.doc, at + step));
  }

  /** Writes `text` as inserted before unit `at` of the old text. */
  insert(text: string, at: number): void {
    if (at < 1) this.write(text, this.doc.origin, this.doc.origin);
    else {
      const unit = this.doc.text.charCodeAt(at - 1);
      const first = unit >= 0xdc00 && unit < 0xe000 && at > 1 ? at - 2 : at - 1;
      this.write(text, originalStart(this.doc, first), originalEnd(this.doc, at));
    }
  }

  done(): Aligned {
    return {
      text: this.parts.join(''),
      origin: this.doc.origin,
      starts: this.starts.subarray(0, this.length),
      ends: this.ends.subarray(0, this.length),
    };
  }

  private write(text: string, start: number, end: number): void {
    if (text === '') return;
    this.parts.push(text);
    this.reserve(text.length);
    this.starts.fill(start, this.length, this.length + text.length);
    this.ends.fill(end, this.length, this.length + text.length);
    this.length += text.length;
  }

  private reserve(more: number): void {
    const need = this.length + more;
    if (need <= this.starts.length) return;
    checkGrowth(need);
    const size = Math.max(need, this.starts.length * 2);
    const starts = new Int32Array(size);
    const ends = new Int32Array(size);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }
}
