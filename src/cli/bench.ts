import { type BenchReport, runBench } from '../inference/bench.ts';
import { type BenchShape, benchShapes } from '../model/shapes.ts';
import { dtypes } from '../options/tables.ts';
import { UsageError } from './args.ts';
import { type Command, precisionOptions } from './command.ts';
import { bytes, table } from './format.ts';

const defaultTokens = [16, 64, 128, 512];
const defaultRuns = 5;

export const bench: Command = {
  name: 'bench',
  summary: "Time this adapter on a model's shape with random weights",
  usage: '[options]',
  options: {
    shape: { value: 'SHAPE', help: `${Object.keys(benchShapes).join(', ')}; default base` },
    dtype: { ...precisionOptions.dtype, help: 'weights on the GPU: f32, f16, q8, q4; default q4' },
    storage: { ...precisionOptions.storage, help: 'activations on the GPU: f32, f16; default f32' },
    tokens: { value: 'N,N', help: `lengths to time; default ${defaultTokens.join(',')}` },
    runs: { value: 'N', help: `runs of each length after its first; default ${defaultRuns}` },
    json: { help: 'JSON' },
  },
  notes: [
    'Each run is one masked prediction, its five best words read back. "first" is the first run at that length, compiling',
    'included; the fraction is of the adapter\'s own multiply-add peak, measured just before. "expected" and GPU memory (beside the',
    'weights) are what the cost model said before any run at that length.',
  ],
  examples: ['affinage bench', 'affinage bench --shape large --dtype q4 --tokens 64,128 --json'],

  async run({ args, io, env, signal }) {
    const shape = args.choice('shape', Object.keys(benchShapes) as BenchShape[]) ?? 'base';
    const tokens = (args.list('tokens') ?? []).map(text => {
      const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
      if (!(value >= 2)) throw new UsageError(`--tokens takes whole numbers from 2, separated by commas, not "${text}"`);
      return value;
    });
    io.status(`${shape}: making random weights …`);
    const report = await runBench(env, {
      shape,
      dtype: args.choice('dtype', dtypes) ?? 'q4',
      storage: args.choice('storage', ['f32', 'f16'] as const) ?? 'f32',
      tokens: tokens.length > 0 ? tokens : defaultTokens,
      runs: args.integer('runs', 1) ?? defaultRuns,
      signal,
      onLength: ({ tokens: count, bestMs }) => io.status(`${shape}: ${count} tokens ${bestMs.toFixed(0)} ms …`),
    });
    io.status('');
    await io.out(args.flag('json') ? `${JSON.stringify({ version: env.version, ...report })}\n` : readable(report));
  },
};

function readable(report: BenchReport): string {
  const { adapter, shape, dtype, storage, peak, gpuBytes, lengths, readyMs, firstAnswerMs, variants } = report;
  return [
    `${shape}, weights ${dtype}, activations ${storage}, on ${adapter}\n`,
    `multiply-add peak of this adapter: ${peak.gflops.toFixed(1)} GFLOP/s; GPU memory ${bytes(gpuBytes.weights)} weights, ${bytes(gpuBytes.activations)} activations\n`,
    `choosing variants and compiling ${readyMs.toFixed(0)} ms; first answer after ${firstAnswerMs.toFixed(0)} ms\n\n`,
    table([
      [
        'tokens',
        'expected ms',
        'first ms',
        'median ms',
        'best ms',
        'GFLOP/s',
        'of peak',
        'GB/s',
        'dispatches',
        'submits',
        'longest ms',
        'GPU memory',
      ],
      ...lengths.map(l => [
        String(l.tokens),
        l.expectedMs?.toFixed(0) ?? '–',
        l.firstMs.toFixed(0),
        l.medianMs.toFixed(0),
        l.bestMs.toFixed(0),
        l.gflops.toFixed(1),
        `${(100 * l.fractionOfPeak).toFixed(0)} %`,
        l.gigabytesPerSecond.toFixed(2),
        l.dispatches.toFixed(0),
        l.submits.toFixed(0),
        l.longestSubmitMs.toFixed(0),
        bytes(l.activationBytes),
      ]),
    ]),
    '\n',
    table(
      variants.map(({ task, chosen, candidates }) => [
        task,
        chosen,
        candidates.map(c => `${c.variant} ${c.refused ?? `${c.ms?.toFixed(2) ?? '–'} ms`}`).join(', '),
      ]),
    ),
  ].join('');
}
