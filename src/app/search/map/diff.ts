/** What differs between two texts, word by word: a longest common subsequence. */

export interface Piece {
  text: string;
  /** In both, only in the first, or only in the second. */
  kind: 'same' | 'gone' | 'new';
}

/** A word, a space, or any other sign. */
const WORD = /[\p{L}\p{N}\p{M}]+|\s+|[^\p{L}\p{N}\p{M}\s]/gu;

/** Two texts whose differing middles have more cells than this are compared no further: the whole middle is other. */
const CELLS = 4_000_000;

/** The first text is `same` and `gone` joined, the second `same` and `new`. */
export function diffWords(a: string, b: string): Piece[] {
  const first = a.match(WORD) ?? [];
  const second = b.match(WORD) ?? [];
  let start = 0;
  while (start < first.length && start < second.length && first[start] === second[start]) start++;
  let end = 0;
  while (end < first.length - start && end < second.length - start && first.at(-1 - end) === second.at(-1 - end)) end++;
  const middle = between(first.slice(start, first.length - end), second.slice(start, second.length - end));
  return joined([...first.slice(0, start).map(same), ...middle, ...first.slice(first.length - end).map(same)]);
}

const same = (text: string): Piece => ({ text, kind: 'same' });
const gone = (text: string): Piece => ({ text, kind: 'gone' });
const fresh = (text: string): Piece => ({ text, kind: 'new' });

function between(a: readonly string[], b: readonly string[]): Piece[] {
  const wide = b.length + 1;
  if (a.length * b.length > CELLS || a.length === 0 || b.length === 0) return [...a.map(gone), ...b.map(fresh)];
  /** Words in common from (i, j) to the ends. */
  const common = new Uint32Array((a.length + 1) * wide);
  const at = (i: number, j: number) => common[i * wide + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * wide + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      pieces.push(same(a[i++] ?? ''));
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) pieces.push(gone(a[i++] ?? ''));
    else pieces.push(fresh(b[j++] ?? ''));
  }
  return [...pieces, ...a.slice(i).map(gone), ...b.slice(j).map(fresh)];
}

/** Neighbours of one kind become one piece; between two words that are both in the text, what is gone stands before what is new. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const { text, kind } of pieces) {
    const last = out.at(-1);
    const before = out.at(-2);
    if (last?.kind === kind) last.text += text;
    else if (kind === 'gone' && last?.kind === 'new' && before?.kind === 'gone') before.text += text;
    else if (kind === 'gone' && last?.kind === 'new') out.splice(-1, 0, { text, kind });
    else out.push({ text, kind });
  }
  return out;
}
