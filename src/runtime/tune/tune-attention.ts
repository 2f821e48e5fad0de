/** Trial of an attention variant: with and without a window. The check compares one head, the timing runs all heads. */
import type { Gpu } from '../../gpu/device.ts';
import { makeStep, type Step } from '../../gpu/step.ts';
import type { GpuTimer } from '../../gpu/timing.ts';
import { attentionRef } from '../../kernels/attention.ref.ts';
import { type AttentionVariant, attention, attentionTileRows, attentionTiles } from '../../kernels/attention.ts';
import { elemBytes } from '../../kernels/variants.ts';
import type { StorageType } from '../../types.ts';
import { f16ToFloat32 } from '../../weights/dtype.ts';
import { nmseOf, type Trial, TrialBench, trialValues } from './tune-trial.ts';

/** Heads and window of a model. */
export interface AttentionForm {
  heads: number;
  headDim: 32 | 64 | 128;
  /** Keys on each side of a query in local layers. */
  window: number;
}

/** Two sequences. With two, a kernel that reads a key of the other one gives wrong numbers. */
const cuSeqlens = [0, 67, 256];

/** Floating-point operations of one timing: a global and a local layer over the two sequences. */
export function attentionTrialFlops({ heads, headDim, window }: AttentionForm): number {
  const lengths = cuSeqlens.slice(1).map((end, i) => end - cuSeqlens[i]!);
  const keys = (length: number) => length + Math.min(length, 2 * window + 1);
  return 4 * heads * headDim * lengths.reduce((sum, length) => sum + length * keys(length), 0);
}

export class AttentionTrial implements Trial {
  #bench: TrialBench;
  #steps: { window: number | null; step: Step }[] = [];
  #run: { tokens: number; sequences: number; tiles: number };
  #qkv: Float32Array = new Float32Array();
  #out: GPUBuffer | null = null;

  constructor(
    gpu: Gpu,
    readonly form: AttentionForm,
    readonly storage: StorageType,
    readonly variant: AttentionVariant,
  ) {
    this.#bench = new TrialBench(gpu);
    const tiles = attentionTiles(cuSeqlens, attentionTileRows({ headDim: form.headDim, variant })).length / 4;
    this.#run = { tokens: cuSeqlens.at(-1)!, sequences: cuSeqlens.length - 1, tiles };
  }

  async ready(): Promise<this> {
    const { heads, headDim, window } = this.form;
    const bench = this.#bench;
    const { tokens } = this.#run;
    const qkv = trialValues(3 * heads * tokens * headDim, this.storage);
    this.#qkv = qkv.values;
    const tiles = new Uint32Array(attentionTiles(cuSeqlens, attentionTileRows({ headDim, variant: this.variant })));
    this.#out = bench.storage('out', tokens * heads * headDim * elemBytes(this.storage));
    const buffers = [
      bench.storage('qkv', qkv.bytes.byteLength, qkv.bytes),
      bench.storage('tiles', tiles.byteLength, new Uint8Array(tiles.buffer)),
      this.#out,
    ];
    this.#steps = await bench.gpu.checked(`attention.${this.variant}`, () =>
      Promise.all(
        [null, window].map(async w => ({
          window: w,
          step: await makeStep(bench.gpu, attention({ heads, headDim, window: w, storage: this.storage, variant: this.variant }), buffers),
        })),
      ),
    );
    return this;
  }

  async check(): Promise<number> {
    const { heads, headDim } = this.form;
    const { tokens } = this.#run;
    const H = heads * headDim;
    const size = tokens * headDim;
    const head = heads - 1;
    const oneHead = new Float32Array(3 * size); // q, k, v of the last head
    for (let which = 0; which < 3; which++)
      oneHead.set(this.#qkv.subarray((which * heads + head) * size, (which * heads + head + 1) * size), which * size);
    let worst = 0;
    for (const { window, step } of this.#steps) {
      await this.#bench.once([step], this.#run);
      const data = await this.#bench.read(this.#out!, tokens * H * elemBytes(this.storage));
      const out = this.storage === 'f16' ? f16ToFloat32(new Uint16Array(data)) : new Float32Array(data);
      const expected = attentionRef(oneHead, { heads: 1, headDim, window, cuSeqlens });
      // f16 storage rounds the output once. That error is allowed; beyond it f32's bound holds.
      const rounding = this.storage === 'f16' ? 1e-6 : 0;
      const nmse = nmseOf(Array.from(expected, (e, i) => [out[Math.floor(i / headDim) * H + head * headDim + (i % headDim)]!, e] as const));
      worst = Math.max(worst, Number.isNaN(nmse) ? Number.POSITIVE_INFINITY : Math.max(0, nmse - rounding));
    }
    return worst;
  }

  async timeMs(timer: GpuTimer): Promise<number> {
    return this.#bench.timeMs(
      timer,
      this.#steps.map(s => s.step),
      this.#run,
    );
  }

  dispose(): void {
    this.#bench.dispose();
  }
}
