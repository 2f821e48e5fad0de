/** One matrix from the file to the GPU, block by block: reorder rows, pad, convert or quantize, write. */
import type { Gpu } from '../gpu/device.ts';
import type { Shard } from '../runtime/matrix.ts';
import { float32ToF16 } from '../weights/dtype.ts';
import { rowBytesOf, type WeightFormat } from '../weights/formats.ts';
import { dequantize, quantize } from '../weights/quantize.ts';
import { isTooLarge, isTooSmall, largestMagnitude } from '../weights/range.ts';
import type { MatrixReader, RowBlock } from './reader.ts';

/** How a matrix is laid out on the GPU. */
export interface MatrixLayout {
  /** Rows there; at least those of the file. */
  N: number;
  /** Columns there, a multiple of 32; columns after the file's are zeros. */
  K: number;
  format: WeightFormat;
  /** Row of the file that goes to row n; −1: zeros. */
  sourceRow(n: number): number;
}

const blockBytes = 4 * 2 ** 20;
/** `writeBuffer` copies its data. Waiting after so many bytes bounds the memory that such copies take. */
const bytesInFlight = 32 * 2 ** 20;

interface Block {
  w: Uint8Array<ArrayBuffer>;
  scale: Uint8Array<ArrayBuffer> | null;
}

/** `largest`: the largest magnitude of weights that were converted, null where they were taken as they are. */
type ReadBlock = Block & { largest: number | null };

/**
 * Splits rows so that no shard's weights pass `maxShardBytes`. Shards start at multiples of 64 rows:
 * scales stay whole words, and the bias's part is bound at an offset that WebGPU allows (256 bytes).
 */
export function shardRows(N: number, rowBytes: number, maxShardBytes: number): { firstRow: number; rows: number }[] {
  const most = Math.max(64, Math.floor(maxShardBytes / rowBytes / 64) * 64);
  return Array.from({ length: Math.ceil(N / most) }, (_, i) => ({ firstRow: i * most, rows: Math.min(most, N - i * most) }));
}

export interface Uploaded {
  shards: Shard[];
  /** The layout's, or f32 where that cannot hold these weights (weights/range.ts). */
  format: WeightFormat;
}

/**
 * Uploads and returns the shards, in row order. A matrix that its format cannot hold is uploaded again as f32. `onBytes` gets the bytes
 * read of the file, each once.
 */
export async function uploadMatrix(
  gpu: Gpu,
  source: MatrixReader,
  layout: MatrixLayout,
  maxShardBytes: number,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<Uploaded> {
  const { format } = layout;
  let read = 0;
  const first = (bytes: number) => {
    read += bytes;
    onBytes(bytes);
  };
  const shards = await uploadAs(gpu, source, layout, maxShardBytes, first, signal);
  if (shards) return { shards, format };
  let skip = read; // bytes of the second reading that the first one has already counted
  const again = (bytes: number) => {
    const counted = Math.max(0, bytes - skip);
    skip = Math.max(0, skip - bytes);
    if (counted > 0) onBytes(counted);
  };
  return { shards: (await uploadAs(gpu, source, { ...layout, format: 'f32' }, maxShardBytes, again, signal))!, format: 'f32' };
}

/** Null, with nothing left on the GPU, where the format cannot hold the weights. */
async function uploadAs(
  gpu: Gpu,
  source: MatrixReader,
  layout: MatrixLayout,
  maxShardBytes: number,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<Shard[] | null> {
  const { N, K, format } = layout;
  const bytes = rowBytesOf(format, K);
  const rowsPerBlock = Math.max(2, Math.floor(blockBytes / (K * 4) / 2) * 2); // even: the scales of a block are whole words
  const { queue } = gpu.device;
  const shards: Shard[] = [];
  const give = () => {
    for (const { w, scale } of shards) gpu.memory.free(w, scale);
    return null;
  };
  let inFlight = 0;
  /** Of the weights that were converted; null where they are taken as stored. */
  let largest: number | null = null;
  for (const { firstRow, rows } of shardRows(N, bytes.w, maxShardBytes)) {
    const w = gpu.memory.storage('weights', source.slot, rows * bytes.w);
    const scale = bytes.scale > 0 ? gpu.memory.storage('weights', `${source.slot} scale`, rows * bytes.scale) : null;
    shards.push({ firstRow, rows, w, scale });
    for (let at = 0; at < rows; at += rowsPerBlock) {
      signal?.throwIfAborted();
      const count = Math.min(rowsPerBlock, rows - at);
      const block = await readBlock(source, layout, firstRow + at, count, onBytes, signal);
      if (block.largest !== null) largest = Math.max(largest ?? 0, block.largest);
      if (largest !== null && isTooLarge(format, largest)) return give();
      queue.writeBuffer(w, at * bytes.w, block.w);
      if (scale && block.scale) queue.writeBuffer(scale, at * bytes.scale, padTo4(block.scale));
      inFlight += block.w.byteLength;
      if (inFlight > bytesInFlight) {
        await gpu.whileAlive(queue.onSubmittedWorkDone());
        inFlight = 0;
      }
    }
  }
  return largest !== null && isTooSmall(format, largest) ? give() : shards;
}

/** Rows [first, first + count) of the layout, in its format. */
async function readBlock(
  source: MatrixReader,
  layout: MatrixLayout,
  first: number,
  count: number,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<ReadBlock> {
  const from = Array.from({ length: count }, (_, i) => layout.sourceRow(first + i));
  const runs = contiguousRuns(from.filter(row => row >= 0));
  const parts = new Map<number, { run: Run; block: RowBlock }>();
  for (const run of runs) {
    const block = await source.rows(run.first, run.count, { signal });
    onBytes(run.count * source.rowBytes);
    for (let row = run.first; row < run.first + run.count; row++) parts.set(row, { run, block });
  }
  const asStored = source.stored === layout.format && source.storedK === layout.K && (source.stored === 'q8' || source.stored === 'q4');
  return asStored ? { ...copyQuantized(parts, from, layout), largest: null } : convert(parts, from, source, layout);
}

interface Run {
  first: number;
  count: number;
}

/** The rows as few ascending ranges. */
export function contiguousRuns(rows: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const row of [...rows].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && row === last.first + last.count) last.count++;
    else if (!last || row >= last.first + last.count) runs.push({ first: row, count: 1 });
  }
  return runs;
}

/** Codes and scales as the file has them: nothing is rounded twice. */
function copyQuantized(parts: Map<number, { run: Run; block: RowBlock }>, from: readonly number[], { K, format }: MatrixLayout): Block {
  const bytes = rowBytesOf(format, K);
  // A row of zeros: scale 0 makes every code 0.
  const w = new Uint8Array(from.length * bytes.w);
  const scale = new Uint8Array(from.length * bytes.scale);
  from.forEach((row, i) => {
    const part = parts.get(row);
    if (!part || part.block.kind === 'float') return;
    const at = row - part.run.first;
    const { q, scale: scales } = part.block;
    w.set(new Uint8Array(q.buffer, q.byteOffset + at * bytes.w, bytes.w), i * bytes.w);
    scale.set(new Uint8Array(scales.buffer, scales.byteOffset + at * bytes.scale, bytes.scale), i * bytes.scale);
  });
  return { w, scale };
}

/** Through f32 into the layout's format. */
function convert(
  parts: Map<number, { run: Run; block: RowBlock }>,
  from: readonly number[],
  source: MatrixReader,
  { K, format }: MatrixLayout,
): ReadBlock {
  const values = new Float32Array(from.length * K);
  const decoded = new Map<RowBlock, Float32Array>();
  from.forEach((row, i) => {
    const part = parts.get(row);
    if (!part) return;
    let block = decoded.get(part.block);
    if (!block) {
      block = floatsOf(part.block, part.run.count, source);
      decoded.set(part.block, block);
    }
    const at = (row - part.run.first) * source.storedK;
    values.set(block.subarray(at, at + source.K), i * K);
  });
  // What is too large is not encoded at all: the caller starts again.
  const largest = format === 'f32' ? null : largestMagnitude(values);
  if (largest !== null && isTooLarge(format, largest)) return { w: new Uint8Array(), scale: null, largest };
  return { ...encodeRows(values, K, format), largest };
}

function floatsOf(block: RowBlock, count: number, source: MatrixReader): Float32Array {
  return block.kind === 'float' ? block.values : dequantize(block, count, source.storedK);
}

/** f32 rows [count, K] in a format's bytes. */
export function encodeRows(values: Float32Array<ArrayBuffer>, K: number, format: WeightFormat): Block {
  if (format === 'f32') return { w: new Uint8Array(values.buffer), scale: null };
  if (format === 'f16') return { w: new Uint8Array(float32ToF16(values).buffer), scale: null };
  const { q, scale } = quantize(values, values.length / K, K, format);
  return {
    w: new Uint8Array(q.buffer, q.byteOffset, q.byteLength),
    scale: new Uint8Array(scale.buffer, scale.byteOffset, scale.byteLength),
  };
}

function padTo4(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength % 4 === 0) return bytes;
  const whole = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  whole.set(bytes);
  return whole;
}
