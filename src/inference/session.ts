/** Computes requests given in token ids: batches through the trunk, then masked rows through the head, or vectors; and reads the answers back. */
import { InputError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { Staging } from '../gpu/staging.ts';
import type { ModelConfig } from '../model/config.ts';
import type { DeviceWeights } from '../model/device-weights.ts';
import type { Inputs } from '../model/inputs.ts';
import type { Choices } from '../runtime/choices.ts';
import { Pace } from '../runtime/pace.ts';
import { type RunCounters, Runner } from '../runtime/runner.ts';
import type { StorageType } from '../types.ts';
import { answerBytes, type RowAnswer, readAnswers, readFlags } from './answers.ts';
import { type Batch, writeBatch } from './batch.ts';
import { type Finding, nonFiniteError } from './finite.ts';
import { longestPass, type MaskRow, noTargets, type Scored, scorePasses, vectorPasses, vectorReadBack } from './passes.ts';
import { Plans } from './plans.ts';
import { type VectorTail, widthOf } from './sentence/vectors.ts';
import { bucketOf } from './sizes.ts';
import { costOf, type RequestCost, scoreWork, textsDone, vectorWork } from './work.ts';

export type { RowAnswer } from './answers.ts';
export type { MaskRow } from './passes.ts';

export interface RequestOptions {
  signal?: AbortSignal;
  /** How many texts are finished, of all. While one is computed, it counts by the part of its work that is done. */
  onText?: (done: number, total: number) => void;
  /** If these texts are only a part of the caller's: how many come before them, and how many there are in all, for errors. */
  part?: { first: number; total: number };
}

export interface VectorOptions extends RequestOptions {
  /** Tokens at the head of every text that the pooling leaves out. */
  skip?: number;
  /** Numbers of each vector to give, from its first; default all. */
  columns?: number;
}

export class Session {
  readonly plans: Plans;
  readonly staging: Staging;
  /** Of this adapter; `open.ts` hands on what the tuning measured. */
  readonly pace: Pace;
  readonly runner: Runner;

  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly weights: DeviceWeights,
    storage: StorageType,
    choices: Choices,
    pace = new Pace(gpu.profile),
    /** The model's own way to vectors. */
    tail?: VectorTail,
  ) {
    this.plans = new Plans(gpu, config, storage, choices, weights, tail);
    this.runner = new Runner(gpu, pace);
    this.staging = new Staging(gpu);
    this.pace = pace;
  }

  /** Frees everything but the weights. */
  dispose(): void {
    this.plans.dispose();
    this.staging.dispose();
  }

  /** Of all runs so far. */
  get counters(): RunCounters {
    return this.runner.counters;
  }

  /**
   * Of each row the best `topK` tokens and the scores of its targets, in the rows' order. `rows` sorted by text. Errors: NonFiniteError; those
   * of the GPU; the signal's reason.
   */
  async score(
    ids: readonly (readonly number[])[],
    rows: readonly MaskRow[],
    { topK, targets = noTargets }: { topK: number; targets?: Scored['targets'] },
    { signal, onText, part }: RequestOptions = {},
  ): Promise<RowAnswer[]> {
    const { plans, gpu } = this;
    const scored = { topK, targets };
    const pairs = rows.reduce((sum, _, row) => sum + targets(row).length, 0);
    const passes = scorePasses(ids, rows, scored, plans.tileRows);
    await plans.reserve(longestPass(passes));
    await plans.reserveResults(rows.length, topK, pairs);
    const bytes = answerBytes(rows.length, topK, pairs);
    await this.staging.reserve(sizeOf(bytes));
    const runner = this.runner;
    const bufferOf = (name: keyof Inputs) => plans.buffer(name);
    const { queue } = gpu.device;
    const onWork = textsDone(() => scoreWork(plans, passes), ids.length, onText);
    queue.writeBuffer(plans.results.buffer('flags'), 0, new Uint32Array(rows.length));

    for (const { batch, run, heads } of passes) {
      writeBatch(queue, bufferOf, batch, plans.tileRows);
      const { steps } = await plans.trunk(batch.tokens);
      await runner.run(steps, run, { signal, onWork });
      for (const head of heads) {
        queue.writeBuffer(bufferOf('rowIndex'), 0, Uint32Array.from(head.packed));
        if (head.pairs) queue.writeBuffer(bufferOf('pairs'), 0, Uint32Array.from(head.pairs));
        const plan = await plans.head(head.mode, head.packed.length);
        await runner.run(plan.steps, head.run, { signal, onWork });
      }
    }

    let offset = 0;
    const encoder = gpu.device.createCommandEncoder();
    for (const name of ['stats', 'ids', 'logProbs', 'scores', 'flags'] as const) {
      this.staging.copy(encoder, plans.results.buffer(name), bytes[name], offset);
      offset += bytes[name];
    }
    queue.submit([encoder.finish()]);
    const data = await this.staging.read(offset);
    await runner.settle();
    signal?.throwIfAborted();
    const flags = readFlags(data, rows.length, topK, pairs);
    this.#refuse(
      rows.map(({ text }, r) => ({ text, flags: flags[r]! })),
      ids.length,
      part,
    );
    onText?.(ids.length, ids.length);
    return readAnswers(data, rows.length, topK, targets);
  }

  /**
   * Vectors of every text, f32: one each, or one a token for a tail without pooling. Texts are computed in the order of their
   * lengths, packed without padding. `skip` tokens at the head of each text (a prompt) do not count in the pooling; of every
   * vector the first `columns` numbers are given, by default all. Errors: NonFiniteError for all texts that are not finite; those of the
   * GPU; the signal's reason.
   */
  async vectors(
    ids: readonly (readonly number[])[],
    tail: VectorTail,
    { signal, onText, part, skip = 0, columns }: VectorOptions = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const { plans, gpu } = this;
    const { dim: whole, stride } = widthOf(tail, this.config.hiddenSize);
    const dim = Math.min(columns ?? whole, whole);
    const rowsOfText = (text: number) => (tail.poolings.length === 0 ? ids[text]!.length : 1);
    const firstRow = [0];
    ids.forEach((_, text) => {
      firstRow.push(firstRow[text]! + rowsOfText(text));
    });
    const out = vectorArray(firstRow[ids.length]!, dim);
    if (ids.length === 0) return out;
    const passes = vectorPasses(ids, plans.tileRows, skip);
    await plans.reserve(longestPass(passes), tail);
    const bytesOf = this.#vectorBytes(ids, tail);
    const portion = vectorReadBack(passes, bytesOf);
    await this.staging.reserve(portion);
    const runner = this.runner;
    const { steps, out: from } = await plans.vectors(tail);
    const onWork = textsDone(() => vectorWork(plans, passes, tail), ids.length, onText);

    const findings: Finding[] = [];
    let waiting: Batch[] = [];
    let waitingBytes = 0;
    const collect = async () => {
      const data = new Float32Array(await this.staging.read(waitingBytes));
      const words = new Uint32Array(data.buffer);
      let at = 0;
      for (const batch of waiting) {
        for (const text of batch.texts) {
          const rows = rowsOfText(text);
          if (dim === stride) out.set(data.subarray(at, at + rows * dim), firstRow[text]! * dim);
          else
            for (let row = 0; row < rows; row++)
              out.set(data.subarray(at + row * stride, at + row * stride + dim), (firstRow[text]! + row) * dim);
          at += rows * stride;
        }
        for (const text of batch.texts) findings.push({ text, flags: words[at++]! });
      }
      waiting = [];
      waitingBytes = 0;
      // In f16 the whole request is computed again in f32, so it stops here. In f32 it goes on, so that the error names all texts.
      if (plans.storage === 'f16') this.#refuse(findings, ids.length, part);
    };
    for (const { batch, run } of passes) {
      const bytes = bytesOf(batch);
      if (waitingBytes + bytes > portion) await collect();
      writeBatch(gpu.device.queue, name => plans.buffer(name), batch, plans.tileRows);
      const offset = waitingBytes;
      const flagBytes = 4 * batch.texts.length;
      const finish = (encoder: GPUCommandEncoder) => {
        this.staging.copy(encoder, from, bytes - flagBytes, offset);
        this.staging.copy(encoder, plans.buffer('flags'), flagBytes, offset + bytes - flagBytes);
      };
      const trunk = await plans.trunk(batch.tokens);
      await runner.run([...trunk.steps, ...steps], run, { signal, finish, onWork });
      waiting.push(batch);
      waitingBytes += bytes;
    }
    await collect();
    await runner.settle();
    signal?.throwIfAborted();
    this.#refuse(findings, ids.length, part);
    onText?.(ids.length, ids.length);
    return out;
  }

  /** What `score` of these would do and take, with `targets` tokens to score a row. Needs no GPU work. */
  scoreCost(ids: readonly (readonly number[])[], rows: readonly MaskRow[], topK: number, targets = 0): RequestCost {
    const some = Array.from({ length: targets }, () => 0);
    const passes = scorePasses(ids, rows, { topK, targets: () => some }, this.plans.tileRows);
    const readBack = answerBytes(rows.length, topK, rows.length * targets);
    const growth = this.plans.results.growth(rows.length, topK, rows.length * targets) + this.staging.growth(sizeOf(readBack));
    return costOf(this, scoreWork(this.plans, passes), growth + this.plans.growth(longestPass(passes)));
  }

  /** What `vectors` of these would do and take. */
  vectorCost(ids: readonly (readonly number[])[], tail: VectorTail): RequestCost {
    const passes = vectorPasses(ids, this.plans.tileRows);
    const growth = this.staging.growth(vectorReadBack(passes, this.#vectorBytes(ids, tail)));
    return costOf(this, vectorWork(this.plans, passes, tail), growth + this.plans.growth(longestPass(passes), tail));
  }

  /** Compiles what a text of `tokens` tokens with one mask needs, so that the first request finds it ready. */
  async warm(tokens: number, onCompile: (done: number, total: number, label: string) => void, tail = this.plans.tail): Promise<void> {
    const bucket = bucketOf(Math.min(tokens, this.config.maxPositions));
    await this.plans.reserve(bucket, tail);
    await this.plans.reserveResults(1, 1, 1);
    const jobs: Promise<unknown>[] = [this.plans.trunk(bucket, onCompile), this.plans.vectors(tail)];
    if (this.weights.head) jobs.push(this.plans.head('topk', 1, onCompile));
    await Promise.all(jobs);
  }

  /** Errors: NonFiniteError for the texts whose flags are set. */
  #refuse(all: readonly Finding[], texts: number, { first, total } = { first: 0, total: texts }): void {
    const findings = all.flatMap(({ text, flags }) => (flags === 0 ? [] : [{ text: first + text, flags }]));
    if (findings.length === 0) return;
    throw nonFiniteError(findings, total, { storage: this.plans.storage, dtype: this.weights.layers[0]!.Wqkv.matrix.format });
  }

  /** Of a batch in the read-back: its vectors, then a word of flags for each text. */
  #vectorBytes(ids: readonly (readonly number[])[], tail: VectorTail): (batch: Batch) => number {
    const rowsOfText = (text: number) => (tail.poolings.length === 0 ? ids[text]!.length : 1);
    const { stride } = widthOf(tail, this.config.hiddenSize);
    return batch => 4 * stride * batch.texts.reduce((n, text) => n + rowsOfText(text), 0) + 4 * batch.texts.length;
  }
}

const sizeOf = (parts: ReturnType<typeof answerBytes>): number => Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);

/** Errors: InputError where the vectors of one call are more than an array holds here. */
function vectorArray(rows: number, dim: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(rows * dim);
  } catch (cause) {
    const gigabytes = ((4 * rows * dim) / 1e9).toFixed(1);
    throw new InputError(
      `The vectors of these texts take ${gigabytes} GB (${rows} × ${dim} numbers), more than one array can hold here. Embed fewer texts in a call.`,
      { rows, dim },
      { cause },
    );
  }
}
