/** The tiny models of oracle/fixtures/training (made by oracle/training_fixtures.py) with PyTorch's losses, gradients and steps. Node only. */
import { readFile } from 'node:fs/promises';
import { type ModelConfig, readConfig } from '../model/config.ts';
import { openSafetensors } from '../weights/safetensors.ts';
import { fixtureUrl, memorySource } from './fixtures.ts';
import { trainingWeights } from './training-weights.ts';

export const trainingFixtureNames = ['mlm-tied', 'clm-tied', 'clm-untied-biases', 'mlm-small'] as const;
export type TrainingFixtureName = (typeof trainingFixtureNames)[number];

/** `clm`: causal, each token predicts the next of its document; `mlm`: symmetric, some tokens predict what stood in their place. */
export type TrainingTask = 'clm' | 'mlm';

/** Numbers by slot (src/model/parameters.ts), with rows as in a checkpoint; a tied decoder has none of its own. */
export type BySlot = Map<string, Float32Array<ArrayBuffer>>;

/** Packed documents. The loss is the mean cross-entropy over the labelled tokens. */
export interface TrainingBatch {
  ids: number[];
  /** [documents + 1]; positions start again with each, and attention sees nothing beyond. */
  cuSeqlens: number[];
  /** What the token must predict (for `clm` already shifted); −100: nothing. */
  labels: number[];
}

interface Start {
  task: TrainingTask;
  config: ModelConfig;
  weights: BySlot;
  /** The sum of all parameters' checksums (`checksum` in oracle/full_size.py) modulo 2^32, as Python has them. */
  weightsChecksum: number;
}

/** One batch, its loss (f64) and every gradient (f64, stored to 16 significant bits: NMSE about 3e-11). */
export interface TrainingFixture extends Start {
  name: TrainingFixtureName;
  batch: TrainingBatch;
  loss: number;
  /** Of all gradients together: √Σ g². */
  gradientNorm: number;
  gradients: BySlot;
}

/** Steps of clipping, decay and AdamW in f64; f32 in PyTorch ends within NMSE 1e-9 of the changes and 1e-6 of each loss. */
export interface TrainingSteps extends Start {
  /** As Composer's DecoupledAdamW has them: `lr` is the highest rate, and matrices shrink by rate / lr · weightDecay each step. */
  optimizer: { lr: number; beta1: number; beta2: number; eps: number; weightDecay: number; clipNorm: number };
  batches: TrainingBatch[];
  steps: {
    /** Index in `batches`. */
    batch: number;
    /** The rate of this step. */
    lr: number;
    /** Before the step; `gradientNorm` before clipping. */
    loss: number;
    gradientNorm: number;
    /** After the step, for each of `kept`: the L2 norm of its change since the start. */
    moved: number[];
  }[];
  /** The slots of `changes`. */
  kept: string[];
  /** After the last step: what was added to the parameter since the start. */
  changes: BySlot;
}

export async function loadTrainingFixture(name: TrainingFixtureName): Promise<TrainingFixture> {
  const { ids, cuSeqlens, labels, ...about } = await read<
    TrainingBatch & Pick<TrainingFixture, 'task' | 'loss' | 'gradientNorm' | 'weightsChecksum'>
  >(`${name}/case.json`);
  return { name, ...about, ...(await start(name)), batch: { ids, cuSeqlens, labels }, gradients: await tensors(name, 'gradients') };
}

export async function loadTrainingSteps(task: TrainingTask): Promise<TrainingSteps> {
  const about = await read<Omit<TrainingSteps, 'config' | 'weights' | 'changes'>>(`steps-${task}/steps.json`);
  return { ...about, ...(await start(`steps-${task}`)), changes: await tensors(`steps-${task}`, 'changes') };
}

/** Fifty steps over the same batches with the same optimizer, from the same start. */
export async function loadLongRun(task: TrainingTask): Promise<Pick<TrainingSteps['steps'][number], 'batch' | 'lr' | 'loss'>[]> {
  return (await read<{ steps: TrainingSteps['steps'] }>(`steps-${task}/long.json`)).steps;
}

async function start(folder: string): Promise<Pick<Start, 'config' | 'weights'>> {
  const config = readConfig(await readFile(fixtureUrl(`training/${folder}/config.json`)));
  return { config, weights: trainingWeights(config) };
}

async function read<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(fixtureUrl(`training/${path}`), 'utf8')) as T;
}

/** Tensors stored as the upper three bytes of each f32, U8 [.., 3]. */
async function tensors(folder: string, file: string): Promise<BySlot> {
  const bytes = new Uint8Array(await readFile(fixtureUrl(`training/${folder}/${file}.safetensors`)));
  const stored = await openSafetensors(memorySource(folder, async path => (path === 'model.safetensors' ? bytes : undefined)));
  const found: BySlot = new Map();
  for (const slot of stored.tensors.keys()) {
    const upper = await stored.read(slot);
    const words = Uint32Array.from({ length: upper.length / 3 }, (_, i) => {
      return (upper[3 * i]! << 8) | (upper[3 * i + 1]! << 16) | (upper[3 * i + 2]! << 24);
    });
    found.set(slot, new Float32Array(words.buffer));
  }
  return found;
}
