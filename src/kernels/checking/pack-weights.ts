/** A weight matrix as the kernels bind it, and the numbers that it stands for. */

import { f16ToFloat32, float32ToF16 } from '../../weights/dtype.ts';
import type { WeightFormat } from '../../weights/formats.ts';
import { dequantize, quantize } from '../../weights/quantize.ts';

export interface PackedWeights {
  w: Uint32Array<ArrayBuffer>;
  /** Two f16 a word; one zero word for f32 and f16. */
  scale: Uint32Array<ArrayBuffer>;
  /** [N, K] after the format's rounding: what a reference computes with. */
  values: Float32Array;
}

/** f32 [N, K] → the format; K a multiple of 32. */
export function packWeights(values: Float32Array, N: number, K: number, format: WeightFormat): PackedWeights {
  if (format === 'f32') return { w: words(values), scale: new Uint32Array(1), values };
  if (format === 'f16') {
    const halves = float32ToF16(values);
    return { w: words(halves), scale: new Uint32Array(1), values: f16ToFloat32(halves) };
  }
  const block = quantize(values, N, K, format);
  return { w: words(block.q), scale: words(block.scale), values: dequantize(block, N, K) };
}

/** The same bytes in u32 words, the last one filled with zeros. */
function words(array: Float32Array | Uint16Array | Int8Array | Uint8Array): Uint32Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(array.byteLength / 4) * 4);
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return new Uint32Array(bytes.buffer);
}
