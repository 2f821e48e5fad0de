/** Makes and frees every GPU buffer, so that the memory report is exact. */
import { bufferUsage } from './flags.ts';

export type Purpose = 'weights' | 'activations';

/** Bytes that a buffer takes: at least 16 (WebGPU refuses empty bindings), in whole sixteens. */
export function allocatedBytes(sizeBytes: number): number {
  return Math.max(16, Math.ceil(sizeBytes / 16) * 16);
}

export class GpuMemory {
  #device: GPUDevice;
  #bytes: Record<Purpose, number> = { weights: 0, activations: 0 };
  #peakBytes = 0;
  #live = new Map<GPUBuffer, { bytes: number; purpose: Purpose }>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A zeroed buffer of `allocatedBytes`. */
  create(purpose: Purpose, label: string, sizeBytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const bytes = allocatedBytes(sizeBytes);
    const buffer = this.#device.createBuffer({ label, size: bytes, usage });
    this.#live.set(buffer, { bytes, purpose });
    this.#bytes[purpose] += bytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes.weights + this.#bytes.activations);
    return buffer;
  }

  /** A buffer that kernels read and write and that the queue can fill and copy from. */
  storage(purpose: Purpose, label: string, sizeBytes: number): GPUBuffer {
    return this.create(purpose, label, sizeBytes, bufferUsage.storage | bufferUsage.copySrc | bufferUsage.copyDst);
  }

  uniform(label: string, sizeBytes: number): GPUBuffer {
    return this.create('activations', label, sizeBytes, bufferUsage.uniform | bufferUsage.copyDst);
  }

  free(...buffers: (GPUBuffer | null | undefined)[]): void {
    for (const buffer of buffers) {
      const entry = buffer && this.#live.get(buffer);
      if (!buffer || !entry) continue;
      this.#live.delete(buffer);
      this.#bytes[entry.purpose] -= entry.bytes;
      buffer.destroy();
    }
  }

  /** Frees all but uniform buffers: the run's numbers serve as long as the device. */
  freeAll(): void {
    this.free(...[...this.#live.keys()].filter(buffer => (buffer.usage & bufferUsage.uniform) === 0));
  }

  get report(): { weights: number; activations: number; total: number; peak: number } {
    const { weights, activations } = this.#bytes;
    return { weights, activations, total: weights + activations, peak: this.#peakBytes };
  }
}
