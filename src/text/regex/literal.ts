/**
 * Finds a literal string with the prefix table of Knuth, Morris and Pratt (1977): linear in the text for any string, where
 * `indexOf` may compare every character of the string at every place.
 */
export class Literal {
  private readonly wanted: string;
  /** For each length of a matched beginning: the longest shorter beginning that is also its end. */
  private readonly border: Int32Array;

  /** `wanted` is not empty. */
  constructor(wanted: string) {
    this.wanted = wanted;
    this.border = new Int32Array(wanted.length + 1);
    for (let i = 1, k = 0; i < wanted.length; i++) {
      while (k > 0 && wanted.charCodeAt(i) !== wanted.charCodeAt(k)) k = this.border[k] ?? 0;
      if (wanted.charCodeAt(i) === wanted.charCodeAt(k)) k++;
      this.border[i + 1] = k;
    }
  }

  each(text: string, visit: (start: number, end: number) => void): void {
    const { wanted, border } = this;
    const first = wanted.charCodeAt(0);
    for (let i = 0, k = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (k === 0 && unit !== first) continue;
      while (k > 0 && unit !== wanted.charCodeAt(k)) k = border[k] ?? 0;
      if (unit === wanted.charCodeAt(k)) k++;
      if (k === wanted.length) {
        visit(i + 1 - k, i + 1);
        k = 0;
      }
    }
  }
}
