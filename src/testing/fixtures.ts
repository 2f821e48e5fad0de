/** The random models of oracle/fixtures/models (made by oracle/model_fixtures.py) with PyTorch's answers. Node only. */
import { readFile } from 'node:fs/promises';
import { ModelSourceError } from '../errors.ts';
import type { ModelSource, SourceFile } from '../source/source.ts';
import { toFloat32 } from '../weights/dtype.ts';
import { openSafetensors } from '../weights/safetensors.ts';

export const fixtureNames = [
  'published-bf16',
  'biases-untied-f16',
  'head128-f16',
  'sharded-f32',
  'base-only-f32',
  'quantized-q8',
  'quantized-q4',
  'quantized-q4-local',
] as const;
export type FixtureName = (typeof fixtureNames)[number];

/** One sequence and what PyTorch (f32, eager attention) computes for it. */
export interface FixtureCase {
  /** Special tokens included. */
  ids: Uint32Array<ArrayBuffer>;
  /** The rows of the sequence that `hidden` holds. */
  rows: number[];
  /** Positions of [MASK], ascending. */
  masks: number[];
  /** layers + 2 arrays [rows, hidden]: normed embeddings, output of each layer, output of the final norm. */
  hidden: Float32Array<ArrayBuffer>[];
  /** [masks, vocab]; absent without a head. */
  logits?: Float32Array<ArrayBuffer>;
  /** For each mask, the ten best ids, best first. */
  top10?: number[][];
  /** [hidden], L2 norm 1. */
  mean: Float32Array<ArrayBuffer>;
  cls: Float32Array<ArrayBuffer>;
}

export interface ModelFixture {
  name: FixtureName;
  source: ModelSource;
  storage: 'f32' | 'f16' | 'bf16' | 'q8' | 'q4';
  /** Trained numbers as PyTorch counts them (of the base model where there is no head). */
  parameters: number;
  hasHead: boolean;
  cases: FixtureCase[];
}

/** `oracle/fixtures/` and a path in it. */
export const fixtureUrl = (path: string): URL => new URL(`../../oracle/fixtures/${path}`, import.meta.url);

/** Files of the model as a source; `missing` hides some of them. */
export function fixtureSource(name: string, missing: readonly string[] = []): ModelSource {
  return memorySource(name, async path => {
    if (missing.includes(path)) return undefined;
    try {
      return new Uint8Array(await readFile(fixtureUrl(`models/${name}/${path}`)));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  });
}

/** A source whose files come from `bytes`; undefined is a file that is not there. Counts nothing, reads in slices. */
export function memorySource(name: string, bytes: (path: string) => Promise<Uint8Array | undefined>): ModelSource {
  const open = async (path: string): Promise<SourceFile> => {
    const content = await bytes(path);
    if (!content) throw new ModelSourceError(`${name} has no ${path}.`);
    const read = async (start: number, end: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      if (!(start >= 0 && start <= end && end <= content.length)) throw new ModelSourceError(`${path} has no bytes ${start} to ${end}.`);
      return content.slice(start, end) as Uint8Array<ArrayBuffer>;
    };
    return { path, sizeBytes: content.length, read };
  };
  return { name, open, has: async path => (await bytes(path)) !== undefined };
}

export async function loadFixture(name: FixtureName): Promise<ModelFixture> {
  const source = fixtureSource(name);
  const text = await readFile(fixtureUrl(`models/${name}/cases.json`), 'utf8');
  const about = JSON.parse(text) as Pick<ModelFixture, 'storage' | 'parameters' | 'hasHead'> & {
    cases: { ids: number[]; rows: number[]; masks: number[]; top10?: number[][] }[];
  };
  const answers = await readFile(fixtureUrl(`models/${name}/expected.safetensors`));
  const expected = await openSafetensors(
    memorySource(`${name}, expected`, async path => (path === 'model.safetensors' ? new Uint8Array(answers) : undefined)),
  );
  const array = async (key: string) => toFloat32(await expected.read(key), 'F32');
  const cases = await Promise.all(
    about.cases.map(async ({ ids, rows, masks, top10 }, index): Promise<FixtureCase> => {
      const states = expected.tensors.get(`${index}.hidden`)?.shape[0] ?? 0;
      const all = await array(`${index}.hidden`);
      const size = all.length / states;
      return {
        ids: Uint32Array.from(ids),
        rows,
        masks,
        top10,
        hidden: Array.from({ length: states }, (_, state) => all.slice(state * size, (state + 1) * size)),
        logits: about.hasHead ? await array(`${index}.logits`) : undefined,
        mean: await array(`${index}.mean`),
        cls: await array(`${index}.cls`),
      };
    }),
  );
  return { name, source, storage: about.storage, parameters: about.parameters, hasHead: about.hasHead, cases };
}

/** Σ (a − b)² / Σ b²: the measure of every tolerance. NaN where anything is NaN, so that a comparison with it fails. */
export function nmse(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`${actual.length} numbers against ${expected.length}`);
  let error = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    error += ((actual[i] as number) - (expected[i] as number)) ** 2;
    norm += (expected[i] as number) ** 2;
  }
  return error / norm;
}

/** Rows `rows` of an array [n, width]. */
export function pickRows(values: Float32Array, rows: readonly number[], width: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    out.set(values.subarray(row * width, (row + 1) * width), at * width);
  });
  return out;
}

/** Ids of the k largest logits, best first; equal ones by the smaller id. */
export function topIds(logits: Float32Array, k: number): number[] {
  return Array.from(logits.keys())
    .sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b)
    .slice(0, k);
}
