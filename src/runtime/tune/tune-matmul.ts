/** Trial of a matmul variant on the model's own weights. The check compares some of the outputs, the timing runs the whole product. */
import type { Gpu } from '../../gpu/device.ts';
import { makeStep, type Step } from '../../gpu/step.ts';
import type { GpuTimer } from '../../gpu/timing.ts';
import { type MatmulShape, type MatmulVariant, matmul } from '../../kernels/matmul.ts';
import type { StorageType } from '../../types.ts';
import type { DeviceMatrix } from '../matrix.ts';
import { nmseOf, type Trial, TrialBench, trialValues } from './tune-trial.ts';

/** Rows of W that the check dequantizes on the CPU, and outputs it compares. */
const checkedRows = 64;
const checkedOutputs = 256;

/**
 * The shape of a product with the first shard into f32, exactly as the model uses it: the decoder stores its logits, the others add to
 * the residual stream. So the pipeline that is compiled for the trial serves the model too.
 */
export function trialShape(
  { K, format, shards }: DeviceMatrix,
  storage: StorageType,
  maxRows: number,
  use: 'decoder' | 'layer',
  hasBias: boolean,
): MatmulShape {
  const N = shards[0]!.rows;
  if (use === 'layer') return { K, N, format, storage, epilogue: { kind: 'residual' }, hasBias, rows: 'tokens', maxRows };
  const epilogue = { kind: 'store', out: 'f32', activation: 'none', firstColumn: 0, rowStride: N } as const;
  return { K, N, format, storage, epilogue, hasBias, rows: 'rows', maxRows };
}

export class MatmulTrial implements Trial {
  #bench: TrialBench;
  #step: Step | null = null;
  /** The count of rows, under both names that a shape may use for it. */
  #run: { tokens: number; rows: number };
  #shape: MatmulShape;
  #a: Float32Array = new Float32Array();
  #y: GPUBuffer | null = null;

  constructor(
    gpu: Gpu,
    readonly matrix: DeviceMatrix,
    readonly storage: StorageType,
    rows: number,
    shape: MatmulShape,
    readonly variant: MatmulVariant,
  ) {
    this.#bench = new TrialBench(gpu);
    this.#run = { tokens: rows, rows };
    this.#shape = shape;
  }

  /** Compiles and fills the buffers. */
  async ready(): Promise<this> {
    const bench = this.#bench;
    const { K, N } = this.#shape;
    const { tokens } = this.#run;
    const kernel = matmul(this.#shape, this.variant);
    const { w, scale } = this.matrix.shards[0]!;
    const a = trialValues(tokens * K, this.storage);
    this.#a = a.values;
    this.#y = bench.storage('y', 4 * tokens * N);
    const none = bench.storage('none', 16);
    const buffers = [bench.storage('a', a.bytes.byteLength, a.bytes), w, scale ?? none, bench.storage('bias', 4 * N), none, none, this.#y];
    this.#step = await bench.gpu.checked(`matmul.${this.variant}`, () => makeStep(bench.gpu, kernel, buffers));
    return this;
  }

  async check(): Promise<number> {
    const { K, N } = this.#shape;
    const { tokens } = this.#run;
    await this.#bench.once([this.#step!], this.#run); // y starts as zeros: the residual's sum is the product
    const y = new Float32Array(await this.#bench.read(this.#y!, 4 * tokens * N));
    const W = await this.#bench.weightRows(this.matrix, checkedRows);
    const rows = W.length / K;
    const a = this.#a;
    return nmseOf(
      Array.from({ length: checkedOutputs }, (_, i) => {
        const m = (i * 37) % tokens;
        const n = (i * 11) % rows;
        let sum = 0;
        for (let k = 0; k < K; k++) sum += a[m * K + k]! * W[n * K + k]!;
        return [y[m * N + n]!, sum] as const;
      }),
    );
  }

  timeMs(timer: GpuTimer): Promise<number> {
    return this.#bench.timeMs(timer, [this.#step!], this.#run);
  }

  dispose(): void {
    this.#bench.dispose();
  }
}
