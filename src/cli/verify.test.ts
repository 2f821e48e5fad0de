import { expect, it } from 'vitest';
import { NoAdapterError } from '../errors.ts';
import type { Environment } from '../inference/environment.ts';
import { commands } from './commands.ts';
import { main } from './main.ts';

/** A machine without an adapter. */
async function affinage(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(argv, {
    commands,
    version: '9.9.9',
    signal: new AbortController().signal,
    io: {
      out: async text => {
        out += text;
      },
      note: text => {
        err += text;
      },
      status: () => {},
      stdin: async function* () {},
      stdinIsTerminal: true,
      stderrIsTerminal: false,
    },
    environment: () => ({ version: '9.9.9', gpu: () => Promise.reject(new NoAdapterError('No adapter here.')) }) as unknown as Environment,
    loadModel: () => () => Promise.reject(new Error('not for verify')),
  });
  return { code, out, err };
}

it('verify tells what is wrong, in words and in JSON, and ends with 1', async () => {
  const text = await affinage('verify', '--short');
  expect(text.code).toBe(1);
  expect(text.out).toMatch(/short form: FAILED[\s\S]*FAILED adapter: NoAdapterError: No adapter here\./);
  expect(text.err).toMatch(/did not pass \(adapter: No adapter here\.\)/);
  const json = await affinage('verify', '--json', '--without', 'shader-f16,subgroups', '--variants', 'matmul=tile');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    form: 'full',
    passed: false,
    without: ['shader-f16', 'subgroups'],
    forced: { matmul: 'tile' },
    adapter: null,
  });
});

it.each([
  [['verify', '--without', 'f16'], /--without takes shader-f16, subgroups, timestamp-query, not "f16"/],
  [['verify', '--variants', 'matmul=tille'], /matmul has no variant "tille"; did you mean tile\?/],
  [['bench', '--variants', 'matmul'], /takes KERNEL=VARIANT/],
  [['bench', 'base'], /bench takes no text, but "base" was given/],
  [['bench', '--kernel', 'matmul'], /--kernel belongs to --kernels/],
  [['bench', '--train', '--kernels'], /give one of --train and --kernels/],
  [['bench', '--python', 'python3'], /--python belongs to --train/],
  [['bench', '--kernels', '--python', 'python3'], /--python belongs to --train/],
  [['bench', '--train', '--task', 'clm', '--python', 'python3'], /so it needs --task mlm/],
  [['bench', '--kernels', '--shape', 'base'], /--shape does not belong to --kernels/],
  [['bench', '--kernels', '--variants', 'matmul=tile'], /takes all, default or names of variants, not "matmul=tile"/],
  [['bench', '--kernels', '--variants', 'tile,all'], /--variants all stands alone/],
  [['bench', '--kernels', '--storage', 'f64'], /--storage must be one of f32, f16/],
  [['evaluate', '--texts', 'none.txt', '--dtype', 'q8', '--against-dtype', 'q4', '--variants', 'x=y'], /no kernel "x"/],
  [['verify', 'word'], /takes no text/],
])('%j is refused', async (argv, message) => {
  const { code, out, err } = await affinage(...argv);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(message);
});
