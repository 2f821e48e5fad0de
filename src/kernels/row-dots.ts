/** Wrapper of shaders/row-dots.wgsl, and the layouts that it reads. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { float32ToF16 } from '../weights/dtype.ts';

/** Rows of a tile: their numbers lie interleaved, so that threads side by side read words side by side. */
export const tileRows = 64;
/** Queries that are answered at once. */
export const groupQueries = 4;

export interface RowDotsShape {
  /** Numbers of a vector; an odd one is filled up with a zero. */
  dim: number;
}

export const pairsOf = (dim: number): number => ceilDiv(dim, 2);
/** u32 words of a tile. */
export const tileWords = (dim: number): number => pairsOf(dim) * tileRows;

/**
 * Bindings: rows u32 (`packRows`), queries f32 [groups, 2·pairs, 4] (`packQueries`), scores f32 [groups, total, 4] from row run.firstRow of group run.group on,
 * run. `run.rows`: of the bound buffer; `run.total`: of all.
 */
export function rowDots({ dim }: RowDotsShape): Kernel {
  const pairs = pairsOf(dim);
  return defineKernel({
    label: `row-dots ${dim}`,
    code: compose('row-dots', { constants: { PAIRS: pairs, TILE: tileRows } }),
    bindings: ['read', 'read', 'write', 'uniform'],
    numbers: { rows: 'u32', firstRow: 'u32', total: 'u32', group: 'u32' },
    grid: run => grid1d(ceilDiv(run.rows, tileRows)),
    cost: run => ({ flops: 16 * run.rows * pairs, bytes: run.rows * (4 * pairs + 16) }),
  });
}

/**
 * Puts vectors [rows, dim] into tiles, rounded to f16 (to nearest even). `into` holds whole tiles and gets them from row `first` on; rows
 * that were in its tiles before stay.
 */
export function packRows(vectors: Float32Array, dim: number, into: Uint32Array, first = 0): void {
  const halves = float32ToF16(vectors);
  const pairs = pairsOf(dim);
  const rows = vectors.length / dim;
  for (let r = 0; r < rows; r++) {
    const row = first + r;
    const start = Math.floor(row / tileRows) * pairs * tileRows + (row % tileRows);
    for (let pair = 0; pair < pairs; pair++) {
      const at = r * dim + 2 * pair;
      const high = 2 * pair + 1 < dim ? halves[at + 1]! : 0;
      into[start + pair * tileRows] = (halves[at]! | (high << 16)) >>> 0;
    }
  }
}

/** Queries [queries, dim] in groups of four, one component of a vec4 a query; the last group is filled up with zeros. */
export function packQueries(queries: Float32Array, dim: number): Float32Array<ArrayBuffer> {
  const count = queries.length / dim;
  const width = 2 * pairsOf(dim);
  const packed = new Float32Array(ceilDiv(count, groupQueries) * width * groupQueries);
  for (let q = 0; q < count; q++) {
    const group = Math.floor(q / groupQueries);
    for (let d = 0; d < dim; d++) packed[(group * width + d) * groupQueries + (q % groupQueries)] = queries[q * dim + d]!;
  }
  return packed;
}
