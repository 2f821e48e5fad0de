/**
 * Quantizes on the GPU to exactly the bits of the CPU. The kernel answers the groups for which f32 is precise enough and marks the others,
 * which the CPU computes in f64 (shaders/quantize.wgsl). So a file is the same wherever it was made, and a broken part can be made again anywhere.
 */
import type { Gpu } from '../gpu/device.ts';
import { RunSlots } from '../gpu/run.ts';
import { Staging } from '../gpu/staging.ts';
import { encodeSteps, makeStep, type Step } from '../gpu/step.ts';
import { quantize as quantizeKernel, unsureBit } from '../kernels/quantize.ts';
import { groupSize } from '../weights/formats.ts';
import { type QuantizedBlock, quantize } from '../weights/quantize.ts';

/** Values of one dispatch: a block of `ConvertedFile`. */
const capacity = 2 ** 19;

export class GpuQuantizer {
  /** Groups so far, and how many of them went to the CPU. */
  groups = 0;
  unsure = 0;
  readonly #gpu: Gpu;
  readonly #staging: Staging;
  readonly #values: GPUBuffer;
  readonly #codes: GPUBuffer;
  readonly #scales: GPUBuffer;
  readonly #slots: RunSlots;
  readonly #steps = new Map<string, Promise<Step>>();

  /** Takes 3.1 MB of GPU memory until `dispose`. */
  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#staging = new Staging(gpu);
    this.#values = gpu.memory.storage('activations', 'quantize values', 4 * capacity);
    this.#codes = gpu.memory.storage('activations', 'quantize codes', capacity);
    this.#scales = gpu.memory.storage('activations', 'quantize scales', (4 * capacity) / groupSize);
    this.#slots = new RunSlots(gpu.device, gpu.run);
  }

  /** The same result as `quantize` of weights/quantize.ts; one call at a time. K divisible by 32. Errors: GpuError, DeviceLostError. */
  async quantize(values: Float32Array<ArrayBuffer>, rows: number, K: number, format: 'q8' | 'q4'): Promise<QuantizedBlock> {
    const perWord = format === 'q8' ? 4 : 8;
    const q = new Uint8Array((rows * K * 4) / perWord);
    const scale = new Uint16Array((rows * K) / groupSize);
    const most = Math.max(1, Math.floor(capacity / K));
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first);
      const part = values.subarray(first * K, (first + count) * K);
      const codeBytes = (part.length * 4) / perWord;
      const bytes = await this.#dispatch(part, count, K, format, codeBytes);
      q.set(new Uint8Array(bytes, 0, codeBytes), (first * K * 4) / perWord);
      const words = new Uint32Array(bytes, codeBytes);
      scale.set(words, (first * K) / groupSize);
      this.#settle(part, words, format, q.subarray((first * K * 4) / perWord), scale.subarray((first * K) / groupSize));
    }
    return format === 'q8' ? { kind: 'q8', q: new Int8Array(q.buffer), scale } : { kind: 'q4', q, scale };
  }

  dispose(): void {
    this.#staging.dispose();
    this.#gpu.memory.free(this.#values, this.#codes, this.#scales);
  }

  /** Returns the codes, then one word for each scale. */
  async #dispatch(
    values: Float32Array<ArrayBuffer>,
    rows: number,
    K: number,
    format: 'q8' | 'q4',
    codeBytes: number,
  ): Promise<ArrayBuffer> {
    const step = await this.#step(K, format);
    const { queue } = this.#gpu.device;
    const scaleBytes = (values.length / groupSize) * 4;
    await this.#staging.reserve(codeBytes + scaleBytes);
    queue.writeBuffer(this.#values, 0, values);
    const encoder = this.#gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encodeSteps(pass, [step], { tokens: rows }, this.#slots);
    pass.end();
    this.#slots.send();
    this.#staging.copy(encoder, this.#codes, codeBytes, 0);
    this.#staging.copy(encoder, this.#scales, scaleBytes, codeBytes);
    queue.submit([encoder.finish()]);
    return this.#staging.read(codeBytes + scaleBytes);
  }

  #step(K: number, format: 'q8' | 'q4'): Promise<Step> {
    const key = `${format} ${K}`;
    let step = this.#steps.get(key);
    if (!step) {
      const kernel = quantizeKernel({ format, K });
      step = this.#gpu.checked(kernel.label, () => makeStep(this.#gpu, kernel, [this.#values, this.#codes, this.#scales]));
      this.#steps.set(key, step);
    }
    return step;
  }

  /** Computes the groups that the GPU marked, all at once on the CPU. */
  #settle(values: Float32Array, words: Uint32Array, format: 'q8' | 'q4', q: Uint8Array, scale: Uint16Array): void {
    const left: number[] = [];
    for (let group = 0; group < words.length; group++) if ((words[group] as number) & unsureBit) left.push(group);
    this.groups += words.length;
    this.unsure += left.length;
    const gathered = new Float32Array(left.length * groupSize);
    left.forEach((group, i) => {
      gathered.set(values.subarray(group * groupSize, (group + 1) * groupSize), i * groupSize);
    });
    const block = quantize(gathered, left.length, groupSize, format);
    const codes = new Uint8Array(block.q.buffer);
    const bytes = format === 'q8' ? groupSize : groupSize / 2;
    left.forEach((group, i) => {
      q.set(codes.subarray(i * bytes, (i + 1) * bytes), group * bytes);
      scale[group] = block.scale[i] as number;
    });
  }
}
