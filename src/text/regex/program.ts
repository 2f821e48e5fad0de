/**
 * A regular expression as a program for a backtracking machine, in the manner of Thompson (1968) and Cox, "Regular
 * Expression Matching: the Virtual Machine Approach". The order of the branches gives JavaScript's leftmost, first-choice
 * match. There are no captures: a match is its start and its end.
 *
 * The rule of ECMAScript that a repetition may not repeat over nothing needs to know, at the end of an iteration, whether
 * it has read a character. One number `progress` tells it for all repetitions around a place at once: those that may
 * match nothing are numbered from the outside, and an outer iteration has read whatever an inner one has, so that
 * "the first `progress` of them have read something" says all. A state of the machine is therefore the triple
 * (instruction, position, progress), and what follows from it depends on nothing else.
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
  /** Reads as many code points of set `a` as there are, and gives them back one by one; `b` is 1 where that never helps. */
  run: 7,
  /** Passes at the start (`a` = 0) or the end (1) of the text. */
  edge: 8,
  /** Passes where the next code point (`b` bit 0 clear) or the one before is in set `a`; bit 1 turns the answer round. */
  beside: 9,
  /** Passes where the part from `a` matches; `b` is 1 for "does not match". */
  look: 10,
  /** Reads what the part from `a` matches first, and never tries another way through it. */
  atomic: 11,
  /** Ends an iteration of the repetition numbered `a`; fails when it has read nothing. */
  check: 12,
} as const;

export interface Program {
  /** As the file has it, for messages. */
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
  /** A part of it reads backwards, so that positions before the start of a search count. */
  readonly looksBehind: boolean;
}
