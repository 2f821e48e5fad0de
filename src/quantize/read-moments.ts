/** Moments from the GPU to the CPU. */
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { bufferUsage, mapModeRead } from '../gpu/flags.ts';
import type { InputMoments } from '../weights/quantize-calibrated.ts';

/** They are read back in portions, so that the copies stay small. */
const readBackBytes = 8 * 2 ** 20;

/** The leading [K, K] of the sums in `buffer` [width, width], divided by `tokens`; the rest is padding. Errors: GpuError for numbers that are not finite. */
export async function readMoments(
  gpu: Gpu,
  buffer: GPUBuffer,
  width: number,
  K: number,
  tokens: number,
  signal?: AbortSignal,
): Promise<InputMoments> {
  const moments = new Float32Array(K * K);
  const rowsEach = Math.min(K, Math.max(1, Math.floor(readBackBytes / (4 * width))));
  const back = await gpu.checked('the read-back of the moments', () =>
    gpu.memory.create('activations', 'read-back', 4 * width * rowsEach, bufferUsage.mapRead | bufferUsage.copyDst),
  );
  try {
    for (let first = 0; first < K; first += rowsEach) {
      signal?.throwIfAborted();
      const count = Math.min(rowsEach, K - first);
      const encoder = gpu.device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 4 * width * first, back, 0, 4 * width * count);
      gpu.device.queue.submit([encoder.finish()]);
      await gpu.whileAlive(back.mapAsync(mapModeRead));
      const rows = new Float32Array(back.getMappedRange());
      for (let i = 0; i < count; i++) for (let k = 0; k < K; k++) moments[(first + i) * K + k] = rows[i * width + k]! / tokens;
      back.unmap();
    }
    gpu.throwIfFailed();
    // x − x is 0 for finite x, else NaN.
    if (moments.reduce((sum, x) => sum + (x - x), 0) !== 0) {
      throw new GpuError(
        'The activations of this model are not finite numbers on the calibration text. The weights or this adapter are broken; run the device check, or quantize without calibration.',
      );
    }
  } finally {
    gpu.memory.free(back);
  }
  return { K, moments };
}
