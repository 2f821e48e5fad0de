/** `affinage bench --train`. */
import { peakGflops } from '../inference/peaks.ts';
import { type BenchShape, benchShapes } from '../model/shapes.ts';
import { benchTrainer, growthExponent, type TrainingBench } from '../training/bench.ts';
import type { StorageType } from '../types.ts';
import { UsageError } from './args.ts';
import type { Context } from './command.ts';
import { bytes, table } from './format.ts';
import { type TorchStep, torchStep } from './torch-step.ts';

const defaultTokens = 512;

type Report = TrainingBench & { shape: string; task: string; storage: StorageType; peakGflops: number; pytorch: TorchStep | null };

export async function benchTraining({ args, io, env, signal }: Context): Promise<void> {
  const stray = ['dtype', 'variants', 'kernel'].find(name => args.text(name) !== undefined || args.list(name) !== undefined);
  if (stray) throw new UsageError(`--${stray} does not belong to --train`);
  const shape = args.choice('shape', Object.keys(benchShapes) as BenchShape[]) ?? 'mini';
  const task = args.choice('task', ['clm', 'mlm'] as const) ?? 'mlm';
  const storage = args.choice('storage', ['f32', 'f16'] as const) ?? 'f32';
  const python = args.text('python');
  if (python !== undefined && task !== 'mlm') throw new UsageError('--python times masked words in PyTorch, so it needs --task mlm');
  const lengths = (args.list('tokens') ?? [String(defaultTokens)]).map(text => {
    const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (!(value >= 8)) throw new UsageError(`--tokens takes whole numbers from 8, separated by commas, not "${text}"`);
    return value;
  });
  const runs = args.integer('runs', 1) ?? 3;
  const reports: Report[] = [];
  for (const tokens of lengths) {
    io.status(`${shape}: ${tokens} tokens …`);
    let peak = 0;
    const report = await benchTrainer(
      { gpu: await env.gpu(), whileWaiting: env.whileWaiting, shape, task, storage, tokens, runs, signal },
      async ({ gpu }) => {
        peak = await peakGflops(gpu);
      },
    );
    if (python !== undefined) io.status(`${shape}: ${tokens} tokens in PyTorch …`);
    const pytorch = python === undefined ? null : await torchStep(python, { shape, tokens, runs, signal });
    io.status('');
    const whole = { version: env.version, shape, task, storage, peakGflops: peak, ...report, pytorch };
    reports.push(whole);
    await io.out(args.flag('json') ? `${JSON.stringify(whole)}\n` : readable(whole));
  }
  if (!args.flag('json') && new Set(lengths).size > 1) await io.out(growth(reports));
}

/** How the time of a step and of its kernels grows from length to length. */
function growth(reports: readonly Report[]): string {
  const exponent = (ms: (report: Report) => number | undefined) =>
    growthExponent(reports.map(report => ({ tokens: report.tokens, ms: ms(report) ?? Number.NaN }))).toFixed(2);
  const kernels = reports[0]!.kernels.filter(({ part }) => part !== 'optimizer');
  return [
    `time grows with tokens to the power of ${exponent(({ stepMs }) => stepMs)} (a step), ${exponent(({ forwardMs }) => forwardMs)} (forward alone)\n\n`,
    table([
      ['kernel', 'part', 'power'],
      ...kernels.map(({ kernel, part }) => [
        ...[kernel, part],
        exponent(report => report.kernels.find(k => k.kernel === kernel && k.part === part)?.ms),
      ]),
    ]),
    '\n',
  ].join('');
}

function readable(report: Report): string {
  const { shape, task, storage, pytorch, tokens, adapter, stepMs, forwardMs, flops, gpuBytes, kernels, peakGflops: peak } = report;
  const gflops = flops / stepMs / 1e6;
  const sum = kernels.reduce((total, { ms }) => total + ms, 0);
  return [
    `${shape}, ${task}, ${tokens} tokens a step, ${storage}, on ${adapter}\n`,
    `a step ${stepMs.toFixed(0)} ms, ${((1000 * tokens) / stepMs).toFixed(0)} tokens/s, ${gflops.toFixed(1)} GFLOP/s (${((100 * gflops) / peak).toFixed(0)} % of ${peak.toFixed(1)}); `,
    `forward alone ${forwardMs.toFixed(0)} ms, a step is ${(stepMs / forwardMs).toFixed(2)} times that; GPU memory ${bytes(gpuBytes)}\n`,
    ...(pytorch ? [beside(pytorch, stepMs)] : []),
    '\n',
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

function beside({ torch, transformers, threads, stepMs, forwardMs }: TorchStep, ourMs: number): string {
  const times = (stepMs / forwardMs).toFixed(2);
  return `PyTorch ${torch}, transformers ${transformers}, ${threads} threads, f32: a step ${stepMs.toFixed(0)} ms, ${times} times its forward; ours takes ${(ourMs / stepMs).toFixed(1)} times as long\n`;
}
