/** Which passages are compared with each other, and their vectors. */
import { fromHalf } from '../f16.ts';
import type { Doc, PassageRef } from '../state.ts';
import { vectorsOf } from '../vectors.ts';
import type { Slices } from './slices.ts';

/** Every pair is compared: four times the work for twice the passages. */
export const MOST = 2000;

export interface Sample {
  refs: readonly PassageRef[];
  /** Passages with a vector, of which `refs` are some. */
  total: number;
}

/** The passages that have a vector; where there are more than `most`, so many at even distances. */
export function sampleOf(documents: readonly Doc[], most = MOST): Sample {
  const total = documents.reduce((sum, { done }) => sum + done, 0);
  const count = Math.min(total, most);
  const refs: PassageRef[] = [];
  let before = 0;
  for (const { id, done } of documents) {
    for (;;) {
      const next = Math.floor((refs.length * total) / count);
      if (refs.length === count || next >= before + done) break;
      refs.push({ doc: id, passage: next - before });
    }
    before += done;
  }
  return { refs, total };
}

/** The same of a list of passages. */
export const evenly = (refs: readonly PassageRef[], most = MOST): readonly PassageRef[] =>
  refs.length <= most ? refs : Array.from({ length: most }, (_, i) => refs[Math.floor((i * refs.length) / most)] as PassageRef);

/** The vectors of passages, [refs, dim], each one long: their dot products are cosines. */
export async function vectorsFor(
  documents: readonly Doc[],
  refs: readonly PassageRef[],
  dim: number,
  slices: Slices,
): Promise<Float32Array<ArrayBuffer>> {
  const blocks = new Map(documents.map(doc => [doc.id, vectorsOf(doc, dim)]));
  const data = new Float32Array(refs.length * dim);
  for (const [i, { doc, passage }] of refs.entries()) {
    const vector = fromHalf(blocks.get(doc)?.subarray(passage * dim, (passage + 1) * dim) ?? new Uint16Array(dim));
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    data.set(length > 0 ? vector.map(value => value / length) : vector, i * dim);
    if (slices.isOver) await slices.pause();
  }
  return data;
}
