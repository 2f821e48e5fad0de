/** Opens the GPU for quantizing when there is enough to quantize, and closes it when no more rows come. */

import { type Gpu, openGpu } from '../gpu/device.ts';
import type { Environment } from '../inference/environment.ts';
import { quantize } from '../weights/quantize.ts';
import type { QuantizeRows } from './converted-file.ts';
import { type Choice, fasterRows, type RowQuantizer } from './gpu-choice.ts';
import { GpuQuantizer } from './gpu-quantizer.ts';

export interface GpuRowsOptions {
  /** A trial ended: where rows of this format are quantized from now on, and why. */
  onChoice?: (format: 'q8' | 'q4', choice: Choice) => void;
  /** Called if the GPU cannot be opened; the CPU then quantizes everything. */
  onUnavailable?: (error: unknown) => void;
  /** Weights that the CPU quantizes before the GPU is opened, as opening a device takes about as long. */
  patience?: number;
  /** After this time without rows the device is closed: an open one holds memory, and keeps a Node process running. */
  idleMs?: number;
}

export interface GpuRows {
  /** Gives the same bits as the quantizer on the CPU, computed where that is faster. */
  quantizeRows: QuantizeRows;
  /** Closes the device now; rows that come later open it again. */
  dispose(): void;
}

/** A quantizer for `quantizedSource` and the library. Works without a GPU too. */
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
