/** The work of a request as kernels and runs: counted before it starts, for the estimate, and while it runs, for the progress. */
import type { Gpu } from '../gpu/device.ts';
import type { Run } from '../gpu/run.ts';
import type { Cost } from '../gpu/step.ts';
import type { Costed } from '../runtime/graph.ts';
import type { Pace } from '../runtime/pace.ts';
import type { ScorePass, TrunkPass } from './passes.ts';
import type { Plans } from './plans.ts';
import type { VectorTail } from './sentence/vectors.ts';

/** Kernels, and the numbers of their run. */
interface Work {
  kernels: readonly Costed[];
  run: Run;
}

/** What a request will compute, and the time and memory that it will take. */
export interface RequestCost {
  flops: number;
  bytes: number;
  /** null before anything was measured. */
  ms: number | null;
  /** GPU bytes of everything but the weights, once the request runs. */
  activationBytes: number;
}

/** The work of masked predictions. */
export function scoreWork(plans: Plans, passes: readonly ScorePass[]): Work[] {
  return passes.flatMap(({ batch, run, heads }) => [
    { kernels: plans.trunkCosts(batch.tokens), run },
    ...heads.map(h => ({ kernels: plans.headCosts(h.mode, h.packed.length), run: h.run })),
  ]);
}

/** The work of vectors. */
export function vectorWork(plans: Plans, passes: readonly TrunkPass[], tail: VectorTail): Work[] {
  const last = plans.vectorCosts(tail);
  return passes.map(({ batch, run }) => ({ kernels: [...plans.trunkCosts(batch.tokens), ...last], run }));
}

/** `growth`: bytes by which the buffers would change. */
export function costOf({ gpu, pace }: { gpu: Gpu; pace: Pace }, work: readonly Work[], growth: number): RequestCost {
  const { flops, bytes } = sumOf(work);
  const ms = work.reduce((sum, { kernels, run }) => sum + pace.estimateMs(kernels, run), 0);
  return { flops, bytes, ms: pace.isMeasured ? ms : null, activationBytes: gpu.memory.report.activations + growth };
}

/** For the progress: a function that is told of flops that are done, and says how many texts that is. */
export function textsDone(
  work: () => readonly Work[],
  texts: number,
  onText?: (done: number, total: number) => void,
): ((flops: number) => void) | undefined {
  if (!onText) return undefined;
  const all = sumOf(work()).flops;
  let done = 0;
  return flops => {
    done += flops;
    onText(Math.min(texts, (texts * done) / all), texts);
  };
}

function sumOf(work: readonly Work[]): Cost {
  const sum = { flops: 0, bytes: 0 };
  for (const { kernels, run } of work) {
    for (const kernel of kernels) {
      const { flops, bytes } = kernel.cost(run);
      sum.flops += flops;
      sum.bytes += bytes;
    }
  }
  return sum;
}
