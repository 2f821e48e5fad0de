/** A model on the GPU, and the two things it can be asked in tokens: scores at masked rows, and vectors. */
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { emptyRun } from '../gpu/run.ts';
import { Staging } from '../gpu/staging.ts';
import type { Storage } from '../kernels/variants.ts';
import { bucketOf, maxHeadRows, maxPairs } from './arena.ts';
import { type Batch, packBatches, writeBatch } from './batch.ts';
import type { Choices } from './choices.ts';
import type { ModelConfig } from './config.ts';
import type { DeviceWeights } from './device-weights.ts';
import { Plans } from './plans.ts';
import { type RunCounters, Runner } from './runner.ts';

/** Tokens of one pass: enough rows to keep any GPU busy, few enough for memory. A longer text is a pass of its own. */
const tokensPerPass = 2048;
/** Vectors come back in portions of this size. */
const readBackBytes = 32 * 2 ** 20;

/** One masked position: a text, and its token index there. */
export interface MaskRow {
  text: number;
  position: number;
}

export interface RowAnswer {
  /** Natural log of the softmax's denominator over all logits. */
  logSumExp: number;
  /** In nats. */
  entropy: number;
  /** Best first; `rank` only where tokens were asked for. */
  tokens: { id: number; logProb: number; rank?: number }[];
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** Texts finished, of all. */
  onText?: (done: number, total: number) => void;
}

export class Session {
  readonly plans: Plans;
  readonly staging: Staging;
  #runner: Runner | null = null;
  #runnerOf: GPUBuffer | null = null;

  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly weights: DeviceWeights,
    storage: Storage,
    choices: Choices,
  ) {
    this.plans = new Plans(gpu, config, storage, choices, weights);
    this.staging = new Staging(gpu);
  }

  /** Submits, dispatches, flops and bytes of all runs so far. */
  get counters(): RunCounters {
    return this.#runner?.counters ?? { submits: 0, dispatches: 0, flops: 0, bytes: 0 };
  }

  /** The runner over the current arena. */
  runner(uniform: GPUBuffer): Runner {
    if (!this.#runner || this.#runnerOf !== uniform) {
      this.#runner = new Runner(this.gpu, uniform, this.#runner);
      this.#runnerOf = uniform;
    }
    return this.#runner;
  }

  /** Best `topK` tokens at each row, in the rows' order. `rows` sorted by text. */
  scoreTopK(
    ids: readonly (readonly number[])[],
    rows: readonly MaskRow[],
    topK: number,
    options: RequestOptions = {},
  ): Promise<RowAnswer[]> {
    return this.#score(ids, rows, { topK, targets: [] }, options);
  }

  /** The given tokens at each row, most probable first, with their ranks. */
  scoreTargets(
    ids: readonly (readonly number[])[],
    rows: readonly MaskRow[],
    targets: readonly number[],
    options: RequestOptions = {},
  ): Promise<RowAnswer[]> {
    return this.#score(ids, rows, { topK: 0, targets }, options);
  }

  async #score(
    ids: readonly (readonly number[])[],
    rows: readonly MaskRow[],
    { topK, targets }: { topK: number; targets: readonly number[] },
    { signal, onText }: RequestOptions,
  ): Promise<RowAnswer[]> {
    const { plans, gpu } = this;
    const batches = packBatches(ids, tokensPerPass);
    const buffers = await plans.reserve(largest(batches.map(b => b.tokens)));
    const pairCount = rows.length * targets.length;
    const results = await plans.reserveResults(rows.length, topK, pairCount);
    const cells = rows.length * topK;
    const bytes = { stats: 16 * rows.length, ids: 4 * cells, logProbs: 4 * cells, scores: 8 * pairCount };
    await this.staging.reserve(bytes.stats + bytes.ids + bytes.logProbs + bytes.scores);
    const runner = this.runner(buffers.run);
    const { queue } = gpu.device;

    let row = 0;
    let textsDone = 0;
    for (const batch of batches) {
      const tiles = writeBatch(queue, buffers, batch, plans.tileRows);
      const run = { ...emptyRun, tokens: batch.tokens, sequences: batch.texts.length, tiles };
      await runner.run(await plans.trunk(batch.tokens), run, signal);
      const here = rowsOf(batch, rows, row);
      for (let at = 0; at < here.length; ) {
        // With targets a pass takes as many rows as fit the pairs, at least one; more targets than pairs take several passes.
        const rowsAPass = targets.length > 0 ? Math.max(1, Math.min(maxHeadRows, Math.floor(maxPairs / targets.length))) : maxHeadRows;
        const packed = here.slice(at, at + rowsAPass);
        queue.writeBuffer(buffers.rowIndex, 0, Uint32Array.from(packed));
        const head = { ...run, rows: packed.length, firstRow: row };
        if (topK > 0) await runner.run(await plans.head('topk', packed.length), { ...head, topK }, signal);
        for (let from = 0; from < targets.length; from += maxPairs) {
          const some = targets.slice(from, from + maxPairs);
          const pairs = packed.flatMap((_, r) => some.flatMap(token => [r, token]));
          queue.writeBuffer(buffers.pairs, 0, Uint32Array.from(pairs));
          const firstPair = row * targets.length + from;
          await runner.run(await plans.head('targets', packed.length), { ...head, pairs: pairs.length / 2, firstPair }, signal);
        }
        row += packed.length;
        at += packed.length;
      }
      textsDone += batch.texts.length;
      onText?.(textsDone, ids.length);
    }

    let offset = 0;
    const encoder = gpu.device.createCommandEncoder();
    for (const name of ['stats', 'ids', 'logProbs', 'scores'] as const) {
      this.staging.copy(encoder, results[name], bytes[name], offset);
      offset += bytes[name];
    }
    queue.submit([encoder.finish()]);
    const data = await this.staging.read(offset);
    await runner.settle();
    signal?.throwIfAborted();
    return targets.length > 0 ? readTargets(data, rows.length, targets) : readTopK(data, rows.length, topK);
  }

  /**
   * Vectors of every text, f32: one each (mean, cls) or one a token. Texts are computed in the order of their lengths,
   * packed without padding. `onText` counts texts.
   */
  async vectors(
    ids: readonly (readonly number[])[],
    pooling: 'mean' | 'cls' | 'none',
    isNormalized: boolean,
    { signal, onText }: RequestOptions = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const { plans, gpu } = this;
    const dim = this.config.hiddenSize;
    const rowsOfText = (text: number) => (pooling === 'none' ? ids[text]!.length : 1);
    const firstRow = [0];
    ids.forEach((_, text) => {
      firstRow.push(firstRow[text]! + rowsOfText(text));
    });
    const out = new Float32Array(firstRow[ids.length]! * dim);
    if (ids.length === 0) return out;
    const byLength = ids.map((_, i) => i).sort((a, b) => ids[b]!.length - ids[a]!.length || a - b);
    const batches = packBatches(ids, tokensPerPass, byLength);
    const buffers = await plans.reserve(largest(batches.map(b => b.tokens)));
    const bytesOf = (batch: Batch) => 4 * dim * batch.texts.reduce((n, text) => n + rowsOfText(text), 0);
    const total = batches.reduce((n, batch) => n + bytesOf(batch), 0);
    const portion = Math.max(Math.min(total, readBackBytes), largest(batches.map(bytesOf)));
    await this.staging.reserve(portion);
    const runner = this.runner(buffers.run);
    const tail = await plans.vectors(pooling, isNormalized);
    const from = pooling === 'none' ? buffers.wide : buffers.pooled;

    let waiting: Batch[] = [];
    let waitingBytes = 0;
    let textsDone = 0;
    const collect = async () => {
      const data = new Float32Array(await this.staging.read(waitingBytes));
      let at = 0;
      for (const batch of waiting) {
        for (const text of batch.texts) {
          const length = rowsOfText(text) * dim;
          out.set(data.subarray(at, at + length), firstRow[text]! * dim);
          at += length;
        }
        textsDone += batch.texts.length;
      }
      waiting = [];
      waitingBytes = 0;
      onText?.(textsDone, ids.length);
    };
    for (const batch of batches) {
      const bytes = bytesOf(batch);
      if (waitingBytes + bytes > portion) await collect();
      const tiles = writeBatch(gpu.device.queue, buffers, batch, plans.tileRows);
      const run = { ...emptyRun, tokens: batch.tokens, sequences: batch.texts.length, tiles };
      const offset = waitingBytes;
      const trunk = await plans.trunk(batch.tokens);
      await runner.run([...trunk, ...tail], run, signal, encoder => this.staging.copy(encoder, from, bytes, offset));
      waiting.push(batch);
      waitingBytes += bytes;
      onText?.(textsDone + waiting.reduce((n, b) => n + b.texts.length, 0), ids.length);
    }
    await collect();
    await runner.settle();
    signal?.throwIfAborted();
    return out;
  }

  /** Compiles what a text of `tokens` tokens with one mask needs, so that the first request finds it ready. */
  async warm(tokens: number, onCompile: (done: number, total: number, label: string) => void): Promise<void> {
    const bucket = bucketOf(Math.min(tokens, this.config.maxPositions));
    await this.plans.reserve(bucket);
    await this.plans.reserveResults(1, 1, 1);
    const jobs = [this.plans.trunk(bucket, onCompile), this.plans.vectors('mean', true)];
    if (this.weights.head) jobs.push(this.plans.head('topk', 1, onCompile));
    await Promise.all(jobs);
  }
}

/** Without spreading: a request may have any number of batches. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, n) => Math.max(most, n), 0);
}

/** The packed indices of this batch's rows; `rows` are in the texts' order and `from` is the batch's first. */
function rowsOf(batch: Batch, rows: readonly MaskRow[], from: number): number[] {
  const place = new Map(batch.texts.map((text, i) => [text, batch.cuSeqlens[i]!]));
  const packed: number[] = [];
  for (let r = from; r < rows.length; r++) {
    const start = place.get(rows[r]!.text);
    if (start === undefined) break;
    packed.push(start + rows[r]!.position);
  }
  return packed;
}

function readStats(data: ArrayBuffer, rows: number): { logSumExp: number; entropy: number }[] {
  const stats = new Float32Array(data, 0, 4 * rows);
  return Array.from({ length: rows }, (_, r) => {
    const nonFinite = stats[4 * r + 3]!;
    if (nonFinite > 0)
      throw new GpuError(
        `${nonFinite} of the scores are not finite numbers. The weights or this adapter's arithmetic are broken; run the device check and report it.`,
      );
    return { logSumExp: stats[4 * r]!, entropy: stats[4 * r + 2]! };
  });
}

function readTopK(data: ArrayBuffer, rows: number, topK: number): RowAnswer[] {
  const ids = new Uint32Array(data, 16 * rows, rows * topK);
  const logProbs = new Float32Array(data, 16 * rows + 4 * rows * topK, rows * topK);
  return readStats(data, rows).map((stats, r) => ({
    ...stats,
    tokens: Array.from({ length: topK }, (_, i) => ({ id: ids[r * topK + i]!, logProb: logProbs[r * topK + i]! })),
  }));
}

function readTargets(data: ArrayBuffer, rows: number, targets: readonly number[]): RowAnswer[] {
  const words = new DataView(data, 16 * rows);
  return readStats(data, rows).map((stats, r) => {
    const tokens = targets.map((id, t) => {
      const at = 8 * (r * targets.length + t);
      return { id, logProb: words.getFloat32(at, true), rank: words.getUint32(at + 4, true) };
    });
    return { ...stats, tokens: tokens.sort((a, b) => a.rank - b.rank) };
  });
}
