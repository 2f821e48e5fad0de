/**
 * NFC, NFD, NFKC and NFKD with offsets. JavaScript gives the normalised text but not where each character came from.
 * Hugging Face's library records for each output character how many characters of the old text it replaces. The rules:
 *
 * - decomposition: the first character of a decomposition takes the place of its source, the others are insertions;
 *   marks are then sorted by combining class and keep their flag, so positions are assigned in the new order;
 * - composition of k and c: flag(k) + flag(c) - 1; a negative flag -n takes one place and drops the n that follow.
 *
 * JavaScript does not offer combining classes either. They are found out with `normalize` itself: it swaps two marks exactly when the
 * class of the first is greater.
 */
import { type Aligned, AlignedBuilder } from './aligned.ts';
import { spend } from './allowance.ts';

export type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** A character and its flag: 0 replaces one old character, 1 is inserted, -n replaces one and drops n. */
type Step = readonly [char: string, change: number];

/**
 * A character that may change depending on the one before it: marks, and letters that compose with a letter before them
 * (Hangul vowels and finals, also their compatibility forms, half-width voice marks, Kirat Rai vowels).
 */
const joins = /[\p{M}\u1160-\u11ff\u3130-\u318f\uff9e-\uffdc\u{16d63}-\u{16d6a}]/u;

/**
 * Characters whose decomposition is newer than the tables of the reference's crate, so that they do not change there. Found by comparing
 * every code point; old decompositions never change (Unicode's stability policy).
 */
const frozen =
  /[\u32ff\ua7f1-\ua7f4\uab69\u{105c9}\u{105e4}\u{10781}-\u{10785}\u{10787}-\u{107b0}\u{107b2}-\u{107ba}\u{11383}\u{11385}\u{1138e}\u{11391}\u{113c5}\u{113c7}\u{113c8}\u{11938}\u{16121}-\u{16128}\u{16d68}-\u{16d6a}\u{1ccd6}-\u{1ccf9}\u{1e030}-\u{1e06d}\u{1f16c}\u{1fbf0}-\u{1fbf9}]/u;

/** Matches in pieces, as an unbounded repetition would overflow the engine's stack. */
const markRun = /\p{M}{1,2048}/gu;

/** Longest cluster whose result is remembered within one call; longer ones (a text of marks alone) are computed each time. */
const memoLength = 8;

export function normalForm(doc: Aligned, form: NormalForm): Aligned {
  const { text } = doc;
  spendMarks(text, form);
  if (text.normalize(form) === text) return doc;
  const out = new AlignedBuilder(doc);
  const memo = new Map<string, readonly Step[]>();
  let plain = 0;
  for (let at = 0; at < text.length; ) {
    const end = clusterEnd(text, at);
    if (end === at + 1 && text.charCodeAt(at) < 0x80) {
      at = end;
      continue;
    }
    const cluster = text.slice(at, end);
    let steps = memo.get(cluster);
    if (!steps) {
      steps = transform(cluster, form);
      if (cluster.length <= memoLength) memo.set(cluster, steps);
    }
    out.keep(plain, at);
    apply(out, text, at, steps);
    plain = end;
    at = end;
  }
  out.keep(plain, text.length);
  return out.done();
}

/**
 * Takes the cost of sorting marks from the allowance. The engine moves each mark back past those of a higher class, which is quadratic in
 * a run of many kinds. The number of pairs of different marks in the run bounds the moves.
 */
function spendMarks(text: string, form: NormalForm): void {
  let end = -1;
  let counts = new Map<string, number>();
  let length = 0;
  const settle = () => {
    if (length < 2) return;
    let same = 0;
    for (const count of counts.values()) same += count * count;
    spend((length * length - same) / 2, form);
  };
  for (const found of text.matchAll(markRun)) {
    if (found.index !== end) {
      settle();
      counts = new Map();
      length = 0;
    }
    for (const mark of found[0]) {
      counts.set(mark, (counts.get(mark) ?? 0) + 1);
      length++;
    }
    end = found.index + found[0].length;
  }
  settle();
}

function clusterEnd(text: string, at: number): number {
  let end = at + width(text, at);
  while (end < text.length) {
    const unit = text.charCodeAt(end);
    if (unit < 0x300) break;
    const step = width(text, end);
    if (!joins.test(text.slice(end, end + step))) break;
    end += step;
  }
  return end;
}

function width(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Writes the steps of the cluster at unit `at`, assigning positions from left to right. */
function apply(out: AlignedBuilder, text: string, at: number, steps: readonly Step[]): void {
  let place = at;
  for (const [char, change] of steps) {
    if (change > 0) {
      out.insert(char, place);
      continue;
    }
    out.put(char, place);
    for (let n = 0; n <= -change && place < text.length; n++) place += width(text, place);
  }
}

function transform(cluster: string, form: NormalForm): readonly Step[] {
  const decomposed = decompose(cluster, form === 'NFC' || form === 'NFD' ? 'NFD' : 'NFKD');
  return form === 'NFC' || form === 'NFKC' ? compose(decomposed) : decomposed;
}

function decompose(cluster: string, form: 'NFD' | 'NFKD'): Step[] {
  const steps: Step[] = [];
  let run: Step[] = [];
  const flush = () => {
    // `normalize` gives the order of the characters; equal characters have equal classes and keep their order.
    if (run.length > 1) {
      const waiting = new Map<string, Step[]>();
      for (const step of run) {
        const same = waiting.get(step[0]);
        if (same) same.push(step);
        else waiting.set(step[0], [step]);
      }
      for (const queue of waiting.values()) queue.reverse();
      run = [
        ...run
          .map(s => s[0])
          .join('')
          .normalize('NFD'),
      ].map(char => waiting.get(char)?.pop() ?? [char, 0]);
    }
    for (const step of run) steps.push(step);
    run = [];
  };
  for (const char of cluster) {
    let change = 0;
    for (const part of frozen.test(char) ? char : char.normalize(form)) {
      if (!isMark(part)) flush();
      run.push([part, change]);
      change = 1;
      if (!isMark(part)) flush();
    }
  }
  flush();
  return steps;
}

/** The canonical composition algorithm over (character, flag) pairs. */
function compose(steps: readonly Step[]): Step[] {
  const out: Step[] = [];
  let starter: Step | null = null;
  let waiting: Step[] = [];
  let last: string | null = null;
  for (const step of steps) {
    const [char, change] = step;
    const mark = isMark(char);
    if (!starter) {
      if (mark) out.push(step);
      else starter = step;
      continue;
    }
    if (last === null || (mark && lessClass(last, char))) {
      const pair: string = (starter[0] + char).normalize('NFC');
      if (width(pair, 0) === pair.length && !frozen.test(pair)) {
        starter = [pair, starter[1] + change - 1];
        continue;
      }
    }
    if (mark) {
      waiting.push(step);
      last = char;
    } else {
      out.push(starter);
      for (const w of waiting) out.push(w);
      starter = step;
      waiting = [];
      last = null;
    }
  }
  if (starter) out.push(starter);
  for (const w of waiting) out.push(w);
  return out;
}

const marks = new Map<string, boolean>();

/** Combining class other than 0. U+0345 has the greatest class: every other mark moves before it. */
function isMark(char: string): boolean {
  if (char.length === 1 && char.charCodeAt(0) < 0x300) return false;
  let is = marks.get(char);
  if (is === undefined) {
    is = char === '\u0345' || `\u0345${char}`.normalize('NFD').endsWith('\u0345');
    if (marks.size < 4096) marks.set(char, is);
  }
  return is;
}

/** Class of a < class of b, both marks. */
function lessClass(a: string, b: string): boolean {
  return a !== b && (b + a).normalize('NFD') === a + b;
}
