/**
 * A regular expression as a program for a backtracking machine, in the manner of Thompson (1968) and Cox, "Regular
 * Expression Matching: the Virtual Machine Approach". The order of the branches gives JavaScript's leftmost, first-choice
 * match. There are no captures: a match is its start and its end.
 *
 * ECMAScript ends a repetition whose last iteration read nothing. So at the end of an iteration the machine must know whether it has
 * read a character. One number, `progress`, is enough for all nested repetitions: those that may match nothing are numbered from the
 * outside, and an outer iteration has read everything that an inner one has, so "the first `progress` of them have read something"
 * describes every case. A state of the machine is therefore the triple (instruction, position, progress), and nothing else influences
 * what follows from it.
 */
import type { CharSet } from './char-set.ts';

export const Op = {
  /** The program, or the part of it that a look or an atomic group runs, has matched. */
  match: 0,
  /** Reads one code point equal to `a`. */
  char: 1,
  /** Reads one code point of set `a`. */
  set: 2,
  /** The same towards the start of the text, in a look behind. */
  charBack: 3,
  setBack: 4,
  /** Goes to `a`. */
  jump: 5,
  /** Tries `a`, then `b`. */
  split: 6,
  /** Reads as many code points of set `a` as there are, then tries fewer, one by one; `b` is 1 where trying fewer can never help. */
  run: 7,
  /** Passes at the start (`a` = 0) or the end (1) of the text. */
  edge: 8,
  /** Passes where the next code point (`b` bit 0 clear) or the previous one (set) is in set `a`; bit 1 of `b` inverts the answer. */
  beside: 9,
  /** Passes where the part from `a` matches; `b` is 1 for "does not match". */
  look: 10,
  /** Reads the first match of the part from `a`, and never tries another match of it. */
  atomic: 11,
  /** Ends an iteration of the repetition numbered `a`; fails when it has read nothing. */
  check: 12,
} as const;

export interface Program {
  /** The pattern as the file writes it, for messages. */
  readonly source: string;
  readonly ops: Uint8Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** Repetitions that may match nothing around each instruction. */
  readonly depth: Uint8Array;
  readonly sets: readonly CharSet[];
  /** First slot of an instruction in the memory of tried states, or -1 where none is kept. Slots of it: depth + 1. */
  readonly slot: Int32Array;
  readonly slots: number;
  /** Code points that a match can begin with; null when it may read nothing. */
  readonly first: CharSet | null;
  /** Some part reads backwards, so that text before the start of a search matters. */
  readonly looksBehind: boolean;
}
