/** Run-time numbers: what a kernel declares is what its shader has, and no run gives it anything else. */
import { describe, expect, test } from 'vitest';
import { GpuError } from '../errors.ts';
import { packRun, type Run, RunSlots, runSlotBytes, runSlots } from './run.ts';
import { defineKernel, type Grid } from './step.ts';

const header = 'struct Run { rows: u32, first_row: u32, learning_rate: f32 }';
const program = { label: 'step', code: header, bindings: ['write', 'uniform'] as const };
const fixed = { grid: (): Grid => [1, 1, 1], cost: () => ({ flops: 0, bytes: 0 }) };
const kernel = defineKernel({
  ...program,
  numbers: { rows: 'u32', firstRow: 'u32', learningRate: 'f32', tiles: 'count' },
  from: { rows: 'tokens', firstRow: 3 },
  grid: run => [run.rows, run.tiles, 1],
  cost: run => ({ flops: run.rows * run.firstRow, bytes: run.learningRate }),
});
const run = { tokens: 5, learningRate: 0.5, tiles: 2, other: -1 };

const words = (given: Run, firstGroup = 0, of = kernel) => {
  const into = new Uint32Array(8);
  return [...into.subarray(0, packRun(of, given, firstGroup, into))];
};

test('grid, cost and the packed words take the declared numbers, renamed, fixed, as their types say', () => {
  expect(kernel.grid(run)).toEqual([5, 2, 1]);
  expect(kernel.cost(run)).toEqual({ flops: 15, bytes: 0.5 });
  expect(kernel.grid({ ...run, tokens: 6 })).toEqual([6, 2, 1]);
  expect(words(run)).toEqual([5, 3, 0x3f000000]);
  expect(words({ ...run, tokens: 2 ** 32 - 1, learningRate: -1e-3 })).toEqual([2 ** 32 - 1, 3, 0xba83126f]);
});

describe('a wrapper whose numbers are not those of the struct is refused', () => {
  test.each([
    ['a missing one', { rows: 'u32', firstRow: 'u32' }],
    ['one too many', { rows: 'u32', firstRow: 'u32', learningRate: 'f32', skip: 'u32' }],
    ['another order', { firstRow: 'u32', rows: 'u32', learningRate: 'f32' }],
    ['another type', { rows: 'u32', firstRow: 'u32', learningRate: 'u32' }],
    ['another name', { rows: 'u32', firstRows: 'u32', learningRate: 'f32' }],
    ['one for grid and cost alone', { rows: 'u32', firstRow: 'count', learningRate: 'f32' }],
    ['none', {}],
  ] as const)('%s', (_, numbers) => {
    const define = () => defineKernel({ ...program, numbers, ...fixed });
    expect(define).toThrow(GpuError);
    expect(define).toThrow(
      /Kernel step: struct Run of its shader has \{ rows: u32, first_row: u32, learning_rate: f32 \}.* bug of affinage/,
    );
  });

  test('a struct over several lines with comments is read; a kernel without one declares nothing', () => {
    const code = 'struct Run {\n  rows: u32, // of x: all\n  first_row: u32,\n}\n';
    expect(defineKernel({ ...program, code, numbers: { rows: 'u32', firstRow: 'u32' }, ...fixed }).numbers).toHaveLength(2);
    expect(() => defineKernel({ ...program, code: '', numbers: { rows: 'u32' }, ...fixed })).toThrow(
      /has nothing, its wrapper .* rows: u32/,
    );
    expect(defineKernel({ ...program, code: '', bindings: ['write'], numbers: { rows: 'count' }, ...fixed }).grid({ rows: 1 })).toEqual([
      1, 1, 1,
    ]);
  });

  test('windows need a row axis and first_group both', () => {
    const code = 'struct Run { first_group: u32 }';
    expect(() => defineKernel({ ...program, code, numbers: { firstGroup: 'u32' }, ...fixed })).toThrow(/rowAxis/);
    expect(() => defineKernel({ ...program, code: '', numbers: {}, rowAxis: 0, ...fixed })).toThrow(/rowAxis/);
    const able = defineKernel({ ...program, code, numbers: { firstGroup: 'u32' }, rowAxis: 0, ...fixed });
    expect(words({}, 9, able)).toEqual([9]);
  });
});

test.each<[string, Record<string, number | undefined>, RegExp]>([
  ['a missing number', { tokens: undefined }, /Kernel step: the run gives no value for rows, which is the run's tokens; expected a whole/],
  ['a fraction for a u32', { tokens: 2.5 }, /the run gives 2.5 for rows/],
  ['a negative u32', { tokens: -1 }, /the run gives -1 for rows/],
  ['a u32 too large', { tokens: 2 ** 32 }, /the run gives 4294967296 for rows/],
  ['NaN for a u32', { tokens: Number.NaN }, /the run gives NaN for rows/],
  ['NaN for an f32', { learningRate: Number.NaN }, /the run gives NaN for learningRate; expected a finite number/],
  ['an infinite f32', { learningRate: Number.NEGATIVE_INFINITY }, /the run gives -Infinity for learningRate/],
  ['a number beyond f32', { learningRate: 1e39 }, /the run gives 1e\+39 for learningRate/],
  ['a missing f32', { learningRate: undefined }, /the run gives no value for learningRate/],
])('%s is refused by name, by grid and cost and by packing', (_, change, message) => {
  const unfit = { ...run, ...change } as Run;
  for (const use of [() => kernel.grid(unfit), () => kernel.cost(unfit), () => words(unfit)]) {
    expect(use).toThrow(GpuError);
    expect(use).toThrow(message);
  }
});

test('a number for grid and cost alone is checked there', () => {
  for (const tiles of [undefined, 1.5]) expect(() => kernel.grid({ ...run, tiles } as Run)).toThrow(/for tiles/);
});

/** A buffer that keeps what was written to it. */
function fakeSlots() {
  const written: Uint32Array[] = [];
  const queue = { writeBuffer: (_: unknown, at: number, data: Uint32Array) => written.push(data.slice(at)) };
  return { slots: new RunSlots({ queue } as unknown as GPUDevice, {} as GPUBuffer), written };
}

describe('slots', () => {
  const numbered = (from: number, more = false) => ({
    label: `n${from}`,
    numbers: [{ name: 'at', type: 'u32' as const, from }, ...(more ? [{ name: 'rows', type: 'u32' as const, from: 'rows' }] : [])],
  });

  test('equal numbers share a slot, whatever the kernel; windows have their own', () => {
    const { slots, written } = fakeSlots();
    const parted = { label: 'parted', numbers: ['tokens', 'firstGroup'].map(name => ({ name, type: 'u32' as const, from: name })) };
    expect(slots.place(kernel, run)).toBe(0);
    expect(slots.place(parted, run)).toBe(1);
    expect(slots.place(parted, run, 4)).toBe(2);
    expect(slots.place({ ...kernel, label: 'another' }, { ...run, other: 8 })).toBe(0);
    expect(slots.place(numbered(5), {})).toBe(0);
    expect(slots.place(parted, { ...run, tokens: 6 }, 3)).toBe(3);
    slots.send();
    const slotWords = runSlotBytes / 4;
    expect(written.map(w => w.length)).toEqual([4 * slotWords]);
    expect([0, 1, 2, 3].map(slot => [...written[0]!.subarray(slot * slotWords, slot * slotWords + 3)])).toEqual([
      [5, 3, 0x3f000000],
      [5, 0, 0],
      [5, 4, 0],
      [6, 3, 0],
    ]);
  });

  test('full slots say so; after sending they begin anew, with nothing left of before', () => {
    const { slots, written } = fakeSlots();
    for (let i = 0; i < runSlots; i++) expect(slots.place(numbered(i, true), { rows: i + 1 })).toBe(i);
    expect(slots.place(numbered(99), {})).toBe(null);
    expect(slots.place(numbered(7, true), { rows: 8 })).toBe(7);
    slots.send();
    expect(slots.place(numbered(99), {})).toBe(0);
    slots.send();
    slots.send();
    expect(written.map(w => w.length)).toEqual([runSlots * 64, 64]);
    expect([...written[1]!]).toEqual([99, ...Array(63).fill(0)]);
  });
});
