/**
 * Runs steps on the GPU in submits of bounded time: neither the driver's watchdog nor the page may wait long for one,
 * and an abort takes effect between two. How long a submit will take is learnt on this adapter from the ones before.
 */
import type { Gpu } from '../gpu/device.ts';
import { packRun, type RunSizes } from '../gpu/run.ts';
import { encodeSteps, type Step } from '../gpu/step.ts';

/** Target time of one submit, in ms; the watchdogs of browsers and drivers strike at about 2 s. */
const submitBudgetMs = 100;
/** Submits in flight: one runs while the next waits, so the GPU never idles. */
const maxPending = 2;
/** Before the first measurement: well under what the slowest adapter of its kind does. */
const firstGuess = { software: { flopsPerMs: 5e6, bytesPerMs: 1e6 }, hardware: { flopsPerMs: 3e8, bytesPerMs: 2e7 } };
/** A dispatch costs this much besides its work. */
const dispatchMs = 0.02;

export interface RunCounters {
  submits: number;
  dispatches: number;
  flops: number;
  bytes: number;
}

export class Runner {
  readonly counters: RunCounters = { submits: 0, dispatches: 0, flops: 0, bytes: 0 };
  #gpu: Gpu;
  #uniform: GPUBuffer;
  #pending: Promise<void>[] = [];
  /** Measured time / guessed time of past submits. */
  #pace = 1;
  #lastDone = 0;

  /** `uniform`: the buffer that every kernel reads its RunSizes from. `before` hands on what it has learnt and counted. */
  constructor(gpu: Gpu, uniform: GPUBuffer, before?: Runner | null) {
    this.#gpu = gpu;
    this.#uniform = uniform;
    if (!before) return;
    this.#pace = before.#pace;
    this.counters = before.counters;
  }

  /** Expected ms of the steps on this adapter, as learnt so far. */
  estimateMs(steps: readonly Step[], run: RunSizes): number {
    return steps.reduce((ms, step) => ms + this.#guessMs(step, run), 0) * this.#pace;
  }

  /**
   * Submits the steps in order. Resolves when all are submitted (not done: a read-back or `settle` waits).
   * `finish` may add copies to the last submit. Errors: the signal's reason, DeviceLostError, GpuError.
   */
  async run(steps: readonly Step[], run: RunSizes, signal?: AbortSignal, finish?: (encoder: GPUCommandEncoder) => void): Promise<void> {
    signal?.throwIfAborted();
    this.#gpu.throwIfFailed();
    this.#gpu.device.queue.writeBuffer(this.#uniform, 0, packRun(run));
    let from = 0;
    let guessMs = 0;
    for (const [i, step] of steps.entries()) {
      guessMs += this.#guessMs(step, run);
      const last = i === steps.length - 1;
      if (!last && guessMs * this.#pace < submitBudgetMs) continue;
      this.#submit(steps.slice(from, i + 1), run, last ? finish : undefined, guessMs);
      from = i + 1;
      guessMs = 0;
      await this.#throttle(maxPending);
      signal?.throwIfAborted();
    }
  }

  /** Waits for everything submitted. */
  async settle(): Promise<void> {
    await this.#throttle(1);
    this.#gpu.throwIfFailed();
  }

  #submit(steps: readonly Step[], run: RunSizes, finish: ((encoder: GPUCommandEncoder) => void) | undefined, guessMs: number): void {
    const encoder = this.#gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    this.counters.dispatches += encodeSteps(pass, steps, run);
    pass.end();
    finish?.(encoder);
    this.#gpu.device.queue.submit([encoder.finish()]);
    this.counters.submits++;
    for (const step of steps) {
      const { flops, bytes } = step.cost(run);
      this.counters.flops += flops;
      this.counters.bytes += bytes;
    }
    // Only a long submit is worth waiting for: some browsers poll the GPU every 100 ms when asked.
    if (guessMs * this.#pace < submitBudgetMs / 4) return;
    const started = performance.now();
    const done = this.#gpu.whileAlive(this.#gpu.device.queue.onSubmittedWorkDone()).then(() => this.#learn(guessMs, started));
    done.catch(() => {}); // awaited in #throttle, unless an abort comes first
    this.#pending.push(done);
  }

  async #throttle(limit: number): Promise<void> {
    while (this.#pending.length >= limit) await this.#pending.shift();
  }

  /** A submit began when it was sent or when the one before ended, whichever came later. */
  #learn(guessMs: number, started: number): void {
    const now = performance.now();
    const tookMs = now - Math.max(started, this.#lastDone);
    this.#lastDone = now;
    if (guessMs < 1 || tookMs <= 0) return;
    const pace = Math.min(100, Math.max(0.001, tookMs / guessMs));
    this.#pace += (pace - this.#pace) * 0.3;
  }

  #guessMs(step: Step, run: RunSizes): number {
    const { flops, bytes } = step.cost(run);
    const speed = this.#gpu.profile.software ? firstGuess.software : firstGuess.hardware;
    return Math.max(flops / speed.flopsPerMs, bytes / speed.bytesPerMs) + dispatchMs;
  }
}
