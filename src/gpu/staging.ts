/** The way back from the GPU: one mapped buffer that grows and is otherwise kept. */
import type { Gpu } from './device.ts';
import { bufferUsage, mapModeRead } from './flags.ts';

export class Staging {
  #gpu: Gpu;
  #buffer: GPUBuffer | null = null;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /** Makes room for `sizeBytes`; creates nothing when there is. */
  async reserve(sizeBytes: number): Promise<void> {
    if (this.#buffer && this.#buffer.size >= sizeBytes) return;
    this.#gpu.memory.free(this.#buffer);
    const rounded = 2 ** Math.ceil(Math.log2(Math.max(4096, sizeBytes)));
    this.#buffer = await this.#gpu.checked('the read-back buffer', () =>
      this.#gpu.memory.create('activations', 'read-back', rounded, bufferUsage.mapRead | bufferUsage.copyDst),
    );
  }

  /** Adds a copy of `sizeBytes` (a multiple of 4) from the start of `from` to `offset` of the read-back. */
  copy(encoder: GPUCommandEncoder, from: GPUBuffer, sizeBytes: number, offset: number): void {
    if (sizeBytes > 0) encoder.copyBufferToBuffer(from, 0, this.#buffer!, offset, sizeBytes);
  }

  /** Waits for the GPU and returns the first `sizeBytes`. Errors: DeviceLostError, GpuError. */
  async read(sizeBytes: number): Promise<ArrayBuffer> {
    const buffer = this.#buffer!;
    await this.#gpu.whileAlive(buffer.mapAsync(mapModeRead, 0, Math.ceil(sizeBytes / 4) * 4));
    const bytes = buffer.getMappedRange(0, Math.ceil(sizeBytes / 4) * 4).slice(0, sizeBytes);
    buffer.unmap();
    this.#gpu.throwIfFailed();
    return bytes;
  }

  dispose(): void {
    this.#gpu.memory.free(this.#buffer);
    this.#buffer = null;
  }
}
