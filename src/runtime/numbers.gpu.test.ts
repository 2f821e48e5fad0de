/** A kernel's own numbers on a real adapter: types, structs side by side in one submit, windows, more numbers than slots. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { RunSlots, runSlots } from '../gpu/run.ts';
import { Staging } from '../gpu/staging.ts';
import { defineKernel, encodeStep, type Kernel, makeStep } from '../gpu/step.ts';
import { testGpu } from '../testing/gpu.ts';
import { Runner } from './runner.ts';

let gpu: Gpu;
let y: GPUBuffer;
const length = 256;
beforeAll(async () => {
  gpu = await testGpu();
  y = gpu.memory.storage('activations', 'y', 4 * length);
});
afterAll(() => gpu.destroy());

const shader = (struct: string, body: string) => `
struct Run { ${struct} }
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<uniform> run: Run;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) wid: vec3u) { ${body} }
`;
const bindings = ['write', 'uniform'] as const;
const cost = () => ({ flops: 1, bytes: 4 });

/** y[i] += scale, for the `rows` first i; one workgroup each. */
const addScaled = defineKernel({
  label: 'add',
  code: shader('scale: f32, rows: u32, first_group: u32', 'let i = wid.x + run.first_group; if (i < run.rows) { y[i] += run.scale; }'),
  bindings,
  numbers: { scale: 'f32', rows: 'u32', firstGroup: 'u32' },
  grid: run => [run.rows, 1, 1],
  rowAxis: 0,
  cost,
});

/** y[i + shift] = y[i + shift] · 2 + i, for i below `tokens`: another struct, in another order. */
const doubled = defineKernel({
  label: 'double',
  code: shader(
    'first_group: u32, shift: u32, tokens: u32',
    'let i = wid.y + run.first_group; if (i < run.tokens) { y[i + run.shift] = y[i + run.shift] * 2.0 + f32(i); }',
  ),
  bindings,
  numbers: { firstGroup: 'u32', shift: 'u32', tokens: 'u32' },
  grid: run => [1, run.tokens, 1],
  rowAxis: 1,
  cost,
});

/** y[at] += value. */
const addOne = (at: number): Kernel =>
  defineKernel({
    label: `add at ${at}`,
    code: shader('at: u32, value: f32', 'y[run.at] += run.value;'),
    bindings,
    numbers: { at: 'u32', value: 'f32' },
    from: { at, value: at / 4 },
    grid: () => [1, 1, 1],
    cost,
  });

const stepOf = (kernel: Kernel) => gpu.checked(kernel.label, () => makeStep(gpu, kernel, [y]));

function clear(): void {
  gpu.device.queue.writeBuffer(y, 0, new Float32Array(length));
}

async function read(): Promise<number[]> {
  const staging = new Staging(gpu);
  await staging.reserve(4 * length);
  const encoder = gpu.device.createCommandEncoder();
  staging.copy(encoder, y, 4 * length, 0);
  gpu.device.queue.submit([encoder.finish()]);
  return [...new Float32Array(await staging.read(4 * length))];
}

test('an f32 reaches the shader bit by bit', async () => {
  const runner = new Runner(gpu);
  const add = await stepOf(addScaled);
  for (const scale of [0.1, -1e-30, 3.4028234663852886e38]) {
    clear();
    await runner.run([add], { scale, rows: 5 });
    expect(await read()).toEqual(Array.from({ length }, (_, i) => (i < 5 ? Math.fround(scale) : 0)));
  }
});

test('two kernels with different structs in one submit, parted in windows, whole, and parted again', async () => {
  const [add, double] = [await stepOf(addScaled), await stepOf(doubled)];
  const run = { scale: 1.5, rows: 100, shift: 10, tokens: 70 };
  const slots = new RunSlots(gpu.device, gpu.run);
  clear();
  const encoder = gpu.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const windows = (groups: number, size: number) =>
    Array.from({ length: Math.ceil(groups / size) }, (_, i) => ({ first: i * size, count: Math.min(size, groups - i * size) }));
  for (const window of windows(run.rows, 33)) encodeStep(pass, add, run, slots.place(add, run, window.first)!, window);
  encodeStep(pass, double, run, slots.place(double, run)!);
  encodeStep(pass, add, run, slots.place(add, run)!);
  for (const window of windows(run.tokens, 9)) encodeStep(pass, double, run, slots.place(double, run, window.first)!, window);
  pass.end();
  slots.send();
  gpu.device.queue.submit([encoder.finish()]);
  const expected = Array.from({ length }, (_, i) => {
    const added = i < run.rows ? run.scale : 0;
    const k = i - run.shift;
    const double = (v: number) => (k >= 0 && k < run.tokens ? 2 * v + k : v);
    return double(double(added) + added);
  });
  expect(await read()).toEqual(expected);
});

test('more numbers than slots: several submits, every step with its own', async () => {
  const runner = new Runner(gpu);
  const steps = await Promise.all(Array.from({ length: 200 }, (_, i) => stepOf(addOne(i))));
  clear();
  // Twice over, so that a slot which kept old numbers would show.
  await runner.run([...steps, ...steps.toReversed()], {});
  expect(runner.counters.submits).toBeGreaterThan(400 / runSlots);
  expect(runner.counters.dispatches).toBe(400);
  expect(await read()).toEqual(Array.from({ length }, (_, i) => (i < 200 ? i / 2 : 0)));
});
