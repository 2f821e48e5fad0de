/**
 * The words in which modernbert.ts tells the forward pass. Each adds kernels with their buffers to a list;
 * `compile` turns the list into steps, all pipelines at once.
 */
import type { Gpu } from '../gpu/device.ts';
import { type BufferPart, type Kernel, makeStep, type Step } from '../gpu/step.ts';
import { attention } from '../kernels/attention.ts';
import { convert } from '../kernels/convert.ts';
import { type DenseActivation, dense } from '../kernels/dense.ts';
import { embed } from '../kernels/embed.ts';
import { layernorm } from '../kernels/layernorm.ts';
import { type Epilogue, matmul } from '../kernels/matmul.ts';
import { normalize } from '../kernels/normalize.ts';
import { pool } from '../kernels/pool.ts';
import type { PoolMode } from '../kernels/pool-modes.ts';
import { softmaxStats } from '../kernels/softmax-stats.ts';
import { targetScores } from '../kernels/target-scores.ts';
import { topk } from '../kernels/topk.ts';
import { type WatchSegment, watch } from '../kernels/watch.ts';
import type { Choices } from '../runtime/choices.ts';
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import type { StorageType } from '../types.ts';
import type { Buffers } from './arena.ts';
import type { ModelConfig } from './config.ts';
import type { LayerKind } from './config-keys.ts';

/** A layer behind the pooling with its weights on the GPU. */
export type DeviceStep =
  | { kind: 'normalize' }
  | {
      kind: 'dense';
      label: string;
      inputs: number;
      outputs: number;
      residual: boolean;
      activation: DenseActivation;
      /** f32 [inputs, outputs rounded up to a multiple of 4]. */
      weight: GPUBuffer;
      bias: GPUBuffer | null;
    }
  | { kind: 'layernorm'; label: string; size: number; norm: DeviceNorm };

/** What counts a kernel's rows: the batch's tokens, or the rows of this pass through the head. */
export type Rows = 'tokens' | 'rows';

export class Ops {
  readonly #list: { kernel: Kernel; buffers: readonly BufferPart[] }[] = [];

  constructor(
    readonly config: ModelConfig,
    readonly storage: StorageType,
    readonly choices: Choices,
    readonly buffers: Buffers,
    /** The plan's capacity: tokens, or rows of the head. */
    readonly capacity: { tokens: number; rows: number },
  ) {}

  /** x = LN(table[ids]), f32. */
  embed(table: DeviceMatrix, norm: DeviceNorm): void {
    const { ids, x, run, none } = this.buffers;
    const { hiddenSize: H, normEps: eps } = this.config;
    for (const { firstRow, rows, w, scale } of table.shards) {
      const kernel = embed({
        H,
        eps,
        hasBias: norm.bias !== null,
        format: table.format,
        firstRow,
        rowCount: rows,
        variant: this.choices.embed,
      });
      this.#add(kernel, [ids, w, scale ?? none, norm.weight, norm.bias ?? none, x, run]);
    }
  }

  /** to = LN(from), row by row; `gather` reads the rows that rowIndex names. `to` is elem, or f32 with `out: 'f32'`. */
  norm(
    from: GPUBuffer,
    { weight, bias }: DeviceNorm,
    to: GPUBuffer,
    { rows = 'tokens' as Rows, gather = false, out = this.storage } = {},
  ): void {
    const { hiddenSize: H, normEps: eps } = this.config;
    const kernel = layernorm({ H, eps, hasBias: bias !== null, rows, gather, storage: out, variant: this.choices.layernorm });
    this.#add(kernel, [from, weight, bias ?? this.buffers.none, this.buffers.rowIndex, to, this.buffers.run]);
  }

  /** f32 activations as elem, where layer 0 has no norm; returns the buffer to read. */
  asElem(from: GPUBuffer, to: GPUBuffer): GPUBuffer {
    if (this.storage === 'f32') return from;
    this.#add(convert({ from: 'f32', to: this.storage, width: this.config.hiddenSize }), [from, to, this.buffers.run]);
    return to;
  }

  /** to = epilogue(from · Wᵀ + bias). */
  linear(
    from: GPUBuffer,
    { matrix, bias }: DeviceLinear,
    epilogue: Epilogue,
    to: GPUBuffer,
    { rows = 'tokens' as Rows, kind = 'global' as LayerKind } = {},
  ): void {
    const { none, positions, run, ropeGlobal, ropeLocal } = this.buffers;
    for (const { firstRow, rows: N, w, scale } of matrix.shards) {
      const shape = {
        K: matrix.K,
        N,
        format: matrix.format,
        storage: this.storage,
        hasBias: bias !== null,
        rows,
        maxRows: this.capacity[rows],
        epilogue: epilogue.kind === 'store' ? { ...epilogue, firstColumn: epilogue.firstColumn + firstRow } : epilogue,
      };
      const biasPart = bias ? { buffer: bias, offset: 4 * firstRow } : none;
      const table = kind === 'global' ? ropeGlobal : ropeLocal;
      this.#add(matmul(shape, this.choices.matmul(shape)), [from, w, scale ?? none, biasPart, table, positions, to, run]);
    }
  }

  attention(qkv: GPUBuffer, kind: LayerKind, to: GPUBuffer): void {
    const { heads, headDim, window } = this.config;
    const kernel = attention({
      heads,
      headDim,
      window: kind === 'local' ? window : null,
      storage: this.storage,
      variant: this.choices.attention,
    });
    this.#add(kernel, [qkv, this.buffers.tiles, to, this.buffers.run]);
  }

  softmaxStats(logits: GPUBuffer, to: GPUBuffer): void {
    this.#add(softmaxStats({ V: this.config.vocabSize, variant: this.choices.softmaxStats }), [logits, to, this.buffers.run]);
  }

  topk(logits: GPUBuffer, stats: GPUBuffer, ids: GPUBuffer, logProbs: GPUBuffer): void {
    this.#add(topk({ V: this.config.vocabSize, variant: this.choices.topk }), [logits, stats, ids, logProbs, this.buffers.run]);
  }

  targetScores(logits: GPUBuffer, stats: GPUBuffer, to: GPUBuffer): void {
    const kernel = targetScores({ V: this.config.vocabSize, variant: this.choices.targetScores });
    this.#add(kernel, [this.buffers.pairs, logits, stats, to, this.buffers.run]);
  }

  /** One vector a sequence, in columns `column` … of rows of `stride` numbers. */
  pool(
    from: GPUBuffer,
    pooling: PoolMode,
    { isNormalized, stride, column }: { isNormalized: boolean; stride: number; column: number },
    to: GPUBuffer,
  ): void {
    const kernel = pool({ H: this.config.hiddenSize, pooling, normalize: isNormalized, stride, column, variant: this.choices.pool });
    this.#add(kernel, [from, this.buffers.cuSeqlens, to, this.buffers.run]);
  }

  /** Rows of `width` numbers to length 1, in place. */
  normalize(x: GPUBuffer, width: number, rows: 'tokens' | 'sequences'): void {
    this.#add(normalize({ H: width, rows, variant: this.choices.normalize }), [x, this.buffers.run]);
  }

  /** A Dense over one vector a sequence. */
  dense(
    from: GPUBuffer,
    { inputs, outputs, residual, activation, weight, bias }: Extract<DeviceStep, { kind: 'dense' }>,
    inputStride: number,
    to: GPUBuffer,
  ): void {
    const kernel = dense({ K: inputs, inputStride, N: outputs, hasBias: bias !== null, residual, activation });
    this.#add(kernel, [from, weight, bias ?? this.buffers.none, to, this.buffers.run]);
  }

  /** A LayerNorm over one vector a sequence, with PyTorch's default eps. */
  vectorNorm(from: GPUBuffer, { weight, bias }: DeviceNorm, width: number, to: GPUBuffer): void {
    const shape = { H: width, eps: 1e-5, hasBias: bias !== null, rows: 'sequences', gather: false, storage: 'f32' } as const;
    const { none, rowIndex, run } = this.buffers;
    this.#add(layernorm({ ...shape, variant: this.choices.layernorm }), [from, weight, bias ?? none, rowIndex, to, run]);
  }

  /** Adds `flag` to the flags of each segment of `values` [.., H] that holds a number that is not finite. */
  watch(
    values: GPUBuffer,
    segment: WatchSegment,
    flag: number,
    flags: GPUBuffer,
    { storage = 'f32' as StorageType, width = this.config.hiddenSize } = {},
  ): void {
    const kernel = watch({ width, storage, segment, flag, variant: this.choices.watch });
    this.#add(kernel, [values, this.buffers.cuSeqlens, flags, this.buffers.run]);
  }

  /** What the listed kernels cost, without their texts. */
  get costs(): { label: string; cost: Kernel['cost'] }[] {
    return this.#list.map(({ kernel: { label, cost } }) => ({ label, cost }));
  }

  /** Compiles all pipelines in parallel. `onStep` counts them. */
  async compile(gpu: Gpu, onStep: (done: number, total: number, label: string) => void = () => {}): Promise<Step[]> {
    let done = 0;
    const total = this.#list.length;
    return gpu.checked('compiling the kernels', () =>
      Promise.all(
        this.#list.map(async ({ kernel, buffers }) => {
          const step = await makeStep(gpu, kernel, buffers);
          onStep(++done, total, kernel.label);
          return step;
        }),
      ),
    );
  }

  #add(kernel: Kernel, buffers: readonly BufferPart[]): void {
    this.#list.push({ kernel, buffers });
  }
}
