/** The plane in which points spread most: the first two principal components, by power iteration with deflation. */
import { seeded } from './random.ts';
import type { Slices } from './slices.ts';

export interface Plane {
  /** [n, 2] */
  xy: Float32Array<ArrayBuffer>;
  /** The part of the whole variance along each of the two axes. */
  shares: readonly [number, number];
}

const ROUNDS = 200;
/** An axis that turns less than this between two rounds (1 − cosine) is found. */
const STILL = 1e-9;

/** `data`: [n, dim], left as it is. The same data give the same plane. */
export async function pca(data: Float32Array, dim: number, slices: Slices): Promise<Plane> {
  const count = data.length / dim;
  const rows = await centred(data, dim, slices);
  const total = sumOfSquares(rows);
  const xy = new Float32Array(2 * count);
  const shares: [number, number] = [0, 0];
  const random = seeded(1);
  for (const component of [0, 1] as const) {
    const axis = await longestAxis(rows, dim, random, slices);
    let along = 0;
    for (let row = 0; row < count; row++) {
      const place = dot(rows, row * dim, axis);
      xy[2 * row + component] = place;
      along += place * place;
      // What lies along this axis is taken out: the next one is at right angles to it.
      for (let d = 0; d < dim; d++) rows[row * dim + d] = (rows[row * dim + d] ?? 0) - place * (axis[d] ?? 0);
      if (slices.isOver) await slices.pause();
    }
    shares[component] = total > 0 ? along / total : 0;
  }
  return { xy, shares };
}

async function centred(data: Float32Array, dim: number, slices: Slices): Promise<Float32Array> {
  const count = data.length / dim;
  const mean = new Float64Array(dim);
  for (let row = 0; row < count; row++) {
    for (let d = 0; d < dim; d++) mean[d] = (mean[d] ?? 0) + (data[row * dim + d] ?? 0) / count;
    if (slices.isOver) await slices.pause();
  }
  const rows = new Float32Array(data.length);
  for (let row = 0; row < count; row++) {
    for (let d = 0; d < dim; d++) rows[row * dim + d] = (data[row * dim + d] ?? 0) - (mean[d] ?? 0);
    if (slices.isOver) await slices.pause();
  }
  return rows;
}

/** A unit vector; all zeros where the points do not differ any more. */
async function longestAxis(rows: Float32Array, dim: number, random: () => number, slices: Slices): Promise<Float64Array> {
  let axis = Float64Array.from({ length: dim }, () => random() - 0.5);
  toUnit(axis);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(dim);
    for (let at = 0; at < rows.length; at += dim) {
      const place = dot(rows, at, axis);
      for (let d = 0; d < dim; d++) next[d] = (next[d] ?? 0) + place * (rows[at + d] ?? 0);
      if (slices.isOver) await slices.pause();
    }
    if (toUnit(next) < 1e-12) return new Float64Array(dim);
    const turned = 1 - dot(next, 0, axis);
    axis = next;
    if (turned < STILL) break;
  }
  // An axis has no direction of its own: the largest number points up, so that the map never comes mirrored.
  const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return largest < 0 ? axis.map(value => -value) : axis;
}

function dot(rows: Float32Array | Float64Array, at: number, axis: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < axis.length; d++) sum += (rows[at + d] ?? 0) * (axis[d] ?? 0);
  return sum;
}

function sumOfSquares(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

/** Makes it one long, where it is not zero; answers how long it was. */
function toUnit(vector: Float64Array): number {
  const length = Math.sqrt(sumOfSquares(vector));
  if (length > 0) for (let d = 0; d < vector.length; d++) vector[d] = (vector[d] ?? 0) / length;
  return length;
}
