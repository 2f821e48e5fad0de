/** Measures how long GPU work takes: with the GPU's own clock if it has one, else with the system's. */
import type { Gpu } from './device.ts';
import { bufferUsage, mapModeRead } from './flags.ts';

export class GpuTimer {
  #gpu: Gpu;
  #query: { set: GPUQuerySet; resolve: GPUBuffer; read: GPUBuffer } | null = null;

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    if (!gpu.profile.timestamps) return;
    this.#query = {
      set: gpu.device.createQuerySet({ type: 'timestamp', count: 2 }),
      resolve: gpu.memory.create('activations', 'timestamps', 16, bufferUsage.queryResolve | bufferUsage.copySrc),
      read: gpu.memory.create('activations', 'timestamps read', 16, bufferUsage.mapRead | bufferUsage.copyDst),
    };
  }

  /** ms that one pass with this work takes, submission and waiting included where the GPU has no clock. */
  async time(encode: (pass: GPUComputePassEncoder) => void): Promise<number> {
    const { device } = this.#gpu;
    const query = this.#query;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(
      query ? { timestampWrites: { querySet: query.set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } } : {},
    );
    encode(pass);
    pass.end();
    if (query) {
      encoder.resolveQuerySet(query.set, 0, 2, query.resolve, 0);
      encoder.copyBufferToBuffer(query.resolve, 0, query.read, 0, 16);
    }
    const started = performance.now();
    device.queue.submit([encoder.finish()]);
    await this.#gpu.whileAlive(device.queue.onSubmittedWorkDone());
    const wallMs = performance.now() - started;
    if (!query) return wallMs;
    await this.#gpu.whileAlive(query.read.mapAsync(mapModeRead));
    const [begin, end] = new BigUint64Array(query.read.getMappedRange());
    const gpuMs = Number(end! - begin!) / 1e6;
    query.read.unmap();
    // Some drivers report zeros or nonsense. A time above what the system's clock measured cannot be right.
    return gpuMs > 0 && gpuMs <= wallMs * 1.5 ? gpuMs : wallMs;
  }

  dispose(): void {
    this.#query?.set.destroy();
    this.#gpu.memory.free(this.#query?.resolve, this.#query?.read);
    this.#query = null;
  }
}
