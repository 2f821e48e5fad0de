/** The vectors of all passages: in this thread in f16, and on the GPU of the running model, where they are searched. */
import type { VectorIndex } from '../../types.ts';
import { isAbort } from '../lib/failure.ts';
import { appState } from '../store/store.ts';
import { fromHalf, toHalf } from './f16.ts';
import { passageCount } from './passages.ts';
import type { Doc, PassageRef, VectorModel } from './state.ts';

/** By document: [passages, dim]; only those before `Doc.done` are there. */
const held = new Map<string, Uint16Array<ArrayBuffer>>();

export function holdVectors(vectors: ReadonlyMap<string, Uint16Array<ArrayBuffer>>): void {
  forgetVectors();
  for (const [id, block] of vectors) held.set(id, block);
}

export function forgetVectors(): void {
  held.clear();
  dropIndex();
}

/** A document went, or its passages are others now. */
export function forgetDocument(id: string): void {
  if (held.delete(id)) dropIndex();
}

/** Takes the vectors of a document, in f16. */
export function setVectors({ id, passages }: Doc, block: Uint16Array<ArrayBuffer>, dim: number): void {
  const all = new Uint16Array((passages.length / 3) * dim);
  all.set(block);
  held.set(id, all);
}

/** Takes the vectors of the passages that follow those which are done, and answers them as they are kept. */
export function addVectors(doc: Doc, data: Float32Array, dim: number): Uint16Array<ArrayBuffer> {
  const block = toHalf(data);
  let all = held.get(doc.id);
  if (all?.length !== passageCount(doc) * dim) {
    all = new Uint16Array(passageCount(doc) * dim);
    held.set(doc.id, all);
  }
  all.set(block, doc.done * dim);
  return block;
}

/** The vectors of a document that are done, in f16. */
export const vectorsOf = ({ id, done }: Doc, dim: number): Uint16Array<ArrayBuffer> =>
  held.get(id)?.subarray(0, done * dim) ?? new Uint16Array();

/** So many rows are sent to the GPU at once: few, as they are written out in f32 for it in this thread. */
const ROWS_AT_ONCE = 1024;

interface OnGpu {
  index: VectorIndex;
  /** Of the model whose GPU it is on. */
  generation: number;
  rows: PassageRef[];
  /** Passages of each document that are on the GPU. */
  added: Map<string, number>;
}

let onGpu: OnGpu | null = null;
let work: Promise<unknown> = Promise.resolve();

function dropIndex(): void {
  // Nobody waits for it; where the GPU is gone, so is the index.
  void onGpu?.index.dispose().catch(() => undefined);
  onGpu = null;
}

/** The passages nearest to a query, best first. Errors: those of the GPU, after one try with a new index. */
export async function nearestPassages(
  query: Float32Array<ArrayBuffer>,
  k: number,
  signal: AbortSignal,
): Promise<(PassageRef & { cosine: number })[]> {
  const once = async () => {
    const { index, rows } = await upToDate(query.length);
    if (rows.length === 0) return [];
    const found = await index.search(query, Math.min(k, rows.length), { signal });
    return [...found.rows].flatMap((row, i) => {
      const ref = rows[row];
      return ref ? [{ ...ref, cosine: found.scores[i] ?? 0 }] : [];
    });
  };
  try {
    return await once();
  } catch (error) {
    if (signal.aborted || isAbort(error)) throw error;
    // The worker may have been started again, and the index with it.
    dropIndex();
    return once();
  }
}

/** The index with all vectors that are done. One call at a time brings it up to date. */
function upToDate(dim: number): Promise<OnGpu> {
  const next = work.then(() => bringUp(dim));
  work = next.catch(() => undefined);
  return next;
}

async function bringUp(dim: number): Promise<OnGpu> {
  const { model, search } = appState();
  if (!model.current) throw new Error('No model runs.');
  if (onGpu && (onGpu.generation !== model.generation || onGpu.index.dim !== dim)) dropIndex();
  onGpu ??= { index: await model.current.index({ dim }), generation: model.generation, rows: [], added: new Map() };
  const mine = onGpu;
  for (const doc of search.documents) {
    const vectors = vectorsOf(doc, dim);
    for (let from = mine.added.get(doc.id) ?? 0; from < doc.done; from += ROWS_AT_ONCE) {
      const to = Math.min(doc.done, from + ROWS_AT_ONCE);
      await mine.index.add(fromHalf(vectors.subarray(from * dim, to * dim)));
      for (let passage = from; passage < to; passage++) mine.rows.push({ doc: doc.id, passage });
      mine.added.set(doc.id, to);
    }
  }
  return mine;
}

/** What makes the vectors now; null while no model runs. */
export function runningModel(): VectorModel | null {
  const { report } = appState().model;
  return (
    report && { name: report.name, dim: report.embedding.dim, pooling: [...report.embedding.pooling, ...report.embedding.layers].join('+') }
  );
}

export const isSameModel = (a: VectorModel, b: VectorModel): boolean => a.name === b.name && a.dim === b.dim && a.pooling === b.pooling;
