/**
 * Trials of the kernels beside matmul and attention: norms, poolings, and those that read the logits. They run at the model's own
 * shape on made numbers. A variant that a caller asks for is checked here before it is used; some kernels are timed too (tune-tasks.ts).
 */
import type { Gpu } from '../../gpu/device.ts';
import type { Run } from '../../gpu/run.ts';
import { type BufferPart, type Kernel, makeStep, type Step } from '../../gpu/step.ts';
import type { GpuTimer } from '../../gpu/timing.ts';
import { embedRef } from '../../kernels/embed.ref.ts';
import { embed } from '../../kernels/embed.ts';
import { layernormRef } from '../../kernels/layernorm.ref.ts';
import { layernorm } from '../../kernels/layernorm.ts';
import { normalizeRef } from '../../kernels/normalize.ref.ts';
import { normalize } from '../../kernels/normalize.ts';
import { poolRef } from '../../kernels/pool.ref.ts';
import { pool } from '../../kernels/pool.ts';
import { softmaxStatsRef } from '../../kernels/softmax-stats.ref.ts';
import { softmaxStats } from '../../kernels/softmax-stats.ts';
import { targetScoresRef } from '../../kernels/target-scores.ref.ts';
import { targetScores } from '../../kernels/target-scores.ts';
import { topkRef } from '../../kernels/topk.ref.ts';
import { topk } from '../../kernels/topk.ts';
import { watch } from '../../kernels/watch.ts';
import type { KernelVariants, StorageType } from '../../types.ts';
import { f16ToFloat32 } from '../../weights/dtype.ts';
import type { DeviceMatrix } from '../matrix.ts';
import { nmseOf, type Trial, TrialBench, trialValues } from './tune-trial.ts';

/** What of a model these kernels depend on. */
export interface RowsForm {
  /** Hidden size and vocabulary. */
  H: number;
  V: number;
  eps: number;
  /** Whether the norms of the layers and of the embeddings have a bias. */
  biases: { layers: boolean; embeddings: boolean };
  embedding: DeviceMatrix;
}

export type RowsKernel = Exclude<keyof KernelVariants, 'matmul' | 'attention'>;

/** Lengths of two sequences. With two, a kernel that reads a token of the other one gives wrong numbers. */
const lengths = [61, 67];
const tokens = 128;
const cuSeqlens = Uint32Array.of(0, lengths[0]!, tokens);
/** Masked rows, predictions of each, and rows of the embedding table that are looked up. */
const rows = 2;
const topK = 5;
const lookedUp = 32;

/** A buffer of the kernel: its content before the run, or the buffer itself, and what it must hold afterwards. */
interface Place {
  before: Float32Array | Uint32Array | Uint8Array<ArrayBuffer> | BufferPart;
  /** u32 words must be equal; floats may differ within the tolerance. */
  expected?: Float64Array | Uint32Array;
  storage?: StorageType;
}

interface Exam {
  kernel: Kernel;
  places: readonly Place[];
  run: Run;
}

type Names<K extends RowsKernel> = NonNullable<KernelVariants[K]>;
type Makers = { [K in RowsKernel]: (variant: Names<K>, form: RowsForm, storage: StorageType, bench: TrialBench) => Exam | Promise<Exam> };

const values = (length: number, scale = 1) => trialValues(length, 'f32').values.map(v => v * scale);
/** An input that the shape does not use. */
const unused: Place = { before: new Uint32Array(4) };

function logitsOf(V: number) {
  const logits = values(rows * V, 9);
  const expected = softmaxStatsRef(logits, V);
  const stats = Float32Array.from(expected);
  return { logits, expected, stats, logSumExp: Float32Array.from({ length: rows }, (_, row) => stats[4 * row]!) };
}

const exams: Makers = {
  async embed(variant, { H, eps, biases, embedding }, _, bench) {
    const { w, scale, rows: rowCount } = embedding.shards[0]!;
    const known = Math.min(lookedUp, rowCount);
    const table = await bench.weightRows(embedding, known);
    const ids = Uint32Array.from({ length: tokens }, (_, t) => (t * 7) % known);
    const [weight, bias, x] = [values(H), values(H, 0.5), new Float32Array(tokens * H)];
    const operands = { ids, table, firstRow: 0, weight, bias: biases.embeddings ? bias : undefined, x };
    return {
      kernel: embed({ H, eps, hasBias: biases.embeddings, format: embedding.format, firstRow: 0, rowCount, variant }),
      run: { tokens },
      places: [
        { before: ids },
        { before: w },
        scale ? { before: scale } : unused,
        { before: weight },
        { before: bias },
        { before: x, expected: embedRef(H, eps, operands) },
      ],
    };
  },

  layernorm(variant, { H, eps, biases }, storage) {
    const [x, weight, bias] = [values(tokens * H), values(H), values(H, 0.5)];
    const hasBias = biases.layers;
    return {
      kernel: layernorm({ H, eps, hasBias, rows: 'tokens', gather: false, storage, variant }),
      run: { tokens },
      places: [
        { before: x },
        { before: weight },
        { before: bias },
        unused,
        { before: new Float32Array(tokens * H), expected: layernormRef(x, H, eps, weight, hasBias ? bias : undefined), storage },
      ],
    };
  },

  normalize(variant, { H }) {
    const x = values(tokens * H, 3);
    return {
      kernel: normalize({ H, rows: 'tokens', variant }),
      run: { tokens },
      places: [{ before: x, expected: normalizeRef(x, H) }],
    };
  },

  pool(variant, { H }) {
    const hidden = values(tokens * H);
    return {
      kernel: pool({ H, pooling: 'mean', normalize: true, variant }),
      run: { tokens, sequences: lengths.length, skip: 0 },
      places: [
        { before: hidden },
        { before: cuSeqlens },
        { before: new Float32Array(lengths.length * H), expected: poolRef(hidden, H, cuSeqlens, 'mean', true) },
      ],
    };
  },

  softmaxStats(variant, { V }) {
    const { logits, expected } = logitsOf(V);
    return {
      kernel: softmaxStats({ V, variant }),
      run: { rows, firstRow: 0 },
      places: [{ before: logits }, { before: new Float32Array(expected.length), expected }],
    };
  },

  targetScores(variant, { V }) {
    const { logits, stats, logSumExp } = logitsOf(V);
    const pairs = Uint32Array.of(0, 0, 1, V - 1, 1, V >> 1);
    const scores = targetScoresRef(pairs, logits, V, logSumExp);
    const bits = new Uint32Array(Float32Array.from(scores, ({ logProb }) => logProb).buffer);
    return {
      kernel: targetScores({ V, variant }),
      run: { rows, firstRow: 0, pairs: scores.length, firstPair: 0 },
      places: [
        { before: pairs },
        { before: logits },
        { before: stats },
        { before: new Uint32Array(2 * scores.length), expected: Uint32Array.from(scores.flatMap(({ rank }, p) => [bits[p]!, rank])) },
      ],
    };
  },

  topk(variant, { V }) {
    const k = Math.min(topK, V);
    const { logits, stats, logSumExp } = logitsOf(V);
    const { ids, logProbs } = topkRef(logits, V, k, logSumExp);
    return {
      kernel: topk({ V, variant }),
      run: { rows, firstRow: 0, topK: k },
      places: [
        { before: logits },
        { before: stats },
        { before: new Uint32Array(ids.length), expected: ids },
        { before: new Float32Array(logProbs.length), expected: logProbs },
      ],
    };
  },

  watch(variant, { H }, storage) {
    const numbers = trialValues(tokens * H, storage).bytes;
    // The last number of the second text is NaN in either storage.
    new Uint32Array(numbers.buffer)[numbers.byteLength / 4 - 1] = 0x7fff_ffff;
    return {
      kernel: watch({ width: H, storage, segment: 'text', flag: 2, variant }),
      run: { tokens, sequences: lengths.length },
      places: [{ before: numbers }, { before: cuSeqlens }, { before: new Uint32Array(2), expected: Uint32Array.of(0, 2) }],
    };
  },
};

export class RowsTrial<K extends RowsKernel> implements Trial {
  #bench: TrialBench;
  #exam: Exam | null = null;
  #buffers: BufferPart[] = [];
  #steps: Step[] = [];
  #run: Run = {};

  constructor(
    gpu: Gpu,
    readonly kernel: K,
    readonly form: RowsForm,
    readonly storage: StorageType,
    readonly variant: Names<K>,
  ) {
    this.#bench = new TrialBench(gpu);
  }

  async ready(): Promise<this> {
    const bench = this.#bench;
    const exam = await exams[this.kernel](this.variant, this.form, this.storage, bench);
    this.#exam = exam;
    this.#run = exam.run;
    this.#buffers = exam.places.map(({ before, storage }) => {
      if (!ArrayBuffer.isView(before)) return before;
      const bytes = new Uint8Array(before.buffer, before.byteOffset, before.byteLength) as Uint8Array<ArrayBuffer>;
      return storage === 'f16' ? bench.storage(this.kernel, bytes.byteLength / 2) : bench.storage(this.kernel, bytes.byteLength, bytes);
    });
    const step = await bench.gpu.checked(`${this.kernel}.${this.variant}`, () => makeStep(bench.gpu, exam.kernel, this.#buffers));
    this.#steps = [step];
    return this;
  }

  async check(): Promise<number> {
    await this.#bench.once(this.#steps, this.#run);
    let worst = 0;
    for (const [i, { expected, storage }] of this.#exam!.places.entries()) {
      if (!expected) continue;
      const isHalf = storage === 'f16';
      const data = await this.#bench.read(this.#buffers[i] as GPUBuffer, expected.length * (isHalf ? 2 : 4));
      if (expected instanceof Uint32Array) {
        const words = new Uint32Array(data);
        if (expected.some((word, at) => word !== words[at])) return Number.POSITIVE_INFINITY;
        continue;
      }
      const got = isHalf ? f16ToFloat32(new Uint16Array(data)) : new Float32Array(data);
      const nmse = nmseOf(Array.from(expected, (e, at) => [got[at]!, e] as const));
      // f16 storage rounds the output once. That error is allowed; beyond it f32's bound holds.
      worst = Math.max(worst, Number.isNaN(nmse) ? Number.POSITIVE_INFINITY : Math.max(0, nmse - (isHalf ? 1e-6 : 0)));
    }
    return worst;
  }

  timeMs(timer: GpuTimer): Promise<number> {
    return this.#bench.timeMs(timer, this.#steps, this.#run);
  }

  dispose(): void {
    this.#bench.dispose();
  }
}
