import { expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import type { Environment } from '../inference/environment.ts';
import { benchKernels, type KernelBenchRow } from '../verify/bench-kernels.ts';
import { kernelTable } from './bench-kernels.ts';

const row = (changes: Partial<KernelBenchRow>): KernelBenchRow => ({
  kernel: 'matmul',
  variant: 'tile-small',
  case: '1×1024→32768 q4 store out f32 activation none firstColumn 0 rowStride 32768 of rows',
  flops: 2e9,
  bytes: 2e6,
  ms: 10,
  gflops: 200,
  gigabytesPerSecond: 0.2,
  limitMs: 5,
  ofLimit: 0.5,
  ...changes,
});

it('the table is aligned within 100 columns and tells what was refused', () => {
  const text = kernelTable({
    adapter: 'some GPU',
    storage: 'f16',
    peaks: { gflops: 400, gigabytesPerSecond: 123.4 },
    rows: [
      row({}),
      row({ kernel: 'convert', variant: 'plain', case: 'to elem 128×1024', flops: 0, gflops: 0 }),
      row({
        variant: 'tile',
        case: '64×64',
        ms: null,
        gflops: null,
        gigabytesPerSecond: null,
        ofLimit: null,
        refused: 'wrong numbers in y',
      }),
    ],
  });
  expect(text).toBe(`activations f16, on some GPU
peaks: 400.0 GFLOP/s multiply-adds, 123.4 GB/s copying

  kernel             case                                             ms  GFLOP/s   GB/s  of limit
  matmul.tile-small  1×1024→32768 q4 store out f32 activation …     10.0      200  0.200      50 %
  convert            to elem 128×1024                               10.0        –  0.200      50 %
  matmul.tile        64×64                                       refused        –      –         –
REFUSED matmul.tile, 64×64: wrong numbers in y
`);
});

it.each([
  [
    { kernels: ['matmull'], variants: 'all' as const },
    /no kernel "matmull" to time\. There are (?!.*attention-tile).*attention, .*attention-dq, .*matmul, .*topk/,
  ],
  [{ kernels: ['topk'], variants: ['tile'] }, /no variant "tile" of these kernels\. There are select, tournament\./],
])('%j is refused before a GPU is asked for', async (options, message) => {
  const env = { gpu: () => Promise.reject(new Error('not needed')) } as unknown as Environment;
  const bench = benchKernels(env, { storage: 'f32', ...options });
  await expect(bench).rejects.toThrow(InputError);
  await expect(bench).rejects.toThrow(message);
});
