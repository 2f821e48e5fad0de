/** The buffer for reading results back from the GPU. It grows with what is read, and shrinks after many small reads (slack.ts). */
import type { Gpu } from './device.ts';
import { bufferUsage, mapModeRead } from './flags.ts';
import { Slack } from './slack.ts';

export class Staging {
  #gpu: Gpu;
  #buffer: GPUBuffer | null = null;
  #slack = new Slack(16 * 2 ** 20);

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  get #heldBytes(): number {
    return this.#buffer?.size ?? 0;
  }

  /** Bytes by which `reserve` would change what is held. */
  growth(sizeBytes: number): number {
    const held = this.#heldBytes;
    const rounded = roundedBytes(sizeBytes);
    return held >= sizeBytes && held > 0 && !this.#slack.isTooLarge(held, rounded, held) ? 0 : rounded - held;
  }

  /** Makes room for `sizeBytes`; creates nothing when there is. */
  async reserve(sizeBytes: number): Promise<void> {
    const held = this.#heldBytes;
    const rounded = roundedBytes(sizeBytes);
    const isTooLarge = this.#slack.note(held, rounded, held);
    if (held >= sizeBytes && held > 0 && !isTooLarge) return;
    this.#gpu.memory.free(this.#buffer);
    this.#buffer = null;
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

  /** Copies these ranges (offsets and bytes multiples of 4) one behind the other, and reads them. Errors: as `read`; OutOfMemoryError. */
  async readNow(ranges: readonly { buffer: GPUBuffer; offset: number; bytes: number }[]): Promise<ArrayBuffer> {
    const total = ranges.reduce((sum, { bytes }) => sum + bytes, 0);
    await this.reserve(total);
    const encoder = this.#gpu.device.createCommandEncoder();
    let at = 0;
    for (const { buffer, offset, bytes } of ranges) {
      if (bytes > 0) encoder.copyBufferToBuffer(buffer, offset, this.#buffer!, at, bytes);
      at += bytes;
    }
    this.#gpu.device.queue.submit([encoder.finish()]);
    return this.read(total);
  }

  dispose(): void {
    this.#gpu.memory.free(this.#buffer);
    this.#buffer = null;
  }
}

function roundedBytes(sizeBytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(4096, sizeBytes)));
}
