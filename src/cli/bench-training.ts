/** `affinage bench --train`. */
import { peakGflops } from '../inference/peaks.ts';
import { type BenchShape, benchShapes } from '../model/shapes.ts';
import { benchTrainer, type TrainingBench } from '../training/bench.ts';
import { UsageError } from './args.ts';
import type { Context } from './command.ts';
import { bytes, table } from './format.ts';

const defaultTokens = 512;

export async function benchTraining({ args, io, env, signal }: Context): Promise<void> {
  const stray = ['dtype', 'storage', 'variants', 'kernel'].find(name => args.text(name) !== undefined || args.list(name) !== undefined);
  if (stray) throw new UsageError(`--${stray} does not belong to --train`);
  const shape = args.choice('shape', Object.keys(benchShapes) as BenchShape[]) ?? 'mini';
  const task = args.choice('task', ['clm', 'mlm'] as const) ?? 'mlm';
  const lengths = (args.list('tokens') ?? [String(defaultTokens)]).map(text => {
    const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (!(value >= 8)) throw new UsageError(`--tokens takes whole numbers from 8, separated by commas, not "${text}"`);
    return value;
  });
  const runs = args.integer('runs', 1) ?? 3;
  for (const tokens of lengths) {
    io.status(`${shape}: ${tokens} tokens …`);
    let peak = 0;
    const report = await benchTrainer(
      { gpu: await env.gpu(), whileWaiting: env.whileWaiting, shape, task, tokens, runs, signal },
      async ({ gpu }) => {
        peak = await peakGflops(gpu);
      },
    );
    io.status('');
    const whole = { version: env.version, shape, task, peakGflops: peak, ...report };
    await io.out(args.flag('json') ? `${JSON.stringify(whole)}\n` : readable(whole));
  }
}

function readable(report: TrainingBench & { shape: string; task: string; peakGflops: number }): string {
  const { shape, task, tokens, adapter, stepMs, forwardMs, flops, gpuBytes, kernels, peakGflops: peak } = report;
  const gflops = flops / stepMs / 1e6;
  const sum = kernels.reduce((total, { ms }) => total + ms, 0);
  return [
    `${shape}, ${task}, ${tokens} tokens a step, f32, on ${adapter}\n`,
    `a step ${stepMs.toFixed(0)} ms, ${((1000 * tokens) / stepMs).toFixed(0)} tokens/s, ${gflops.toFixed(1)} GFLOP/s (${((100 * gflops) / peak).toFixed(0)} % of ${peak.toFixed(1)}); `,
    `forward alone ${forwardMs.toFixed(0)} ms, a step is ${(stepMs / forwardMs).toFixed(2)} times that; GPU memory ${bytes(gpuBytes)}\n\n`,
    table([
      ['kernel', 'part', 'ms', 'share', 'runs', 'GFLOP/s', 'GB/s'],
      ...kernels.map(({ kernel, part, ms, flops: f, bytes: b, dispatches }) => [
        kernel,
        part,
        ms.toFixed(1),
        `${((100 * ms) / sum).toFixed(0)} %`,
        String(dispatches),
        (f / ms / 1e6).toFixed(1),
        (b / ms / 1e6).toFixed(1),
      ]),
    ]),
    '\n',
  ].join('');
}
