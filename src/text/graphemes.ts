/**
 * Grapheme clusters (UAX #29) as the reference's library cuts them, with tables of its version of Unicode; `Intl.Segmenter` would use the
 * engine's. Pairs of flag characters are not handled: each character has 4 bytes, and the only caller looks at clusters below 6 bytes.
 */
import { pointsOf } from './unicode.ts';
import {
  clusterConsonants,
  clusterControls,
  clusterExtenders,
  clusterLinkers,
  clusterPictures,
  clusterPrefixes,
  clusterSpacers,
} from './unicode-tables.ts';

const other = 0;
const control = 1;
const prefix = 2;
const picture = 3;
const consonant = 4;
/** Hangul syllables: leading, vowel, trailing, and the two composed kinds. */
const leading = 5;
const vowel = 6;
const trailing = 7;
const open = 8;
const closed = 9;
/** What joins the cluster before it: by itself, ending a conjunct, linking one. */
const extender = 16;
const spacer = 17;
const linker = 18;

let classes: Uint8Array | undefined;

function makeClasses(): Uint8Array {
  const table = new Uint8Array(0x110000);
  const mark = (ranges: Iterable<readonly [number, number]>, kind: number) => {
    for (const [from, to] of ranges) table.fill(kind, from, to + 1);
  };
  mark(pointsOf(clusterPictures), picture);
  mark(pointsOf(clusterConsonants), consonant);
  mark(pointsOf(clusterPrefixes), prefix);
  mark(pointsOf(clusterExtenders), extender);
  mark(pointsOf(clusterSpacers), spacer);
  mark(pointsOf(clusterLinkers), linker);
  mark(pointsOf(clusterControls), control);
  mark([[0x1100, 0x115f], [0xa960, 0xa97c]], leading); // biome-ignore format: pairs
  mark([[0x1160, 0x11a7], [0xd7b0, 0xd7c6]], vowel); // biome-ignore format: pairs
  mark([[0x11a8, 0x11ff], [0xd7cb, 0xd7fb]], trailing); // biome-ignore format: pairs
  for (let code = 0xac00; code < 0xd7a4; code++) table[code] = (code - 0xac00) % 28 === 0 ? open : closed;
  return table;
}

/** End of the cluster that begins at unit `at`. Linear in its length. */
export function clusterEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  // Below U+0300 nothing joins but a line break.
  if (first < 0x300 && !(second >= 0x300)) return at + (first === 13 && second === 10 ? 2 : 1);
  classes ??= makeClasses();
  let end = at;
  let kind = other;
  /** A picture and what extends it; a consonant and what extends it, with a linker among that. */
  let pictured = false;
  let conjunct: '' | 'begun' | 'linked' = '';
  let joiner = false;
  for (; end < text.length; ) {
    const code = text.codePointAt(end) ?? 0;
    const next = classes[code] ?? other;
    if (end > at && !joins(kind, next, pictured && joiner, conjunct === 'linked')) break;
    if (next < extender) {
      pictured = next === picture;
      conjunct = next === consonant ? 'begun' : '';
    } else if (next === spacer) {
      pictured = false;
      conjunct = '';
    } else if (next === linker && conjunct !== '') conjunct = 'linked';
    // A picture joins only directly behind the joiner.
    if (joiner && next !== picture) pictured = false;
    joiner = code === 0x200d;
    kind = next;
    end += code > 0xffff ? 2 : 1;
  }
  return end;
}

function joins(before: number, next: number, joined: boolean, linked: boolean): boolean {
  if (before === control || next === control) return false;
  if (next >= extender || before === prefix) return true;
  if (next === picture) return joined;
  if (next === consonant) return linked;
  if (before === leading) return next === leading || next === vowel || next === open || next === closed;
  if (before === vowel || before === open) return next === vowel || next === trailing;
  return (before === trailing || before === closed) && next === trailing;
}
