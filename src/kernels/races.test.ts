/**
 * Data races inside a workgroup: every kernel that uses workgroup memory, run in lockstep on the CPU by wgsl_reflect's race detector.
 * It sees the first workgroup, with f32 storage and without subgroups; it proves nothing of the numbers. Each kernel must show no race
 * as it stands, and kernels of each kind must show one as soon as any of their barriers is taken out: a detector that sees nothing fails too.
 */
import { beforeAll, expect, test, vi } from 'vitest';
import { detectRaces } from 'wgsl_reflect/wgsl_reflect.module.js';
import { packRun, runSlotBytes } from '../gpu/run.ts';
import { allCases } from './all.cases.ts';
import { type AttentionVariant, attention, attentionTileRows, attentionTiles } from './attention.ts';
import { type AttentionBackVariant, attentionBackTileRows, attentionDkv, attentionDq } from './attention-back.ts';
import type { CaseContext, CaseInstance } from './checking/cases.ts';
import { randomNormal, seededRandom } from './checking/random.ts';

const barrier = 'workgroupBarrier();';

/** A case of each kernel that is small for an interpreter and yet enters the loops; a kernel not named here takes its first case. */
const smallCases: Record<string, string | RegExp> = {
  layernorm: '17×96 bias eps 0.001',
  'layernorm-backward': '17×96 bias added eps 0.5',
  'column-sum': '37 rows, 68 columns from 100 of 200',
  embed: '17 of 53×96 f32 eps 0.00001',
  normalize: '17×96 size 300',
  pool: 'cls 5+1+9 ×1028 normalised',
  'matmul-rows': '5×96→66 f16 residual',
  'matmul-tile': /^[58]×96→66 |^67×160→130 q4 geglu/, // its variants share out the cases
  'softmax-stats': '3×5 random from row 2',
  'target-scores': '12 pairs of 3×5 random from row 2 from pair 9',
  'attention-dots': '37 of 3×64',
  'topk-select': '5 of 3×5 random from row 2',
  'topk-tournament': '5 of 3×5 random from row 2',
};

/** Kernels (and variants) whose every barrier is taken out in turn. The others share their includes or have barriers that a small case does not need. */
const mutated = new Set([
  'attention-tile tile',
  'attention-quad quad',
  'attention-dq tile',
  'attention-dkv tile',
  'attention-dkv-quad quad',
  'layernorm threads',
  'layernorm-backward threads',
  'column-sum shared',
  'matmul-tile tile-small',
  'matmul-tile tile-sliced',
  'matmul-rows rows',
  'softmax-stats narrow',
  'topk-select select',
  'topk-tournament tournament',
]);

/**
 * Barriers (by kernel and variant) that prevent no race: one stands between atomic accesses alone, which are never a race (the mutation check
 * takes it out and is killed); those of attention-dq are in code of the include that only attention-dkv runs, and that of a small tile in code that only several
 * slices run.
 */
const withoutRace: Readonly<Record<string, readonly number[]>> = {
  'topk-select select': [1],
  'attention-dq tile': [5, 6],
  'matmul-tile tile-small': [2],
};

/** Of attention and its backward pass: one head of 32, and more than one block of keys. */
const attentionShape = { heads: 1, headDim: 32, window: null, storage: 'f32' } as const;
const attended = 40;
const attendedBack = 20;

/** Kernels whose cases are all too large for an interpreter. */
const attentionInstances: Readonly<Record<string, (variant: string) => Ran>> = {
  'attention-tile': variant => attentionInstance(variant as AttentionVariant),
  'attention-quad': variant => attentionInstance(variant as AttentionVariant),
  'attention-dq': variant => attentionBackInstance(attentionDq, variant as AttentionBackVariant),
  'attention-dkv': variant => attentionBackInstance(attentionDkv, variant as AttentionBackVariant),
  'attention-dq-quad': variant => attentionBackInstance(attentionDq, variant as AttentionBackVariant),
  'attention-dkv-quad': variant => attentionBackInstance(attentionDkv, variant as AttentionBackVariant),
};

// The interpreter complains of forms whose value it does not compute; memory accesses are followed all the same.
beforeAll(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

for (const { kernel, variants, cases } of allCases) {
  for (const { name: variant } of variants) {
    const pattern = smallCases[kernel] ?? /^/;
    const able = cases.filter(c => !c.variants || c.variants.includes(variant));
    const small = able.find(c => (typeof pattern === 'string' ? c.name === pattern : pattern.test(c.name))) ?? able[0]!;
    const instance = attentionInstances[kernel]?.(variant) ?? small.make(context(variant, small.name));
    const code = readable(instance.kernel.code);
    if (!code.includes('var<workgroup>')) continue;
    test(`${kernel} ${variant}: no race`, () => {
      expect(small.name).toMatch(pattern);
      expect(races(instance, code)).toEqual([]);
    });
    if (!mutated.has(`${kernel} ${variant}`)) continue;
    const barriers = code.split(barrier).length - 1;
    const orders = (index: number) => !withoutRace[`${kernel} ${variant}`]?.includes(index);
    test.each(Array.from({ length: barriers }, (_, i) => i).filter(orders))(
      `${kernel} ${variant}: a race without barrier %i of ${barriers}`,
      index => {
        let seen = 0;
        const without = code.replaceAll(barrier, found => (seen++ === index ? '' : found));
        expect(races(instance, without).length).toBeGreaterThan(0);
      },
    );
  }
}

test('every kernel that is to be mutated exists and has a barrier', () => {
  const names = allCases.flatMap(({ kernel, variants }) => variants.map(({ name }) => `${kernel} ${name}`));
  expect([...mutated].filter(name => !names.includes(name))).toEqual([]);
});

/**
 * WGSL that this interpreter takes: no subgroups, no name `block`, and a statement before a barrier that opens a body (else it misses the
 * barrier). Of workgroup memory it follows arrays alone, so a single variable becomes an array of one; it does not run `while`; and it
 * evaluates an index twice, so an index that counts is counted before.
 */
function readable(code: string): string {
  const single = /^var<workgroup> (\w+): (?!array|atomic)(\w+);/gm;
  return [...code.matchAll(single)]
    .reduce((text, [, name]) => text.replace(new RegExp(`\\b${name}\\b(?!:)`, 'g'), `${name}[0]`), code)
    .replace(single, 'var<workgroup> $1: array<$2, 1>;')
    .replace(/\bwhile \((.*?)\) \{/g, 'for (; $1; ) {')
    .replace(/(\w+)\[(atomicAdd\(.*?\))\] = /g, 'let place = $2; $1[place] = ')
    .replace(/^enable subgroups;$/m, '')
    .replace(/\s*@builtin\(subgroup_invocation_id\) subgroup_lane: u32,/, '')
    .replaceAll('subgroup_lane', 'thread')
    .replace(/quadSwap[XY]\(/g, '(')
    .replace(/quadBroadcast\((\w+), \du\)/g, '$1')
    .replace(/\bblock\b/g, 'block_')
    .replace(/\{(\s*)workgroupBarrier/g, '{$1var before = 0u; workgroupBarrier');
}

/** What of a case is run here: no answer is needed. */
type Ran = Pick<CaseInstance, 'kernel' | 'run' | 'buffers'>;

function races(instance: Ran, code: string): string[] {
  const inputs = instance.buffers.map(b => new Uint8Array(b.data.slice().buffer));
  const words = new Uint32Array(runSlotBytes / 4);
  packRun(instance.kernel, instance.run, 0, words);
  const uniform = { uniform: new Uint8Array(words.buffer) };
  const found = detectRaces(code, 'main', [1, 1, 1], { 0: Object.fromEntries([...inputs, uniform].map((b, i) => [i, b])) });
  expect(found.errors).toEqual([]);
  return found.races.map(race => race.message);
}

function context(variant: string, seed: string): CaseContext {
  const next = seededRandom(seed);
  const features = { software: true, f16: false, subgroups: true, timestamps: false };
  return {
    variant,
    storage: 'f32',
    profile: { vendor: '', architecture: '', description: '', ...features, subgroupSize: null, limits: {}, key: '' },
    round: values => new Float32Array(values),
    random: (length, scale = 1) => Float32Array.from({ length }, () => randomNormal(next) * scale),
    randomInts: (length, below) => Uint32Array.from({ length }, () => Math.floor(next() * below)),
  };
}

function attentionInstance(variant: AttentionVariant): Ran {
  const shape = { ...attentionShape, variant };
  const tiles = attentionTiles([0, attended], attentionTileRows(shape));
  return {
    kernel: attention(shape),
    run: { tokens: attended, sequences: 1, tiles: tiles.length / 4 },
    buffers: [
      { name: 'qkv', type: 'f32', kind: 'read', data: context(variant, 'attention').random(3 * attended * 32) },
      { name: 'tiles', type: 'u32', kind: 'read', data: tiles },
      { name: 'out', type: 'f32', kind: 'write', data: new Float32Array(attended * 32) },
    ],
  };
}

function attentionBackInstance(kernel: typeof attentionDq, variant: AttentionBackVariant): Ran {
  const shape = { ...attentionShape, variant };
  const tiles = attentionTiles([0, attendedBack], attentionBackTileRows(shape));
  const { random } = context(variant, 'attention backward');
  return {
    kernel: kernel(shape),
    run: { tokens: attendedBack, sequences: 1, gradTiles: tiles.length / 4 },
    buffers: [
      { name: 'qkv', type: 'f32', kind: 'read', data: random(3 * attendedBack * 32) },
      { name: 'grad', type: 'f32', kind: 'read', data: random(attendedBack * 32) },
      { name: 'lse', type: 'f32', kind: 'read', data: random(attendedBack) },
      { name: 'dots', type: 'f32', kind: 'read', data: random(attendedBack) },
      { name: 'tiles', type: 'u32', kind: 'read', data: tiles },
      { name: 'dqkv', type: 'f32', kind: 'write', data: new Float32Array(3 * attendedBack * 32) },
    ],
  };
}
