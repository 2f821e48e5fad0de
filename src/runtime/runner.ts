/**
 * Runs steps on the GPU in submits of bounded time, since neither the driver's watchdog nor the page should wait long for one.
 * An abort takes effect between two submits. How long a submit will take is learnt from the ones before it on this adapter.
 * A step that would take longer is dispatched in windows, which are parts of its rows.
 */
import type { Gpu } from '../gpu/device.ts';
import { type Run, RunSlots } from '../gpu/run.ts';
import { type Cost, encodeStep, type Step, type Window } from '../gpu/step.ts';
import { type Guess, noGuess, Pace } from './pace.ts';

/** Target time of one submit, in ms; watchdogs of browsers and drivers end the device after about 2 s, and a user notices 200 ms. */
const submitBudgetMs = 100;
/** Submits that are sent and not done: one runs while the next waits, so that the GPU always has work. */
const maxPending = 2;

export interface RunCounters {
  submits: number;
  dispatches: number;
  flops: number;
  bytes: number;
  /** The longest submit measured so far, in ms. Short submits are measured together with the next one. A caller may set it back to 0. */
  longestSubmitMs: number;
}

export const emptyCounters = (): RunCounters => ({ submits: 0, dispatches: 0, flops: 0, bytes: 0, longestSubmitMs: 0 });

/** A step or a window of it. */
interface Piece {
  step: Step;
  window: Window | undefined;
  /** Where its numbers lie in the run buffer. */
  slot: number;
  /** Cost of the whole step, and the part of it that this piece is. */
  cost: Cost;
  share: number;
  guessMs: number;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** May add copies to the last submit. */
  finish?: (encoder: GPUCommandEncoder) => void;
  /** Floating-point operations done since the last call; those of a short submit count when they are sent. */
  onWork?: (flops: number) => void;
}

export class Runner {
  readonly counters: RunCounters;
  readonly pace: Pace;
  #gpu: Gpu;
  #slots: RunSlots;
  #pending: Promise<void>[] = [];
  #lastDone = 0;
  /** Short submits since the last that is waited for: they are waited for, and measured, together. */
  #unwaited: { guess: Guess; started: number } | null = null;

  /** Runners after one another share pace and counters. */
  constructor(gpu: Gpu, pace = new Pace(gpu.profile), counters = emptyCounters()) {
    this.#gpu = gpu;
    this.#slots = new RunSlots(gpu.device, gpu.run);
    this.pace = pace;
    this.counters = counters;
  }

  /**
   * Submits the steps in order. Resolves when all are submitted (not done: a read-back or `settle` waits).
   * Errors: the signal's reason, DeviceLostError, GpuError (also where `run` lacks a number that a step declares).
   */
  async run(steps: readonly Step[], run: Run, { signal, finish, onWork }: RunOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#gpu.throwIfFailed();
    this.#slots.clear();
    let submit: Piece[] = [];
    let expectedMs = 0;
    const flush = async (isLast: boolean) => {
      this.#submit(submit, run, isLast ? finish : undefined, onWork);
      submit = [];
      expectedMs = 0;
      await this.#throttle(maxPending);
      if (!isLast && signal?.aborted) {
        this.#unwaited = null;
        signal.throwIfAborted();
      }
    };
    for (const step of steps) {
      // One window at a time: before the next one a measurement may have changed the pace.
      for (let first = 0; ; ) {
        const piece = this.#next(step, run, first);
        const ms = this.pace.cautiousMsOf(step.kind, piece.guessMs);
        if (submit.length > 0 && expectedMs + ms > submitBudgetMs) await flush(false);
        let slot = this.#slots.place(step, run, piece.window?.first);
        if (slot === null) {
          await flush(false);
          slot = this.#slots.place(step, run, piece.window?.first)!;
        }
        piece.slot = slot;
        submit.push(piece);
        expectedMs += ms;
        first = piece.window ? piece.window.first + piece.window.count : 0;
        if (!piece.window || first >= rowGroups(step, run)) break;
      }
    }
    await flush(true);
  }

  /** Waits for the submits that are long enough to be waited for; whoever reads something back waits for the others too. */
  async settle(): Promise<void> {
    this.#unwaited = null;
    await this.#throttle(1);
    this.#gpu.throwIfFailed();
  }

  /** The step from its workgroup `first` on: all of it, or as large an even part as fits a submit. */
  #next(step: Step, run: Run, first: number): Piece {
    const cost = step.cost(run);
    const guessMs = this.pace.guess(cost);
    const groups = rowGroups(step, run);
    if (groups < 2) return { step, window: undefined, slot: 0, cost, share: 1, guessMs };
    const expectedMs = this.pace.cautiousMsOf(step.kind, guessMs);
    const left = groups - first;
    const parts = Math.ceil((expectedMs * left) / groups / submitBudgetMs);
    if (first === 0 && parts <= 1) return { step, window: undefined, slot: 0, cost, share: 1, guessMs };
    const count = Math.ceil(left / Math.max(1, parts));
    return { step, window: { first, count }, slot: 0, cost, share: count / groups, guessMs: (guessMs * count) / groups };
  }

  #submit(pieces: readonly Piece[], run: Run, finish: RunOptions['finish'], onWork: RunOptions['onWork']): void {
    const { queue } = this.#gpu.device;
    this.#slots.send();
    const encoder = this.#gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { step, window, slot } of pieces) this.counters.dispatches += encodeStep(pass, step, run, slot, window);
    pass.end();
    finish?.(encoder);
    queue.submit([encoder.finish()]);
    this.counters.submits++;
    this.#unwaited ??= { guess: noGuess(), started: performance.now() };
    const { guess, started } = this.#unwaited;
    let done = 0;
    for (const { step, cost, share, guessMs } of pieces) {
      this.counters.flops += cost.flops * share;
      this.counters.bytes += cost.bytes * share;
      done += cost.flops * share;
      guess[step.kind] += guessMs;
    }
    // Only a long submit is worth waiting for: some browsers poll the GPU every 100 ms when asked.
    if (this.pace.ms(guess) < submitBudgetMs / 4) {
      onWork?.(done);
      return;
    }
    this.#unwaited = null;
    const work = this.#gpu.whileAlive(queue.onSubmittedWorkDone()).then(() => {
      this.#learn(guess, started);
      onWork?.(done);
    });
    work.catch(() => {}); // awaited in #throttle, unless an abort comes first
    this.#pending.push(work);
  }

  async #throttle(limit: number): Promise<void> {
    while (this.#pending.length >= limit) await this.#pending.shift();
  }

  /** Work began when it was sent or when the one before ended, whichever came later. */
  #learn(guess: Guess, started: number): void {
    const now = performance.now();
    const tookMs = now - Math.max(started, this.#lastDone);
    this.#lastDone = now;
    this.counters.longestSubmitMs = Math.max(this.counters.longestSubmitMs, tookMs);
    this.pace.learn(guess, tookMs);
  }
}

/** Workgroups along the step's row axis; 0 where it may not be split. */
function rowGroups(step: Step, run: Run): number {
  return step.rowAxis === undefined ? 0 : step.grid(run)[step.rowAxis];
}
