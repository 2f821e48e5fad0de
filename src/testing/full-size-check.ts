/** A full-size model on the GPU against PyTorch's answers (oracle/full_size.py): one pass through the layers serves every comparison. */
import { readFile } from 'node:fs/promises';
import { readAnswers } from '../inference/answers.ts';
import { writeBatch } from '../inference/batch.ts';
import { noTargets, scorePasses } from '../inference/passes.ts';
import { plainTail } from '../inference/sentence/vectors.ts';
import type { Session } from '../inference/session.ts';
import { fixtureUrl, nmse } from './fixtures.ts';
import type { FullSizeName } from './full-size.ts';
import { fullSizeIds, fullSizeMasks } from './full-size-weights.ts';

interface Unit {
  norm: number;
  /** 64 columns of the vector of length 1. */
  unit: number[];
}

export interface FullSizeCase {
  tokens: number;
  masks: { position: number; ids: number[]; logProbs: number[]; gap: number }[];
  mean: Unit;
  cls: Unit;
  rows: number[];
  /** 64 columns of `rows` after so many layers. */
  hidden: Record<string, number[][]>;
  /** … and after the final norm. */
  last: number[][];
}

export async function fullSizeCases(shape: FullSizeName): Promise<FullSizeCase[]> {
  return (JSON.parse(await readFile(fixtureUrl(`full-size/${shape}.json`), 'utf8')) as { cases: FullSizeCase[] }).cases;
}

export interface FullSizeResult {
  /** Normalised squared errors: residual stream after the last layer, last hidden state, mean and [CLS] vectors. */
  hidden: number;
  last: number;
  mean: number;
  cls: number;
  /** Largest difference of a log-probability of the best ten. */
  logProb: number;
  /** Masks whose best ten are PyTorch's, in its order where its scores lie apart. */
  agreeing: number;
  masks: number;
  /** Trunk and head. */
  ms: number;
}

/** Scores closer than this may change places by rounding. */
const apart = 5e-4;

/** The residual stream after every layer that this session's weights hold. Error against `expected.hidden[layers]`. */
export async function checkHidden(session: Session, expected: FullSizeCase): Promise<number> {
  await runTrunk(session, expected);
  const x = await read(session, session.plans.buffer('x'), expected.tokens);
  return nmse(pick(session, x, expected.rows), expected.hidden[session.weights.layers.length]!.flat());
}

export async function checkFullSize(session: Session, expected: FullSizeCase): Promise<FullSizeResult> {
  const { plans } = session;
  const H = session.config.hiddenSize;
  const topK = 10;
  const started = performance.now();
  const { pass, runner } = await runTrunk(session, expected);
  await plans.reserveResults(expected.masks.length, topK, 0);
  const [head] = pass.heads;
  session.gpu.device.queue.writeBuffer(plans.buffer('rowIndex'), 0, Uint32Array.from(head!.packed));
  const plan = await plans.head('topk', head!.packed.length);
  await runner.run(plan.steps, head!.run);
  await runner.settle();
  const ms = performance.now() - started;

  const parts = (['stats', 'ids', 'logProbs'] as const).map(name => plans.results.buffer(name));
  const sizes = [16, 4 * topK, 4 * topK].map(bytes => bytes * expected.masks.length);
  await session.staging.reserve(sizes.reduce((a, b) => a + b));
  const encoder = session.gpu.device.createCommandEncoder();
  let offset = 0;
  for (const [i, buffer] of parts.entries()) {
    session.staging.copy(encoder, buffer, sizes[i]!, offset);
    offset += sizes[i]!;
  }
  session.gpu.device.queue.submit([encoder.finish()]);
  const answers = readAnswers(await session.staging.read(offset), expected.masks.length, topK, noTargets);

  const x = await read(session, plans.buffer('x'), expected.tokens);
  const vectors: Record<'mean' | 'cls', Float32Array> = { mean: new Float32Array(), cls: new Float32Array() };
  for (const pooling of ['mean', 'cls'] as const) {
    const { steps, out } = await plans.vectors(plainTail(pooling, true));
    await runner.run(steps, { ...pass.run, skip: 0 });
    vectors[pooling] = await read(session, out, 1);
  }
  const { steps, out } = await plans.vectors(plainTail('none', false));
  await runner.run(steps, { ...pass.run, skip: 0 });
  const last = await read(session, out, expected.tokens);

  let logProb = 0;
  let agreeing = 0;
  expected.masks.forEach((mask, m) => {
    const { tokens } = answers[m]!;
    const same = (a: number[], b: number[]) => a.every((id, i) => id === b[i]);
    const ids = tokens.map(t => t.id);
    const byId = (list: number[]) => [...list].sort((a, b) => a - b);
    if (mask.gap >= apart ? same(ids, mask.ids) : same(byId(ids), byId(mask.ids))) agreeing++;
    for (const [i, id] of mask.ids.entries()) {
      const ours = tokens.find(t => t.id === id)?.logProb ?? Number.NEGATIVE_INFINITY;
      logProb = Math.max(logProb, Math.abs(ours - mask.logProbs[i]!));
    }
  });
  return {
    hidden: nmse(pick(session, x, expected.rows), expected.hidden[session.weights.layers.length]!.flat()),
    last: nmse(pick(session, last, expected.rows), expected.last.flat()),
    mean: nmse(columns(vectors.mean, 0, H), expected.mean.unit),
    cls: nmse(columns(vectors.cls, 0, H), expected.cls.unit),
    logProb,
    agreeing,
    masks: expected.masks.length,
    ms,
  };
}

async function runTrunk(session: Session, { tokens }: FullSizeCase) {
  const { plans, config, gpu } = session;
  const rows = fullSizeMasks(tokens).map(position => ({ text: 0, position }));
  const [pass] = scorePasses([fullSizeIds(config.vocabSize, tokens)], rows, { topK: 10, targets: noTargets }, plans.tileRows);
  await plans.reserve(tokens);
  writeBatch(gpu.device.queue, name => plans.buffer(name), pass!.batch, plans.tileRows);
  const { runner } = session;
  const { steps } = await plans.trunk(tokens);
  await runner.run(steps, pass!.run);
  return { pass: pass!, runner };
}

async function read({ gpu, staging, config }: Session, buffer: GPUBuffer, rows: number): Promise<Float32Array> {
  const sizeBytes = 4 * rows * config.hiddenSize;
  await staging.reserve(sizeBytes);
  const encoder = gpu.device.createCommandEncoder();
  staging.copy(encoder, buffer, sizeBytes, 0);
  gpu.device.queue.submit([encoder.finish()]);
  return new Float32Array(await staging.read(sizeBytes));
}

function columns(values: Float32Array, row: number, H: number): number[] {
  return Array.from({ length: 64 }, (_, i) => values[row * H + Math.floor((i * H) / 64)]!);
}

function pick(session: Session, values: Float32Array, rows: readonly number[]): number[] {
  return rows.flatMap(row => columns(values, row, session.config.hiddenSize));
}
