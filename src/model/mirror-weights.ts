/** Tensors that lie as a model's weights do: gradients and an optimizer's moments, a buffer for each of the weights' buffers. */
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import type { DeviceWeights } from './device-weights.ts';

/** One buffer of a model's weights. */
export interface WeightBuffer {
  buffer: GPUBuffer;
  /** A matrix, or a shard of one: an optimizer's weight decay is for them. Else a norm or a bias. */
  isMatrix: boolean;
}

/** Every buffer once (a tied decoder is the table), always in the same order. */
export function listBuffers(weights: DeviceWeights): WeightBuffer[] {
  const list = new Map<GPUBuffer, WeightBuffer>();
  const vector = (buffer: GPUBuffer | null) => buffer && list.set(buffer, { buffer, isMatrix: false });
  const norm = (n: DeviceNorm | null) => {
    vector(n?.weight ?? null);
    vector(n?.bias ?? null);
  };
  const matrix = ({ shards }: DeviceMatrix) => {
    for (const { w } of shards) list.set(w, { buffer: w, isMatrix: true });
  };
  const linear = (l: DeviceLinear) => {
    matrix(l.matrix);
    vector(l.bias);
  };
  matrix(weights.embedding);
  norm(weights.embeddingNorm);
  for (const { attnNorm, Wqkv, Wo, mlpNorm, Wi, mlpWo } of weights.layers) {
    norm(attnNorm);
    for (const each of [Wqkv, Wo]) linear(each);
    norm(mlpNorm);
    for (const each of [Wi, mlpWo]) linear(each);
  }
  norm(weights.finalNorm);
  if (weights.head) {
    linear(weights.head.dense);
    norm(weights.head.norm);
    linear(weights.head.decoder);
  }
  return [...list.values()];
}

/** The same model with other buffers in the place of its own. The weights are f32 or f16: there are no scales. */
export function mirrorWeights(weights: DeviceWeights, to: (buffer: GPUBuffer) => GPUBuffer): DeviceWeights {
  const norm = ({ weight, bias }: DeviceNorm): DeviceNorm => ({ weight: to(weight), bias: bias && to(bias) });
  const matrix = (m: DeviceMatrix): DeviceMatrix => ({ ...m, shards: m.shards.map(shard => ({ ...shard, w: to(shard.w) })) });
  const linear = (l: DeviceLinear): DeviceLinear => ({ matrix: matrix(l.matrix), bias: l.bias && to(l.bias) });
  const { embedding, embeddingNorm, layers, finalNorm, head } = weights;
  return {
    embedding: matrix(embedding),
    embeddingNorm: norm(embeddingNorm),
    layers: layers.map(({ attnNorm, Wqkv, Wo, mlpNorm, Wi, mlpWo }) => ({
      attnNorm: attnNorm && norm(attnNorm),
      Wqkv: linear(Wqkv),
      Wo: linear(Wo),
      mlpNorm: norm(mlpNorm),
      Wi: linear(Wi),
      mlpWo: linear(mlpWo),
    })),
    finalNorm: norm(finalNorm),
    head: head && { dense: linear(head.dense), norm: norm(head.norm), decoder: linear(head.decoder) },
  };
}
