/** Weights of a given shape for measuring: random codes, nothing read from anywhere. Answers mean nothing; times do. */
import type { Gpu } from '../gpu/device.ts';
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import type { Dtype } from '../types.ts';
import { padded, rowBytesOf, type WeightFormat } from '../weights/formats.ts';
import type { ModelConfig } from './config.ts';
import { type DeviceWeights, formatsOf } from './device-weights.ts';
import { encodeRows, shardRows } from './upload.ts';

const maxBindingBytes = 128 * 2 ** 20;
/** Rows made once and repeated down the matrix: the speed of a kernel does not depend on the values. */
const distinctRows = 64;

export function randomWeights(gpu: Gpu, config: ModelConfig, dtype: Dtype): DeviceWeights {
  const { hiddenSize: H, intermediateSize: I, vocabSize: V } = config;
  const formats = formatsOf(dtype);
  const patterns = new Map<string, ReturnType<typeof encodeRows>>();

  const matrix = (N: number, K: number, format: WeightFormat): DeviceMatrix => {
    const bytes = rowBytesOf(format, K);
    const key = `${format} ${K}`;
    const pattern = patterns.get(key) ?? encodeRows(smallNumbers(distinctRows * K), K, format);
    patterns.set(key, pattern);
    const shards = shardRows(N, bytes.w, maxBindingBytes).map(({ firstRow, rows }) => {
      const w = gpu.memory.storage('weights', 'random', rows * bytes.w);
      const scale = bytes.scale > 0 ? gpu.memory.storage('weights', 'random scale', rows * bytes.scale) : null;
      for (let at = 0; at < rows; at += distinctRows) {
        const count = Math.min(distinctRows, rows - at);
        gpu.device.queue.writeBuffer(w, at * bytes.w, pattern.w, 0, count * bytes.w);
        if (scale && pattern.scale) gpu.device.queue.writeBuffer(scale, at * bytes.scale, pattern.scale, 0, count * bytes.scale);
      }
      return { firstRow, rows, w, scale };
    });
    return { N, K, format, shards };
  };
  const vector = (values: Float32Array<ArrayBuffer>): GPUBuffer => {
    const buffer = gpu.memory.storage('weights', 'random', values.byteLength);
    gpu.device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  };
  const norm = (): DeviceNorm => ({ weight: vector(new Float32Array(H).fill(1)), bias: null });
  const linear = (N: number, K: number, format = formats.linear): DeviceLinear => ({ matrix: matrix(N, K, format), bias: null });

  const embedding = matrix(V, H, formats.embedding);
  return {
    embedding,
    embeddingNorm: norm(),
    layers: Array.from({ length: config.layers }, (_, l) => ({
      attnNorm: l === 0 ? null : norm(),
      Wqkv: linear(3 * H, H),
      Wo: linear(H, H),
      mlpNorm: norm(),
      Wi: linear(2 * padded(I), H),
      mlpWo: linear(H, padded(I)),
    })),
    finalNorm: norm(),
    head: { dense: linear(H, H, formats.embedding), norm: norm(), decoder: { matrix: embedding, bias: vector(new Float32Array(V)) } },
  };
}

/** Numbers of a trained weight's size, ±0.05, without a period near any kernel's tile. */
function smallNumbers(length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => ((((i + 1) * 0.6180339887498949) % 1) - 0.5) * 0.1);
}
