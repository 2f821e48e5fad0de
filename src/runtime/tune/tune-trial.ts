/** What trials share: buffers that are freed at the end, made numbers that are always the same, repeated timing. */
import type { Gpu } from '../../gpu/device.ts';
import { type Run, RunSlots } from '../../gpu/run.ts';
import { Staging } from '../../gpu/staging.ts';
import { encodeSteps, type Step } from '../../gpu/step.ts';
import type { GpuTimer } from '../../gpu/timing.ts';
import type { StorageType } from '../../types.ts';
import { f16ToFloat32, float32ToF16 } from '../../weights/dtype.ts';
import { type DeviceMatrix, readRows } from '../matrix.ts';

/** A trial of one variant. */
export interface Trial {
  /** Largest normalised error of a checked sample; NaN counts as infinite. */
  check(): Promise<number>;
  timeMs(timer: GpuTimer): Promise<number>;
  dispose(): void;
}

/** Target length of a timing: long enough for a coarse clock, short enough for the time that tuning has. */
const targetMs = 30;
const maxRepeats = 64;

export class TrialBench {
  #buffers: GPUBuffer[] = [];
  #staging: Staging;
  #slots: RunSlots;

  constructor(readonly gpu: Gpu) {
    this.#staging = new Staging(gpu);
    this.#slots = new RunSlots(gpu.device, gpu.run);
  }

  storage(label: string, sizeBytes: number, data?: Uint8Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.gpu.memory.storage('activations', `trial ${label}`, sizeBytes);
    this.#buffers.push(buffer);
    if (data) this.gpu.device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  async once(steps: readonly Step[], run: Run): Promise<void> {
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeSteps(pass, steps, run, this.#slots);
    pass.end();
    this.#slots.send();
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  async read(buffer: GPUBuffer, sizeBytes: number): Promise<ArrayBuffer> {
    await this.#staging.reserve(sizeBytes);
    const encoder = this.gpu.device.createCommandEncoder();
    this.#staging.copy(encoder, buffer, Math.ceil(sizeBytes / 4) * 4, 0);
    this.gpu.device.queue.submit([encoder.finish()]);
    return this.#staging.read(sizeBytes);
  }

  /** The first rows of a matrix, at most `count`, dequantized from what lies on the GPU. */
  weightRows(matrix: DeviceMatrix, count: number): Promise<Float32Array> {
    return readRows(this.#staging, matrix, 0, Math.min(count, matrix.shards[0]!.rows));
  }

  /** ms of one run of the steps: the better of two timings, each with enough repetitions in one pass for a coarse clock. */
  async timeMs(timer: GpuTimer, steps: readonly Step[], run: Run): Promise<number> {
    const repeated = (repeats: number) => this.timeOnce(timer, steps, run, repeats);
    const first = await repeated(1);
    const repeats = Math.min(maxRepeats, Math.max(1, Math.round(targetMs / Math.max(first, 0.01))));
    if (repeats === 1) return Math.min(first, await repeated(1));
    return Math.min((await repeated(repeats)) / repeats, (await repeated(repeats)) / repeats);
  }

  /** ms of one pass with the steps `repeats` times. */
  timeOnce(timer: GpuTimer, steps: readonly Step[], run: Run, repeats = 1): Promise<number> {
    return timer.time(pass => {
      for (let i = 0; i < repeats; i++) encodeSteps(pass, steps, run, this.#slots);
      this.#slots.send();
    });
  }

  dispose(): void {
    this.gpu.memory.free(...this.#buffers);
    this.#staging.dispose();
  }
}

/** Numbers in [−1, 1] without a short period (a Weyl sequence), rounded to the storage type. */
export function trialValues(length: number, storage: StorageType): { values: Float32Array<ArrayBuffer>; bytes: Uint8Array<ArrayBuffer> } {
  const exact = Float32Array.from({ length }, (_, i) => (((i + 1) * 0.6180339887498949) % 1) * 2 - 1);
  if (storage === 'f32') return { values: exact, bytes: new Uint8Array(exact.buffer) };
  const halves = float32ToF16(exact);
  return { values: f16ToFloat32(halves), bytes: new Uint8Array(halves.buffer) };
}

/** Σ(a−b)² / Σb². */
export function nmseOf(pairs: Iterable<readonly [got: number, expected: number]>): number {
  let error = 0;
  let energy = 0;
  for (const [got, expected] of pairs) {
    error += (got - expected) ** 2;
    energy += expected ** 2;
  }
  return error / energy;
}
