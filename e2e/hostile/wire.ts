/** Messages between the run and its processes. */
export type Job = { type: 'run'; index: number } | { type: 'write'; index: number };

export type FromWorker =
  | { type: 'ready' }
  /** The run itself has failed. */
  | { type: 'broken'; why: string }
  /** The input is made, and its time starts now. */
  | { type: 'start'; index: number; target: string; path: string; what: string }
  | { type: 'end'; index: number; outcome: 'accepted' | 'refused' | 'untyped' | 'silent'; why: string }
  | { type: 'written'; index: number };
