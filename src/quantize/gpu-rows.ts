/** The GPU for quantizing, opened when there is enough to quantize and let go when nothing more comes. */

import { type Gpu, openGpu } from '../gpu/device.ts';
import type { Environment } from '../inference/environment.ts';
import { quantize } from '../weights/quantize.ts';
import type { QuantizeRows } from './converted-file.ts';
import { type Choice, fasterRows, type RowQuantizer } from './gpu-choice.ts';
import { GpuQuantizer } from './gpu-quantizer.ts';

export interface GpuRowsOptions {
  /** A trial ended: where rows of this format are quantized from now on, and why. */
  onChoice?: (format: 'q8' | 'q4', choice: Choice) => void;
  /** The GPU cannot be had; the CPU does it all. */
  onUnavailable?: (error: unknown) => void;
  /** Weights that the CPU does before the GPU is thought of: opening a device costs as much. */
  patience?: number;
  /** Without rows for so long the device is closed: an open one holds memory, and in Node the process. */
  idleMs?: number;
}

export interface GpuRows {
  /** Bit for bit what the quantizer on the CPU answers, from wherever that is faster. */
  quantizeRows: QuantizeRows;
  /** Closes the device now; rows that come later open it again. */
  dispose(): void;
}

/** A quantizer for `quantizedSource` and the library. Never fails for want of a GPU. */
export function gpuRows(env: Pick<Environment, 'gpu' | 'whileWaiting'>, options: GpuRowsOptions = {}): GpuRows {
  const { onChoice, onUnavailable, patience = 8 * 2 ** 20, idleMs = 1000 } = options;
  let opened: Promise<{ gpu: Gpu; quantizer: GpuQuantizer }> | null = null;
  let unavailable = false;
  let weights = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = async () => {
    const gpu = await openGpu(await env.gpu(), { whileWaiting: env.whileWaiting });
    return { gpu, quantizer: new GpuQuantizer(gpu) };
  };
  const dispose = () => {
    clearTimeout(timer);
    const closing = opened;
    opened = null;
    closing?.then(
      ({ gpu, quantizer }) => {
        quantizer.dispose();
        gpu.destroy();
      },
      () => {},
    );
  };
  const onGpu: RowQuantizer = {
    async quantize(values, rows, K, format) {
      clearTimeout(timer);
      try {
        opened ??= open();
        const { quantizer } = await opened;
        return await quantizer.quantize(values, rows, K, format);
      } catch (error) {
        unavailable = true;
        onUnavailable?.(error);
        throw error;
      } finally {
        if (unavailable) dispose();
        else timer = setTimeout(dispose, idleMs);
      }
    },
  };
  const faster = fasterRows(onGpu, onChoice);
  return {
    quantizeRows: (values, rows, K, format, slot) => {
      weights += rows * K;
      return unavailable || weights < patience ? quantize(values, rows, K, format) : faster(values, rows, K, format, slot);
    },
    dispose,
  };
}
