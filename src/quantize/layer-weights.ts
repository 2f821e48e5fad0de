/** One layer's weights on the GPU, for a model that never is there whole. */

import type { Gpu } from '../gpu/device.ts';
import { layerSlot } from '../model/checkpoint.ts';
import type { ModelConfig } from '../model/config.ts';
import { type DeviceLayer, qkvSourceRow, wiSourceRow } from '../model/device-weights.ts';
import type { WeightReader } from '../model/reader.ts';
import { contiguousRuns, uploadMatrix } from '../model/upload.ts';
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import { padded } from '../weights/formats.ts';
import { dequantize } from '../weights/quantize.ts';

const maxBindingBytes = 128 * 2 ** 20;
const inOrder = (n: number) => n;

async function uploadVector(
  gpu: Gpu,
  reader: WeightReader,
  slot: string,
  signal?: AbortSignal,
  length?: number,
  sourceRow = inOrder,
): Promise<GPUBuffer> {
  const values = await reader.vector(slot, { signal });
  const ordered = Float32Array.from({ length: length ?? values.length }, (_, n) => values[sourceRow(n)] ?? 0);
  const buffer = gpu.memory.storage('weights', slot, ordered.byteLength);
  gpu.device.queue.writeBuffer(buffer, 0, ordered);
  return buffer;
}

export async function uploadNorm(gpu: Gpu, reader: WeightReader, slot: string, signal?: AbortSignal): Promise<DeviceNorm> {
  return {
    weight: await uploadVector(gpu, reader, `${slot}.weight`, signal),
    bias: reader.has(`${slot}.bias`) ? await uploadVector(gpu, reader, `${slot}.bias`, signal) : null,
  };
}

/** Layer `l` in f16, whatever the file's format: half the bytes of f32, and far more digits than second moments need. */
export async function uploadLayer(
  gpu: Gpu,
  config: ModelConfig,
  reader: WeightReader,
  l: number,
  signal?: AbortSignal,
): Promise<DeviceLayer> {
  const { hiddenSize: H, intermediateSize: I } = config;
  const at = (rest: string) => layerSlot(l, rest);
  const linear = async (rest: string, N: number, K: number, sourceRow = inOrder): Promise<DeviceLinear> => {
    const slot = at(rest);
    const layout = { N, K, format: 'f16', sourceRow } as const;
    const { shards, format } = await uploadMatrix(gpu, reader.matrix(`${slot}.weight`), layout, maxBindingBytes, () => {}, signal);
    const bias = reader.has(`${slot}.bias`) ? await uploadVector(gpu, reader, `${slot}.bias`, signal, N, sourceRow) : null;
    return { matrix: { N, K, format, shards }, bias };
  };
  return {
    attnNorm: l === 0 ? null : await uploadNorm(gpu, reader, at('attn_norm'), signal),
    Wqkv: await linear('attn.Wqkv', 3 * H, H, qkvSourceRow(config)),
    Wo: await linear('attn.Wo', H, H),
    mlpNorm: await uploadNorm(gpu, reader, at('mlp_norm'), signal),
    Wi: await linear('mlp.Wi', 2 * padded(I), H, wiSourceRow(I)),
    mlpWo: await linear('mlp.Wo', H, padded(I)),
  };
}

export function freeLayer(gpu: Gpu, { attnNorm, Wqkv, Wo, mlpNorm, Wi, mlpWo }: DeviceLayer): void {
  for (const { matrix, bias } of [Wqkv, Wo, Wi, mlpWo]) gpu.memory.free(bias, ...matrix.shards.map(({ w }) => w));
  for (const norm of [attnNorm, mlpNorm]) gpu.memory.free(norm?.weight, norm?.bias);
}

/** The embedding table with only the rows that `ids` name, f32, and where each id lies in it. */
export async function uploadUsedRows(
  gpu: Gpu,
  { hiddenSize: H }: ModelConfig,
  reader: WeightReader,
  ids: readonly number[],
  signal?: AbortSignal,
): Promise<{ table: DeviceMatrix; rowOf: ReadonlyMap<number, number> }> {
  const source = reader.matrix('embeddings.tok_embeddings.weight');
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
