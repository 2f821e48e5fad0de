/**
 * The operations of which modernbert.ts makes the forward pass. Each adds kernels to a graph and returns the tensor that they fill.
 */
import type { BufferPart } from '../gpu/step.ts';
import { attention } from '../kernels/attention.ts';
import { convert } from '../kernels/convert.ts';
import { type DenseActivation, dense } from '../kernels/dense.ts';
import { embed } from '../kernels/embed.ts';
import { layernorm } from '../kernels/layernorm.ts';
import { type Epilogue, type MatmulShape, matmul } from '../kernels/matmul.ts';
import { normalize } from '../kernels/normalize.ts';
import { pool } from '../kernels/pool.ts';
import type { PoolMode } from '../kernels/pool-modes.ts';
import { softmaxStats } from '../kernels/softmax-stats.ts';
import { targetScores } from '../kernels/target-scores.ts';
import { topk } from '../kernels/topk.ts';
import { type WatchSegment, watch } from '../kernels/watch.ts';
import type { Choices } from '../runtime/choices.ts';
import type { Graph, Tensor } from '../runtime/graph.ts';
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import type { StorageType } from '../types.ts';
import type { ModelConfig } from './config.ts';
import type { LayerKind } from './config-keys.ts';
import type { Inputs } from './inputs.ts';

/** What a kernel's rows are: the batch's tokens, or the rows of this pass through the head. */
export type Rows = 'tokens' | 'rows';

export interface NormOptions {
  rows?: Rows;
  /** Takes the rows that rowIndex names. */
  gather?: boolean;
  out?: StorageType;
}

export interface LinearOptions {
  rows?: Rows;
  /** Which RoPE table turns q and k. */
  kind?: LayerKind;
  /** What a residual is added to. */
  to?: Tensor;
}

/** A Dense after the pooling, with its weights on the GPU: f32 [inputs, outputs rounded up to a multiple of 4]. */
export interface DeviceDense {
  inputs: number;
  outputs: number;
  residual: boolean;
  activation: DenseActivation;
  weight: GPUBuffer;
  bias: GPUBuffer | null;
}

export class Words {
  constructor(
    readonly graph: Graph,
    readonly config: ModelConfig,
    readonly storage: StorageType,
    readonly choices: Choices,
    readonly inputs: Inputs,
    /** The most tokens, and rows of the head, that the graph is made for. */
    readonly capacity: Readonly<Record<Rows, number>>,
  ) {}

  /** x = LN(table[ids]), f32 [T, H]. */
  embed(table: DeviceMatrix, norm: DeviceNorm): Tensor {
    const { ids, x, none } = this.inputs;
    const { hiddenSize: H, normEps: eps } = this.config;
    const hasBias = norm.bias !== null;
    for (const { firstRow, rows, w, scale } of table.shards) {
      const kernel = embed({ H, eps, hasBias, format: table.format, firstRow, rowCount: rows, variant: this.choices.embed });
      this.graph.add(kernel, [ids, w, scale ?? none, norm.weight, norm.bias ?? none, x]);
    }
    return x;
  }

  /** LN(from) row by row, [rows, H] in the storage type or `out`; `gather` takes the rows that rowIndex names. */
  norm(from: Tensor, { weight, bias }: DeviceNorm, { rows = 'tokens', gather = false, out = this.storage }: NormOptions = {}): Tensor {
    const { hiddenSize: H, normEps: eps } = this.config;
    const to = this.graph.temporary('normed', out, [rows, H]);
    const kernel = layernorm({ H, eps, hasBias: bias !== null, rows, gather, storage: out, variant: this.choices.layernorm });
    this.graph.add(kernel, [from, weight, bias ?? this.inputs.none, this.inputs.rowIndex, to]);
    return to;
  }

  /** f32 activations in the storage type, where layer 0 has no norm. */
  asElem(from: Tensor): Tensor {
    if (this.storage === 'f32') return from;
    const to = this.graph.temporary('converted', this.storage, from.shape);
    this.graph.add(convert({ from: 'f32', to: this.storage, width: this.config.hiddenSize }), [from, to]);
    return to;
  }

  /** epilogue(from · Wᵀ + bias). A residual is added into `to`; `kind` says which RoPE table turns q and k. */
  linear(
    from: Tensor,
    { matrix, bias }: DeviceLinear,
    epilogue: Epilogue,
    { rows = 'tokens', kind = 'global', to = this.#outputOf(epilogue, matrix, rows) }: LinearOptions = {},
  ): Tensor {
    const { none, positions, ropeGlobal, ropeLocal } = this.inputs;
    for (const { firstRow, rows: N, w, scale } of matrix.shards) {
      const shape: MatmulShape = {
        K: matrix.K,
        N,
        format: matrix.format,
        storage: this.storage,
        hasBias: bias !== null,
        rows,
        maxRows: this.capacity[rows],
        epilogue: epilogue.kind === 'store' ? { ...epilogue, firstColumn: epilogue.firstColumn + firstRow } : epilogue,
      };
      this.graph.add(matmul(shape, this.choices.matmul(shape)), [
        from,
        w,
        scale ?? none,
        bias ? ({ buffer: bias, offset: 4 * firstRow } as BufferPart) : none,
        kind === 'global' ? ropeGlobal : ropeLocal,
        positions,
        to,
      ]);
    }
    return to;
  }

  #outputOf(epilogue: Epilogue, { N }: DeviceMatrix, rows: Rows): Tensor {
    switch (epilogue.kind) {
      case 'store':
        return this.graph.temporary('product', epilogue.out === 'f32' ? 'f32' : this.storage, [rows, epilogue.rowStride]);
      case 'geglu':
        return this.graph.temporary('gated', this.storage, [rows, N / 2]);
      case 'rope':
        return this.graph.temporary('q, k, v', this.storage, [3, epilogue.heads, rows, epilogue.headDim]);
      case 'residual':
        return this.inputs.x;
    }
  }

  /** softmax(q kᵀ / √headDim) v over the sequence, or the window of a local layer: [T, H]. */
  attention(qkv: Tensor, kind: LayerKind): Tensor {
    const { heads, headDim, hiddenSize, window } = this.config;
    const to = this.graph.temporary('attended', this.storage, ['tokens', hiddenSize]);
    const kernel = attention({
      heads,
      headDim,
      window: kind === 'local' ? window : null,
      storage: this.storage,
      variant: this.choices.attention,
    });
    this.graph.add(kernel, [qkv, this.inputs.tiles, to]);
    return to;
  }

  softmaxStats(logits: Tensor, to: Tensor): void {
    this.graph.add(softmaxStats({ V: this.config.vocabSize, variant: this.choices.softmaxStats }), [logits, to]);
  }

  topk(logits: Tensor, stats: Tensor, ids: Tensor, logProbs: Tensor): void {
    this.graph.add(topk({ V: this.config.vocabSize, variant: this.choices.topk }), [logits, stats, ids, logProbs]);
  }

  targetScores(logits: Tensor, stats: Tensor, to: Tensor): void {
    const kernel = targetScores({ V: this.config.vocabSize, variant: this.choices.targetScores });
    this.graph.add(kernel, [this.inputs.pairs, logits, stats, to]);
  }

  /** One vector a sequence, in columns `column` … of `to` [S, stride]. */
  pool(from: Tensor, pooling: PoolMode, { isNormalized, column }: { isNormalized: boolean; column: number }, to: Tensor): void {
    const shape = { H: this.config.hiddenSize, pooling, normalize: isNormalized, stride: to.shape[1] as number, column };
    this.graph.add(pool({ ...shape, variant: this.choices.pool }), [from, this.inputs.cuSeqlens, to]);
  }

  /** Rows of `x` [rows, width] to length 1, in place. */
  normalize(x: Tensor): void {
    const [rows, width] = x.shape as ['tokens' | 'sequences', number];
    this.graph.add(normalize({ H: width, rows, variant: this.choices.normalize }), [x]);
  }

  /** A Dense over one vector a sequence: [S, outputs rounded up to a multiple of 4]. */
  dense(from: Tensor, { inputs, outputs, residual, activation, weight, bias }: DeviceDense): Tensor {
    const to = this.graph.temporary('vectors', 'f32', ['sequences', Math.ceil(outputs / 4) * 4]);
    const shape = { K: inputs, inputStride: from.shape[1] as number, N: outputs, hasBias: bias !== null, residual, activation };
    this.graph.add(dense(shape), [from, weight, bias ?? this.inputs.none, to]);
    return to;
  }

  /** A LayerNorm over one vector a sequence, with PyTorch's default eps. */
  vectorNorm(from: Tensor, { weight, bias }: DeviceNorm, width: number): Tensor {
    const to = this.graph.temporary('vectors', 'f32', from.shape);
    const shape = { H: width, eps: 1e-5, hasBias: bias !== null, rows: 'sequences', gather: false, storage: 'f32' } as const;
    const { none, rowIndex } = this.inputs;
    this.graph.add(layernorm({ ...shape, variant: this.choices.layernorm }), [from, weight, bias ?? none, rowIndex, to]);
    return to;
  }

  /** Adds `flag` to the flags of each segment of `values` [.., width] that holds a number that is not finite. */
  watch(values: Tensor, segment: WatchSegment, flag: number, flags: Tensor): void {
    const shape = { width: values.shape.at(-1) as number, storage: values.type as StorageType, segment, flag };
    this.graph.add(watch({ ...shape, variant: this.choices.watch }), [values, this.inputs.cuSeqlens, flags]);
  }
}
