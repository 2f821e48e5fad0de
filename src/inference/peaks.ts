/** The most that an adapter can do, measured with kernels made for it. The benches compare all other kernels with these peaks. */
import type { Gpu } from '../gpu/device.ts';
import type { Run } from '../gpu/run.ts';
import { type BufferPart, type Kernel, makeStep } from '../gpu/step.ts';
import { GpuTimer } from '../gpu/timing.ts';
import { convert } from '../kernels/convert.ts';
import { fmaPeak, fmaPeakThreads } from '../kernels/fma-peak.ts';
import { TrialBench } from '../runtime/tune/tune-trial.ts';

/** Size of each buffer of the copy: larger than the caches of most adapters, and half of the largest binding that all of them have. */
const copiedBytes = 64 * 2 ** 20;

/** Multiply-adds a second, in registers. */
export async function peakGflops(gpu: Gpu): Promise<number> {
  const run = { workgroups: gpu.profile.software ? 64 : 4096 };
  const kernel = fmaPeak(1024);
  const ms = await bestMs(gpu, kernel, run, bench => [
    bench.storage('factor', 8, new Uint8Array(Float32Array.of(1, 1).buffer)),
    bench.storage('y', 4 * run.workgroups * fmaPeakThreads),
  ]);
  return kernel.cost(run).flops / ms / 1e6;
}

/** Bytes a second between kernels and memory, read and written together: a copy of a big buffer. */
export async function peakGigabytesPerSecond(gpu: Gpu): Promise<number> {
  const width = 1024;
  const run = { tokens: copiedBytes / (4 * width) };
  const kernel = convert({ from: 'f32', to: 'f32', width });
  const ms = await bestMs(gpu, kernel, run, bench => [bench.storage('source', copiedBytes), bench.storage('copy', copiedBytes)]);
  return kernel.cost(run).bytes / ms / 1e6;
}

/** Best of five. */
async function bestMs(gpu: Gpu, kernel: Kernel, run: Run, buffers: (bench: TrialBench) => BufferPart[]): Promise<number> {
  const bench = new TrialBench(gpu);
  const timer = new GpuTimer(gpu);
  try {
    const step = await gpu.checked(kernel.label, () => makeStep(gpu, kernel, buffers(bench)));
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 5; i++) best = Math.min(best, await bench.timeOnce(timer, [step], run));
    return best;
  } finally {
    timer.dispose();
    bench.dispose();
  }
}
