import { type BenchReport, runBench } from '../inference/bench.ts';
import { type BenchShape, benchShapes } from '../model/shapes.ts';
import { dtypes } from '../options/tables.ts';
import { UsageError } from './args.ts';
import { kernelTable } from './bench-kernels.ts';
import { type Command, type Context, precisionOptions } from './command.ts';
import { bytes, printable, table } from './format.ts';
import { forcedVariants } from './variants.ts';

const storages = ['f32', 'f16'] as const;
const defaultTokens = [16, 64, 128, 512];
const defaultRuns = 5;

/** Options that belong to one of the two forms alone. */
const ofModels = ['shape', 'dtype', 'tokens', 'runs'] as const;

export const bench: Command = {
  name: 'bench',
  summary: "Time this adapter on a model's shape with random weights, or kernel by kernel",
  usage: '[options]  |  --kernels [options]  |  --train [options]',
  options: {
    shape: { value: 'SHAPE', help: `${Object.keys(benchShapes).join(', ')}; default base` },
    dtype: { ...precisionOptions.dtype, help: 'weights on the GPU: f32, f16, q8, q4; default q4' },
    storage: { ...precisionOptions.storage, help: 'activations on the GPU: f32, f16; default f32' },
    tokens: { value: 'N,N', help: `lengths to time; default ${defaultTokens.join(',')}` },
    runs: { value: 'N', help: `runs of each length after its first; default ${defaultRuns}` },
    train: { help: 'time a training step, and each of its kernels' },
    task: { value: 'TASK', help: 'with --train: clm or mlm; default mlm' },
    python: { value: 'PROGRAM', help: 'with --train: time the same step in PyTorch too, in this Python with torch and transformers' },
    kernels: { help: 'time each kernel by itself, at sizes of real models' },
    kernel: { value: 'NAME,…', help: 'with --kernels: only these, such as matmul or topk', multiple: true },
    variants: {
      value: 'K=V,…',
      help: 'variants of kernels to use, such as matmul=tile; with --kernels: all, default, or names such as tile,rows; default default',
      multiple: true,
    },
    json: { help: 'JSON' },
  },
  notes: [
    'Each run is one masked prediction, its five best words read back. "first" is the first run at that length, compiling',
    'included; the fraction is of the adapter\'s own multiply-add peak, measured just before. "expected" and GPU memory (beside the',
    'weights) are what the cost model said before any run at that length.',
    '',
    'With --kernels every kernel is checked against its reference, then timed. "of limit" holds its time against what the',
    "adapter's peaks allow: all multiply-adds at the peak of a kernel that does nothing else, or all bytes (each tensor counted",
    'once) at the speed of a copy of 64 MiB, whichever takes longer. What lies in a cache may be faster than that copy.',
    '',
    'With --train and several lengths, the end says how the time grows with the tokens: 1 is in proportion.',
  ],
  examples: [
    'affinage bench',
    'affinage bench --shape large --dtype q4 --tokens 64,128 --json',
    'affinage bench --kernels --kernel matmul,attention --variants all',
    'affinage bench --train --shape mini --tokens 512,2048 --python python3',
  ],

  async run(context) {
    const { args, io, env, signal } = context;
    if (args.texts.length > 0) throw new UsageError(`bench takes no text, but "${args.texts[0]}" was given`);
    if (args.flag('train') && args.flag('kernels')) throw new UsageError('give one of --train and --kernels');
    if (args.flag('train')) return timeTraining(context);
    for (const name of ['task', 'python']) if (args.text(name) !== undefined) throw new UsageError(`--${name} belongs to --train`);
    if (args.flag('kernels')) return timeKernels(context);
    if (args.list('kernel')) throw new UsageError('--kernel belongs to --kernels');
    const shape = args.choice('shape', Object.keys(benchShapes) as BenchShape[]) ?? 'base';
    const tokens = (args.list('tokens') ?? []).map(text => {
      const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
      if (!(value >= 2)) throw new UsageError(`--tokens takes whole numbers from 2, separated by commas, not "${text}"`);
      return value;
    });
    const variants = forcedVariants(args);
    io.status(`${shape}: making random weights …`);
    const report = await runBench(env, {
      shape,
      dtype: args.choice('dtype', dtypes) ?? 'q4',
      storage: args.choice('storage', storages) ?? 'f32',
      variants,
      tokens: tokens.length > 0 ? tokens : defaultTokens,
      runs: args.integer('runs', 1) ?? defaultRuns,
      signal,
      onLength: ({ tokens: count, bestMs }) => io.status(`${shape}: ${count} tokens ${bestMs.toFixed(0)} ms …`),
    });
    io.status('');
    for (const note of report.notes) io.note(`affinage: ${printable(note)}`);
    await io.out(args.flag('json') ? `${JSON.stringify({ version: env.version, ...report })}\n` : readable(report));
  },
};

async function timeTraining(context: Context): Promise<void> {
  const { benchTraining } = await import('./bench-training.ts');
  await benchTraining(context);
}

async function timeKernels({ args, io, env, signal }: Context): Promise<void> {
  const stray = ofModels.find(name => args.text(name) !== undefined);
  if (stray) throw new UsageError(`--${stray} does not belong to --kernels: kernels are timed at sizes of their own`);
  const named = args.list('variants') ?? ['default'];
  const pair = named.find(name => name.includes('='));
  if (pair) throw new UsageError(`with --kernels, --variants takes all, default or names of variants, not "${pair}"`);
  const whole = named.find(name => name === 'all' || name === 'default');
  if (whole && named.length > 1) throw new UsageError(`--variants ${whole} stands alone`);
  const storage = args.choice('storage', storages) ?? 'f32';
  // Imported here, so that the other commands do not load the kernels' cases and references.
  const { benchKernels } = await import('../verify/bench-kernels.ts');
  const report = await benchKernels(env, {
    kernels: args.list('kernel'),
    variants: whole === 'all' || whole === 'default' ? whole : named,
    storage,
    signal,
    onKernel: (done, total, detail) => io.status(`timing ${total > 0 ? `${done} of ${total} ` : ''}${detail} …`),
  });
  io.status('');
  await io.out(args.flag('json') ? `${JSON.stringify({ version: env.version, ...report })}\n` : kernelTable(report));
}

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
      variants.map(({ task, chosen, candidates, forced }) => [
        task,
        chosen,
        forced ? 'asked for' : candidates.map(c => `${c.variant} ${c.refused ?? `${c.ms?.toFixed(2) ?? '–'} ms`}`).join(', '),
      ]),
    ),
  ].join('');
}
