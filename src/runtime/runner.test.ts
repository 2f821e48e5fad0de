/** How the runner parts work into submits, on a made-up GPU with a clock of its own: every bound is exact, no machine's load plays in. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { runNumbers, runSlotBytes, runSlots } from '../gpu/run.ts';
import type { Step } from '../gpu/step.ts';
import { Runner } from './runner.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Takes `ms` for all of its `groups`; the runner is told `flops`. */
interface Work {
  label: string;
  ms: number;
  flops: number;
  groups: number;
  /** Workgroups that were computed, by index along the row axis. */
  computed: number[];
}

interface FakePipeline {
  work: Work;
}

function fakeGpu(software: boolean) {
  const uniform = new Uint32Array((runSlotBytes / 4) * runSlots);
  const submits: number[] = [];
  let free = 0;
  const queue = {
    writeBuffer(_: unknown, at: number, data: Uint32Array) {
      uniform.set(data, at / 4);
    },
    submit([ms]: [number]) {
      submits.push(ms);
      free = Math.max(free, performance.now()) + ms;
    },
    onSubmittedWorkDone: () => new Promise<void>(resolve => setTimeout(resolve, Math.max(0, free - performance.now()))),
  };
  const createCommandEncoder = () => {
    let ms = 0;
    let work: Work;
    let first = 0;
    const pass = {
      setPipeline: (pipeline: FakePipeline) => {
        ({ work } = pipeline);
      },
      setBindGroup: (_: number, __: unknown, [offset]: [number]) => {
        first = uniform[offset / 4 + 1]!;
      },
      dispatchWorkgroups: (x: number) => {
        for (let i = 0; i < x; i++) work.computed.push(first + i);
        ms += (work.ms * x) / work.groups;
      },
      end: () => {},
    };
    return { beginComputePass: () => pass, finish: () => ms };
  };
  const gpu = {
    device: { queue, createCommandEncoder },
    profile: { software },
    throwIfFailed: () => {},
    whileAlive: <T>(work: Promise<T>) => work,
  };
  return { gpu: gpu as unknown as Gpu, submits };
}

function stepOf(work: Work): Step {
  return {
    label: work.label,
    kind: work.label === 'matmul' || work.label === 'attention' ? work.label : 'other',
    pipeline: { work } as FakePipeline as unknown as GPUComputePipeline,
    bindGroup: {} as GPUBindGroup,
    hasRun: true,
    numbers: runNumbers({ tokens: 'u32', firstGroup: 'u32' }, {}),
    rowAxis: work.label === 'norm' ? undefined : 0,
    grid: () => [work.groups, 1, 1],
    cost: () => ({ flops: work.flops, bytes: 0 }),
  };
}

/** Layers of a large model at 8192 tokens: the adapter does so many flops a ms in matmuls, and a fraction of that in attention. */
function layers(count: number, flopsPerMs: number, attentionAt: number): Work[] {
  const work = (label: string, flops: number, ms: number, groups: number): Work => ({ label, flops, ms, groups, computed: [] });
  return Array.from({ length: count }, () => [
    work('norm', 6e7, 6e7 / flopsPerMs, 8192),
    work('matmul Wqkv', 5.2e10, 5.2e10 / flopsPerMs, 512),
    work('attention', 2.7e11, 2.7e11 / flopsPerMs / attentionAt, 1024),
    work('matmul Wi', 8.8e10, 8.8e10 / flopsPerMs, 511), // windows that do not divide
  ]).flat();
}

async function runAll(runner: Runner, work: readonly Work[], signal?: AbortSignal, onWork?: (flops: number) => void): Promise<void> {
  const running = runner.run(work.map(stepOf), { tokens: 8192 }, { signal, onWork }).then(() => runner.settle());
  let isOver = false;
  running.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  while (!isOver) await vi.advanceTimersByTimeAsync(10);
  await running;
}

const adapters: [string, boolean, number, number][] = [
  ['a software adapter as guessed', true, 5e6, 1],
  ['a software adapter ten times faster', true, 5e7, 0.6],
  ['a software adapter slower than guessed', true, 3e6, 0.6],
  ['an integrated GPU, slower than guessed', false, 1e8, 0.4],
  ['a GPU', false, 5e9, 0.3],
];

describe.each(adapters)('%s', (_, software, flopsPerMs, attentionAt) => {
  test('no submit over 200 ms once the pace is known, none far over before; every workgroup once', async () => {
    const { gpu, submits } = fakeGpu(software);
    const runner = new Runner(gpu);
    const first = layers(2, flopsPerMs, attentionAt);
    await runAll(runner, first);
    // Two submits are under way before the first tells its time.
    expect(Math.max(...submits)).toBeLessThanOrEqual(420);
    const learnt = submits.length;
    const then = layers(4, flopsPerMs, attentionAt);
    await runAll(runner, then);
    expect(Math.max(...submits.slice(learnt))).toBeLessThanOrEqual(200);
    for (const { computed, groups } of [...first, ...then]) expect(computed).toEqual(Array.from({ length: groups }, (_, i) => i));
    // Not needlessly many either.
    const allMs = then.reduce((ms, w) => ms + w.ms, 0);
    expect(submits.length - learnt).toBeLessThanOrEqual(Math.ceil(allMs / 40) + 2);
    expect(runner.counters.longestSubmitMs).toBeGreaterThan(0);
    const allFlops = [...first, ...then].reduce((flops, w) => flops + w.flops, 0);
    expect(runner.counters.flops / allFlops).toBeCloseTo(1, 9);
  });

  test('work is told as it is done; an abort takes effect within two submits', async () => {
    const { gpu, submits } = fakeGpu(software);
    const runner = new Runner(gpu);
    await runAll(runner, layers(2, flopsPerMs, attentionAt));
    const told: number[] = [];
    const whole = layers(3, flopsPerMs, attentionAt);
    await runAll(runner, whole, undefined, flops => told.push(flops));
    const allFlops = whole.reduce((flops, w) => flops + w.flops, 0);
    expect(told.reduce((a, b) => a + b, 0) / allFlops).toBeCloseTo(1, 9);
    const allMs = whole.reduce((ms, w) => ms + w.ms, 0);
    expect(told.length).toBeGreaterThanOrEqual(Math.floor(allMs / 200));

    const controller = new AbortController();
    const before = submits.length;
    let atAbort = 0;
    const aborted = runAll(runner, layers(40, flopsPerMs, attentionAt), controller.signal, () => {
      if (controller.signal.aborted) return;
      atAbort = submits.length;
      controller.abort();
    });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(atAbort).toBeGreaterThan(before);
    expect(submits.length - atAbort).toBeLessThanOrEqual(2);
    const after = layers(1, flopsPerMs, attentionAt);
    await runAll(runner, after);
    for (const { computed, groups } of after) expect(computed).toEqual(Array.from({ length: groups }, (_, i) => i));
  });
});

test('a submit ends where the slots of the run buffer are all taken: each step finds its own numbers', async () => {
  const { gpu, submits } = fakeGpu(false);
  const runner = new Runner(gpu);
  const work = Array.from({ length: 2.5 * runSlots }, (): Work => ({ label: 'norm', flops: 1, ms: 0.001, groups: 1, computed: [] }));
  const steps = work.map((w, i) => ({ ...stepOf(w), numbers: runNumbers({ tokens: 'u32', at: 'u32' }, { at: 3 * i }) }));
  await runner.run(steps, { tokens: 1 });
  expect(submits).toHaveLength(3);
  expect(work.map(w => w.computed)).toEqual(work.map((_, i) => [3 * i]));
});

test('a run without a number that a step declares is refused, and the next run is whole', async () => {
  const { gpu, submits } = fakeGpu(false);
  const runner = new Runner(gpu);
  const work: Work = { label: 'norm', flops: 1, ms: 0.001, groups: 1, computed: [] };
  const steps = [stepOf(work), { ...stepOf(work), label: 'pool', numbers: runNumbers({ skip: 'u32' }, {}) }];
  await expect(runner.run(steps, { tokens: 1 })).rejects.toThrow(/Kernel pool: the run gives no value for skip/);
  expect([submits, work.computed]).toEqual([[], []]);
  await runner.run(steps, { tokens: 1, skip: 0 });
  expect(submits).toHaveLength(1);
});
