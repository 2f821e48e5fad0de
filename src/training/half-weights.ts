/** Buffers beside the weights: zeros of the same shape, and copies in f16. */
import type { Gpu } from '../gpu/device.ts';
import type { DeviceWeights } from '../model/device-weights.ts';
import { listBuffers, mirrorWeights } from '../model/mirror-weights.ts';
import type { DeviceLinear } from '../runtime/matrix.ts';

/** Zeros for each of the weights' buffers, which a new WebGPU buffer holds. */
export function emptyMirror(gpu: Gpu, weights: DeviceWeights): DeviceWeights {
  const made = new Map(
    listBuffers(weights).map(({ buffer }) => [buffer, gpu.memory.storage('weights', `${buffer.label} (training)`, buffer.size)]),
  );
  return mirrorWeights(weights, buffer => made.get(buffer)!);
}

/**
 * The weights with f16 buffers for their matrices. The table of embeddings stays f32, since its rows are only looked up; a tied decoder has a copy in
 * f16. Norms and biases stay f32.
 */
export function halfMirror(gpu: Gpu, weights: DeviceWeights): { weights: DeviceWeights; bufferOf: ReadonlyMap<GPUBuffer, GPUBuffer> } {
  const { embedding, head } = weights;
  const isTied = head!.decoder.matrix === embedding;
  const bufferOf = new Map<GPUBuffer, GPUBuffer>();
  for (const { buffer, isMatrix } of listBuffers(weights)) {
    if (!isMatrix || (!isTied && embedding.shards.some(({ w }) => w === buffer))) continue;
    bufferOf.set(buffer, gpu.memory.storage('weights', `${buffer.label} (f16)`, buffer.size / 2));
  }
  const mirrored = asHalf(mirrorWeights(weights, buffer => bufferOf.get(buffer) ?? buffer));
  return { weights: { ...mirrored, embedding }, bufferOf };
}

function asHalf(weights: DeviceWeights): DeviceWeights {
  const linear = (l: DeviceLinear): DeviceLinear => ({ ...l, matrix: { ...l.matrix, format: 'f16' } });
  const { layers, head } = weights;
  return {
    ...weights,
    layers: layers.map(l => ({ ...l, Wqkv: linear(l.Wqkv), Wo: linear(l.Wo), Wi: linear(l.Wi), mlpWo: linear(l.mlpWo) })),
    head: head && { ...head, dense: linear(head.dense), decoder: linear(head.decoder) },
  };
}
