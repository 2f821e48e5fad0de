/** The part of the embedding table that a text needs, for a model that is never on the GPU whole. */
import type { Gpu } from '../gpu/device.ts';
import type { ModelConfig } from '../model/config.ts';
import { wordTable } from '../model/parameters.ts';
import type { WeightReader } from '../model/reader.ts';
import { contiguousRuns } from '../model/upload.ts';
import type { DeviceMatrix } from '../runtime/matrix.ts';
import { dequantize } from '../weights/quantize.ts';

/** The embedding table with only the rows that `ids` name, f32, and where each id lies in it. */
export async function uploadUsedRows(
  gpu: Gpu,
  { hiddenSize: H }: ModelConfig,
  reader: WeightReader,
  ids: readonly number[],
  signal?: AbortSignal,
): Promise<{ table: DeviceMatrix; rowOf: ReadonlyMap<number, number> }> {
  const source = reader.matrix(wordTable);
  const used = [...new Set(ids)].sort((a, b) => a - b);
  const w = gpu.memory.storage('weights', 'used embeddings', 4 * used.length * H);
  let row = 0;
  for (const { first, count } of contiguousRuns(used)) {
    const block = await source.rows(first, count, { signal });
    const values = block.kind === 'float' ? block.values : dequantize(block, count, H);
    gpu.device.queue.writeBuffer(w, 4 * row * H, values);
    row += count;
  }
  const shard = { firstRow: 0, rows: used.length, w, scale: null };
  return { table: { N: used.length, K: H, format: 'f32', shards: [shard] }, rowOf: new Map(used.map((id, i) => [id, i])) };
}
