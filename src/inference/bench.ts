/** How fast this adapter runs a model, compared with its own peak: random weights at a real model's shape. */

import { InputError } from '../errors.ts';
import { openGpu } from '../gpu/device.ts';
import { type ModelConfig, parseConfig } from '../model/config.ts';
import { tunedModel, uploadWeights } from '../model/device-weights.ts';
import { randomWeights } from '../model/random-weights.ts';
import { type BenchShape, benchShapes } from '../model/shapes.ts';
import { Notes } from '../notes.ts';
import { checkForced, makeChoices } from '../runtime/choices.ts';
import { paceOfTrials, tune } from '../runtime/tune/tune.ts';
import type { Dtype, KernelVariants, LoadOptions, StorageType, VariantReport } from '../types.ts';
import type { Environment } from './environment.ts';
import { peakGflops } from './peaks.ts';
import { Session } from './session.ts';

export interface BenchOptions {
  shape: BenchShape;
  dtype: Dtype;
  storage: StorageType;
  /** Lengths to time, in tokens. */
  tokens: readonly number[];
  /** Runs after the first. */
  runs: number;
  without?: LoadOptions['without'];
  /** Variants to use instead of those that measuring would choose. */
  variants?: KernelVariants;
  signal?: AbortSignal;
  onLength?: (length: BenchLength, peak: BenchPeak) => void;
}

export interface BenchPeak {
  gflops: number;
}

/** One length: a masked prediction of `tokens` tokens with one mask, answers read back. */
export interface BenchLength {
  tokens: number;
  /** Before any run at this length: what the cost model expects, and the GPU memory beside the weights. */
  expectedMs: number | null;
  activationBytes: number;
  /** First run at this length, compiling included. */
  firstMs: number;
  medianMs: number;
  bestMs: number;
  /** Of the best run. */
  gflops: number;
  fractionOfPeak: number;
  /** Each tensor counted once. */
  gigabytesPerSecond: number;
  dispatches: number;
  submits: number;
  /** After the first run. */
  longestSubmitMs: number;
}

export interface BenchReport {
  adapter: string;
  shape: BenchShape;
  dtype: Dtype;
  storage: StorageType;
  peak: BenchPeak;
  variants: VariantReport[];
  /** Notes about variants that were asked for and do not fit every product. */
  notes: readonly string[];
  /** Choosing variants and compiling for the first sentence, before any run. */
  readyMs: number;
  /** readyMs + the first run of the first length: the wait for the first answer once the weights are there. */
  firstAnswerMs: number;
  gpuBytes: { weights: number; activations: number; total: number; peak: number };
  lengths: BenchLength[];
}

/** Errors: NoAdapterError, OutOfMemoryError; the signal's reason. */
export async function runBench(env: Environment, options: BenchOptions): Promise<BenchReport> {
  const { shape, dtype, storage, tokens, runs, signal } = options;
  const longest = Math.max(...tokens);
  const config = parseConfig({ model_type: 'modernbert', max_position_embeddings: Math.max(8192, longest), ...benchShapes[shape] });
  const gpu = await openGpu(await env.gpu(), { without: options.without, whileWaiting: env.whileWaiting });
  const { variants: forced = {} } = options;
  const notes = new Notes();
  try {
    if (storage === 'f16' && !gpu.profile.f16) throw new InputError('This adapter has no shader-f16. Leave the storage out, or take f32.');
    checkForced(gpu.profile, forced);
    const weights = await uploadWeights(gpu, config, randomWeights(config, dtype), { dtype, signal });
    await gpu.device.queue.onSubmittedWorkDone();
    const peak = { gflops: await peakGflops(gpu) };
    const started = performance.now();
    const { measured, reports } = await tune(gpu, tunedModel(config, weights), storage, {
      store: env.tuning,
      version: env.version,
      signal,
      forced,
      notes,
    });
    const pace = paceOfTrials(gpu, tunedModel(config, weights), reports);
    const session = new Session(gpu, config, weights, storage, makeChoices(gpu.profile, measured, forced), pace);
    await session.warm(tokens[0]!, () => {});
    const readyMs = performance.now() - started;
    const lengths: BenchLength[] = [];
    for (const count of tokens) {
      const length = await timeLength(session, config, count, runs, peak, signal);
      lengths.push(length);
      options.onLength?.(length, peak);
    }
    return {
      adapter: gpu.profile.description,
      shape,
      dtype,
      storage,
      peak,
      variants: reports,
      notes: notes.list,
      readyMs,
      firstAnswerMs: readyMs + lengths[0]!.firstMs,
      gpuBytes: gpu.memory.report,
      lengths,
    };
  } finally {
    gpu.memory.freeAll();
    gpu.destroy();
  }
}

async function timeLength(
  session: Session,
  config: ModelConfig,
  tokens: number,
  runs: number,
  peak: BenchPeak,
  signal?: AbortSignal,
): Promise<BenchLength> {
  const ids = [Array.from({ length: tokens }, (_, i) => 5 + ((i * 7919) % (config.vocabSize - 5)))];
  const rows = [{ text: 0, position: tokens >> 1 }];
  const once = async () => {
    const started = performance.now();
    await session.score(ids, rows, { topK: 5 }, { signal });
    return performance.now() - started;
  };
  const { ms: expectedMs, activationBytes } = session.scoreCost(ids, rows, 5);
  const firstMs = await once();
  session.counters.longestSubmitMs = 0;
  const before = { ...session.counters };
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await once());
  const after = session.counters;
  const per = (name: keyof typeof before) => (after[name] - before[name]) / runs;
  times.sort((a, b) => a - b);
  const bestMs = times[0]!;
  const gflops = per('flops') / bestMs / 1e6;
  return {
    tokens,
    expectedMs,
    activationBytes,
    firstMs,
    bestMs,
    gflops,
    medianMs: times[runs >> 1]!,
    fractionOfPeak: gflops / peak.gflops,
    gigabytesPerSecond: per('bytes') / bestMs / 1e6,
    dispatches: per('dispatches'),
    submits: per('submits'),
    longestSubmitMs: after.longestSubmitMs,
  };
}
