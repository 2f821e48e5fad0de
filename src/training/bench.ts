/** How fast this adapter trains a model of a given shape, with random weights and random tokens. */
import { openGpu } from '../gpu/device.ts';
import { GpuTimer } from '../gpu/timing.ts';
import { parseConfig } from '../model/config.ts';
import { type BenchShape, benchShapes } from '../model/shapes.ts';
import { TrialBench } from '../runtime/tune/tune-trial.ts';
import type { StorageType } from '../types.ts';
import { freshWeights } from './fresh-weights.ts';
import { type LabelledBatch, labelNext, maskWords } from './masking.ts';
import { integer } from './random.ts';
import { type Task, Trainer } from './trainer.ts';

export interface TrainingBenchOptions {
  gpu: GPU;
  whileWaiting?: <T>(work: Promise<T>) => Promise<T>;
  shape: BenchShape;
  task: Task;
  /** Of weights and activations in the passes. */
  storage: StorageType;
  /** One sequence of so many tokens. */
  tokens: number;
  /** Steps after the first, of which the fastest counts. */
  runs: number;
  signal: AbortSignal;
}

/** All runs of one kind of kernel in a step. */
export interface KernelTime {
  kernel: string;
  part: 'forward' | 'backward' | 'optimizer';
  ms: number;
  flops: number;
  bytes: number;
  dispatches: number;
}

export interface TrainingBench {
  adapter: string;
  tokens: number;
  /** The fastest step, and the forward pass with its loss alone. */
  stepMs: number;
  forwardMs: number;
  /** Of a step. */
  flops: number;
  gpuBytes: number;
  /** Each kernel timed by itself, the slowest first. */
  kernels: KernelTime[];
}

/** Errors: those of a GPU; the signal's reason. `trainer` stays open while `also` runs. */
export async function benchTrainer(options: TrainingBenchOptions, also?: (trainer: Trainer) => Promise<void>): Promise<TrainingBench> {
  const { shape, task, storage, tokens, runs, signal } = options;
  const config = parseConfig({ model_type: 'modernbert', max_position_embeddings: Math.max(8192, tokens), ...benchShapes[shape] });
  const gpu = await openGpu(await options.gpu, { whileWaiting: options.whileWaiting });
  const optimizer = { beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 1e-5, clipNorm: 1 };
  try {
    const trainer = await Trainer.open(gpu, config, freshWeights(config, 1), { tokens, optimizer, storage });
    const batch = randomBatch(tokens, config.vocabSize, task);
    const best = async (work: () => Promise<unknown>) => {
      await work();
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < runs; i++) {
        signal.throwIfAborted();
        const started = performance.now();
        await work();
        least = Math.min(least, performance.now() - started);
      }
      return least;
    };
    const forwardMs = await best(() => trainer.evaluate(task, [batch]));
    const stepMs = await best(() => trainer.step(task, [batch], { lr: 1e-5, peak: 1e-4 }));
    const trial = new TrialBench(gpu);
    const timer = new GpuTimer(gpu);
    const times = new Map<string, KernelTime>();
    let flops = 0;
    for (const { label, part, cost, time } of trainer.kernelsOf(task, batch)) {
      signal.throwIfAborted();
      flops += cost.flops;
      const kernel = kindOf(label);
      const key = `${part} ${kernel}`;
      const seen = times.get(key) ?? { kernel, part, ms: 0, flops: 0, bytes: 0, dispatches: 0 };
      const ms = await time(trial, timer);
      times.set(key, {
        ...seen,
        ms: seen.ms + ms,
        flops: seen.flops + cost.flops,
        bytes: seen.bytes + cost.bytes,
        dispatches: seen.dispatches + 1,
      });
    }
    timer.dispose();
    trial.dispose();
    await also?.(trainer);
    const kernels = [...times.values()].sort((a, b) => b.ms - a.ms);
    return { adapter: gpu.profile.description, tokens, stepMs, forwardMs, flops, gpuBytes: gpu.memory.report.total, kernels };
  } finally {
    gpu.destroy();
  }
}

/** A kernel's name in its label; attention's with the mask, as local and global layers cost differently. */
function kindOf(label: string): string {
  const [name, , ...mask] = label.split(' ') as [string];
  return /^attention(-d|\.)/.test(name) && !name.startsWith('attention-dots') ? `${name} ${mask.join(' ').replace(' with lse', '')}` : name;
}

/**
 * How the time grows with the tokens: the slope of log(ms) over log(tokens) by least squares, 1 where twice the tokens take twice the time.
 * Errors: RangeError for fewer than two lengths.
 */
export function growthExponent(points: readonly { tokens: number; ms: number }[]): number {
  if (new Set(points.map(({ tokens }) => tokens)).size < 2) throw new RangeError('growth shows from two lengths on');
  const x = points.map(({ tokens }) => Math.log(tokens));
  const y = points.map(({ ms }) => Math.log(ms));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const over = x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return over / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}

function randomBatch(tokens: number, vocabulary: number, task: Task): LabelledBatch {
  const packed = {
    number: 0,
    ids: Uint32Array.from({ length: tokens }, (_, t) => integer(vocabulary, 1, t)),
    positions: Uint32Array.from({ length: tokens }, (_, t) => t),
    cuSeqlens: Uint32Array.of(0, tokens),
  };
  return task === 'clm' ? labelNext(packed) : maskWords(packed, { seed: 1, rate: 0.3, maskId: 4 });
}
