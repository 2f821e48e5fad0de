/** The run's loop with a made-up trainer: phases, rates, checkpoints, and that a stopped run goes on as if it had not been stopped. */
import { expect, test, vi } from 'vitest';
import { listedDocuments, numberedDocuments } from '../testing/document-list.ts';
import { ShuffledDocuments } from './documents.ts';
import { noScale } from './loss-scale.ts';
import type { LabelledBatch } from './masking.ts';
import { PackedBatches } from './packing.ts';
import type { Recipe } from './recipe.ts';
import { type RunOptions, type RunState, TrainingDivergedError, trainPhases } from './run.ts';

const recipe: Recipe = {
  name: 'test',
  seed: 1,
  dataSeed: 2,
  dropout: 0,
  context: 32,
  batchTokens: 32,
  stepTokens: 90,
  optimizer: { beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0, clipNorm: null },
  phases: [
    { name: 'detour', task: 'clm', tokens: 500, schedule: { kind: 'warmup-constant', peak: 1, warmupTokens: 200 } },
    { name: 'decay', task: 'mlm', tokens: 300, maskRate: 0.3, schedule: { kind: 'one-minus-sqrt', peak: 1, floor: 0.1 } },
  ],
};

interface Seen {
  task: string;
  lr: number;
  ids: number[][];
  labels: number[][];
}

function options(changes: Partial<RunOptions> = {}) {
  const seen: Seen[] = [];
  const saved: RunState[] = [];
  const documents = numberedDocuments(Array.from({ length: 20 }, (_, i) => 5 + ((i * 7) % 40)));
  const trainer = {
    steps: 0,
    batches: 0,
    scale: noScale,
    step: async (task: string, batches: readonly LabelledBatch[], { lr }: { lr: number }) => {
      trainer.steps++;
      seen.push({ task, lr, ids: batches.map(b => [...b.ids]), labels: batches.map(b => [...b.labels]) });
      const count = (of: (b: LabelledBatch) => number) => batches.reduce((sum, b) => sum + of(b), 0);
      return { loss: 1, accuracy: 0, gradientNorm: 1, skipped: false, labelled: count(b => b.labelled), tokens: count(b => b.ids.length) };
    },
    evaluate: vi.fn(async () => ({ loss: 2, accuracy: 0.5, labelled: 3 })),
  };
  const all: RunOptions = {
    trainer,
    recipe,
    batches: new PackedBatches(new ShuffledDocuments(listedDocuments(documents), { seed: 3, epochs: Number.POSITIVE_INFINITY }), {
      context: 32,
      before: 1,
      after: 2,
    }) as RunOptions['batches'],
    maskId: 4,
    heldOut: [],
    saveEvery: 3,
    evaluateEvery: 2,
    maxSteps: 1000,
    signal: new AbortController().signal,
    onStep: () => {},
    onEvaluated: () => {},
    save: async state => void saved.push(state),
    ...changes,
  };
  return { all, seen, saved, trainer };
}

test('each phase has its task, its tokens and its rates', async () => {
  const { all, seen, saved } = options();
  const end = await trainPhases(all, null);
  const tasks = seen.map(({ task }) => task);
  expect(tasks.lastIndexOf('clm')).toBeLessThan(tasks.indexOf('mlm'));
  const tokens = (task: string) => seen.filter(s => s.task === task).flatMap(s => s.ids.flat()).length;
  expect(tokens('clm')).toBeGreaterThanOrEqual(500);
  expect(tokens('clm')).toBeLessThan(500 + 32);
  expect(tokens('mlm')).toBeGreaterThanOrEqual(300);
  const rates = seen.map(({ lr }) => lr);
  expect(rates[0]).toBe(0);
  expect(rates[tasks.lastIndexOf('clm')]).toBe(1);
  expect(rates[tasks.indexOf('mlm')]).toBe(1);
  expect(rates.at(-1)).toBeLessThan(0.5);
  expect(end).toMatchObject({ step: seen.length, phase: 2, updates: seen.length });
  expect(saved.map(({ step }) => step)).toEqual([
    ...new Set(
      [...seen.keys()]
        .map(i => i + 1)
        .filter(i => i % 3 === 0)
        .concat(seen.length),
    ),
  ]);
});

test('stopped after any step, it goes on as if it had not been stopped', async () => {
  const whole = options();
  await trainPhases(whole.all, null);
  for (let stop = 1; stop < whole.seen.length; stop++) {
    const first = options({ maxSteps: stop });
    await trainPhases(first.all, null);
    const second = options();
    await trainPhases(second.all, JSON.parse(JSON.stringify(first.saved.at(-1))) as RunState);
    expect([...first.seen, ...second.seen], `stopped after ${stop}`).toEqual(whole.seen);
  }
});

test('a signal ends the run after the step that it interrupts, with a checkpoint', async () => {
  const controller = new AbortController();
  const { all, saved, seen } = options({ signal: controller.signal, onStep: ({ step }) => void (step === 2 && controller.abort()) });
  const end = await trainPhases(all, null);
  expect(seen).toHaveLength(2);
  expect(end.step).toBe(2);
  expect(saved.map(({ step }) => step)).toEqual([2]);
});

test('held-out batches are measured before, now and then, and at the end', async () => {
  const at: number[] = [];
  const { all, trainer, seen } = options({ heldOut: [{} as LabelledBatch], onEvaluated: ({ step }) => void at.push(step) });
  await trainPhases(all, null);
  expect(at[0]).toBe(0);
  expect(at.at(-1)).toBe(seen.length);
  expect(trainer.evaluate).toHaveBeenCalledTimes(at.length);
});

test('a loss or a gradient that is not finite ends the run, and nothing is saved', async () => {
  for (const broken of [{ loss: Number.NaN }, { gradientNorm: Number.POSITIVE_INFINITY }]) {
    const { all, trainer, saved } = options();
    const { step } = trainer;
    trainer.step = async (...args) => ({ ...(await step(...args)), ...broken });
    await expect(trainPhases(all, null)).rejects.toThrow(TrainingDivergedError);
    expect(saved).toEqual([]);
  }
});
