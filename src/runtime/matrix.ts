/** Weights on the GPU, as kernels read them. */
import type { Staging } from '../gpu/staging.ts';
import { f16ToFloat32 } from '../weights/dtype.ts';
import { rowBytesOf, type WeightFormat } from '../weights/formats.ts';
import { dequantize } from '../weights/quantize.ts';

/** Rows [firstRow, firstRow + rows) of a matrix: one binding of at most 128 MiB. */
export interface Shard {
  firstRow: number;
  rows: number;
  w: GPUBuffer;
  /** f16 scales of q8 and q4. */
  scale: GPUBuffer | null;
}

/** [N, K], K padded to a multiple of 32. */
export interface DeviceMatrix {
  N: number;
  K: number;
  format: WeightFormat;
  shards: Shard[];
}

export interface DeviceLinear {
  matrix: DeviceMatrix;
  bias: GPUBuffer | null;
}

export interface DeviceNorm {
  weight: GPUBuffer;
  bias: GPUBuffer | null;
}

/** Rows [first, first + count) as the kernels compute with them: f32 [count, K]. Errors: those of the GPU. */
export async function readRows(
  staging: Staging,
  { K, format, shards }: DeviceMatrix,
  first: number,
  count: number,
): Promise<Float32Array<ArrayBuffer>> {
  const values = new Float32Array(count * K);
  const bytes = rowBytesOf(format, K);
  for (const shard of shards) {
    const from = Math.max(first, shard.firstRow);
    const to = Math.min(first + count, shard.firstRow + shard.rows);
    if (from >= to) continue;
    // From an even row to an even row: the scales of one may be half a word.
    const start = (from - shard.firstRow) & ~1;
    const end = Math.min((to - shard.firstRow + 1) & ~1, shard.rows);
    const rows = end - start;
    const w = { buffer: shard.w, offset: start * bytes.w, bytes: rows * bytes.w };
    const scale = { offset: start * bytes.scale, bytes: Math.ceil((rows * bytes.scale) / 4) * 4 };
    const data = await staging.readNow(shard.scale ? [w, { ...scale, buffer: shard.scale }] : [w]);
    const block = decode(format, data, w.bytes, rows, K);
    const skipped = from - shard.firstRow - start;
    values.set(block.subarray(skipped * K, (skipped + to - from) * K), (from - first) * K);
  }
  return values;
}

function decode(format: WeightFormat, data: ArrayBuffer, wBytes: number, rows: number, K: number): Float32Array {
  if (format === 'f32') return new Float32Array(data);
  if (format === 'f16') return f16ToFloat32(new Uint16Array(data));
  const scale = new Uint16Array(data, wBytes);
  return format === 'q8'
    ? dequantize({ kind: 'q8', q: new Int8Array(data, 0, wBytes), scale }, rows, K)
    : dequantize({ kind: 'q4', q: new Uint8Array(data, 0, wBytes), scale }, rows, K);
}
