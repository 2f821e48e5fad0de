/**
 * The operations of the forward pass, each with its derivative beside it. The page of the forward pass (model/modernbert.ts) is written in
 * them, so it serves training as it stands: every operation also records its backward pass on the tape.
 *
 * A gradient lies as its tensor does. That of the residual stream is one buffer, `inputs.dx`, which every branch adds to. Gradients of weights
 * are added to `gradients`, buffer by buffer.
 */
import { activation } from '../kernels/activation.ts';
import { activationBackward } from '../kernels/activation-backward.ts';
import { type AttentionMask, attention } from '../kernels/attention.ts';
import { attentionDkv, attentionDq } from '../kernels/attention-back.ts';
import { attentionDots } from '../kernels/attention-dots.ts';
import { columnSum } from '../kernels/column-sum.ts';
import { convert } from '../kernels/convert.ts';
import { dropout } from '../kernels/dropout.ts';
import { gate } from '../kernels/gate.ts';
import { gateBackward } from '../kernels/gate-backward.ts';
import { gatherRows } from '../kernels/gather-rows.ts';
import { layernorm } from '../kernels/layernorm.ts';
import { layernormBackward, layernormBackwardBlock } from '../kernels/layernorm-backward.ts';
import type { Epilogue } from '../kernels/matmul.ts';
import { ropeBackward } from '../kernels/rope-backward.ts';
import { scatterRows } from '../kernels/scatter-rows.ts';
import type { LayerKind } from '../model/config-keys.ts';
import type { LinearOptions, NormOptions, Rows } from '../model/words.ts';
import type { Tensor } from '../runtime/graph.ts';
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import type { StorageType } from '../types.ts';
import { linearBackward } from './linear-backward.ts';
import { TapedWords } from './tape.ts';

export class TrainingWords extends TapedWords {
  /** The rows themselves are kept, as the norm's backward pass needs them. */
  override embed(table: DeviceMatrix, norm: DeviceNorm): Tensor {
    const { ids, x, dx, none, rowIndex, order, groups } = this.setup.inputs;
    const { hiddenSize: H, normEps: eps } = this.config;
    const looked = this.graph.temporary('embeddings', 'f32', ['tokens', H]);
    const shards = table.shards.map(({ firstRow, rows, w }) => ({ w, shape: { H, firstRow, rowCount: rows } }));
    for (const { w, shape } of shards) this.graph.add(gatherRows(shape), [ids, w, looked]);
    const shape = { H, eps, hasBias: norm.bias !== null, rows: 'tokens', gather: false, storage: 'f32' } as const;
    this.graph.add(layernorm({ ...shape, variant: this.choices.layernorm }), [looked, norm.weight, norm.bias ?? none, rowIndex, x]);
    this.record(() => {
      const gradient = this.graph.temporary('gradient of the embeddings', 'f32', ['tokens', H]);
      this.#normBackward(looked, norm, dx, gradient, { rows: 'tokens', gather: false, add: false });
      for (const { w, shape } of shards) this.graph.add(scatterRows(shape), [order, groups, gradient, this.gradientBuffer(w)]);
    });
    return x;
  }

  /** The residual stream changes after its norm, so a copy is kept of it; the last norm, which gathers rows, sees it as it stays. */
  override norm(from: Tensor, norm: DeviceNorm, options: NormOptions = {}): Tensor {
    const { x, dx } = this.setup.inputs;
    const { rows = 'tokens', gather = false } = options;
    const kept = from === x && !gather ? this.#copy(x) : from;
    const y = super.norm(from, norm, options);
    this.record(() => {
      if (from === x) {
        this.#normBackward(kept, norm, this.gradientOf(y), dx, { rows, gather, add: true });
        return;
      }
      const gradient = this.graph.temporary(`gradient of ${from.name}`, 'f32', from.shape);
      this.setGradient(from, gradient);
      this.#normBackward(kept, norm, this.gradientOf(y), gradient, { rows, gather, add: false });
    });
    return y;
  }

  /** A copy in any storage type: the residual stream changes later. What its matrix gives back is added to the stream's gradient. */
  override asElem(from: Tensor): Tensor {
    const copy = this.#copy(from, this.storage);
    this.setGradient(copy, this.setup.inputs.dx);
    return copy;
  }

  override linear(from: Tensor, linear: DeviceLinear, epilogue: Epilogue, options: LinearOptions = {}): Tensor {
    const { graph, storage } = this;
    const { rows = 'tokens' } = options;
    const { N } = linear.matrix;
    const back = (dy: Tensor) => linearBackward(this, from, linear, dy, rows);
    switch (epilogue.kind) {
      case 'residual': {
        const to = super.linear(from, linear, epilogue, options);
        this.record(() => back(this.inStorage(this.setup.inputs.dx)));
        return to;
      }
      case 'rope': {
        const { positions, ropeGlobal, ropeLocal } = this.inputs;
        const { heads, headDim } = epilogue;
        const qkv = super.linear(from, linear, epilogue, options);
        this.record(() => {
          const dy = graph.temporary('gradient of the projection', storage, [rows, N]);
          const table = options.kind === 'local' ? ropeLocal : ropeGlobal;
          graph.add(ropeBackward({ heads, headDim, storage, out: storage }), [this.gradientOf(qkv), table, positions, dy]);
          back(dy);
        });
        return qkv;
      }
      case 'geglu': {
        const shape = { width: N / 2, activation: epilogue.activation, storage };
        const ug = super.linear(from, linear, { kind: 'store', out: 'elem', activation: 'none', firstColumn: 0, rowStride: N }, options);
        const gated = graph.temporary('gated', storage, [rows, N / 2]);
        graph.add(gate(shape), [ug, gated]);
        this.record(() => {
          const dy = graph.temporary('gradient of u, g', storage, [rows, N]);
          graph.add(gateBackward(shape), [this.gradientOf(gated), ug, dy]);
          back(dy);
        });
        return gated;
      }
      case 'store': {
        const { activation: name, rowStride } = epilogue;
        const z = super.linear(from, linear, { ...epilogue, activation: 'none' }, options);
        if (name === 'none') {
          this.record(() => back(this.inStorage(this.gradientOf(z))));
          return z;
        }
        const type = z.type as StorageType;
        const shape = { width: rowStride, activation: name, rows, z: type };
        const y = graph.temporary('activated', type, z.shape);
        graph.add(activation({ ...shape, y: type }), [z, y]);
        this.record(() => {
          const dy = this.gradientOf(y);
          const dz = graph.temporary('gradient before the activation', storage, z.shape);
          graph.add(activationBackward({ ...shape, dy: dy.type as StorageType, dz: storage }), [dy, z, dz]);
          back(dz);
        });
        return y;
      }
    }
  }

  override attention(qkv: Tensor, kind: LayerKind): Tensor {
    const { graph, storage } = this;
    const { heads, headDim, hiddenSize, window } = this.config;
    const { tiles, gradTiles } = this.setup.inputs;
    const { attentionBack, attentionDots: dotsVariant } = this.setup.trainingChoices;
    const mask: AttentionMask = { window: kind === 'local' ? window : null, causal: this.setup.causal };
    const out = graph.temporary('attended', storage, ['tokens', hiddenSize]);
    const lse = graph.temporary('log-sum-exp', 'f32', [heads, 'tokens']);
    graph.add(attention({ heads, headDim, ...mask, storage, variant: this.choices.attention, lse: true }), [qkv, tiles, out, lse]);
    this.record(() => {
      const gradient = this.gradientOf(out);
      const dots = graph.temporary('dots', 'f32', [heads, 'tokens']);
      const dqkv = graph.temporary('gradient of q, k, v', storage, qkv.shape);
      const shape = { heads, headDim, ...mask, storage, variant: attentionBack };
      graph.add(attentionDots({ heads, headDim, storage, variant: dotsVariant }), [out, gradient, dots]);
      graph.add(attentionDq(shape), [qkv, gradient, lse, dots, gradTiles, dqkv]);
      graph.add(attentionDkv(shape), [qkv, gradient, lse, dots, gradTiles, dqkv]);
      this.setGradient(qkv, dqkv);
    });
    return out;
  }

  /** A projection whose result is added to the residual stream with some of its values dropped. `stream`: other numbers for each layer. */
  droppedResidual(from: Tensor, linear: DeviceLinear, stream: number): Tensor {
    const { graph, storage } = this;
    const { x, dx } = this.setup.inputs;
    const { N } = linear.matrix;
    const y = this.linear(from, linear, { kind: 'store', out: 'elem', activation: 'none', firstColumn: 0, rowStride: N });
    const shape = { width: N, rate: this.setup.dropout, stream };
    graph.add(dropout({ ...shape, x: storage, y: 'f32', add: true }), [y, x]);
    this.record(() => {
      const gradient = graph.temporary('gradient of what was not dropped', storage, y.shape);
      graph.add(dropout({ ...shape, x: 'f32', y: storage, add: false }), [dx, gradient]);
      this.setGradient(y, gradient);
    });
    return x;
  }

  /** The residual stream as it is, for `restore`. */
  keep(): Tensor {
    return this.#copy(this.inputs.x);
  }

  /** The residual stream as it was. */
  restore(kept: Tensor): void {
    this.graph.add(convert({ from: 'f32', to: 'f32', width: this.config.hiddenSize }), [kept, this.inputs.x]);
  }

  /** The tensor in the storage type: itself, or a copy. */
  inStorage(from: Tensor): Tensor {
    return from.type === this.storage ? from : this.#copy(from, this.storage);
  }

  #copy(from: Tensor, to: StorageType = from.type as StorageType): Tensor {
    const copy = this.graph.temporary(`copy of ${from.name}`, to, from.shape);
    const [rows, width] = from.shape as [Rows, number];
    this.graph.add(convert({ from: from.type as StorageType, to, width, rows }), [from, copy]);
    return copy;
  }

  /** Gradients of a norm's input and of its weight and bias. */
  #normBackward(
    from: Tensor,
    { weight, bias }: DeviceNorm,
    dy: Tensor,
    to: Tensor,
    { rows, gather, add }: { rows: Rows; gather: boolean; add: boolean },
  ): void {
    const { graph } = this;
    const { hiddenSize: H, normEps: eps } = this.config;
    const hasBias = bias !== null;
    const stride = hasBias ? 2 * H : H;
    const partials = graph.temporary('parts of a norm’s gradient', 'f32', [
      Math.ceil(this.capacity[rows] / layernormBackwardBlock),
      stride,
    ]);
    const storage = dy.type as StorageType;
    const { layernormBackward: variant, columnSum: sumVariant } = this.setup.trainingChoices;
    graph.add(layernormBackward({ H, eps, hasBias, rows, gather, add, storage, variant }), [
      from,
      dy,
      weight,
      this.inputs.rowIndex,
      to,
      partials,
    ]);
    const sum = { N: H, stride, rows, block: layernormBackwardBlock, storage: 'f32', variant: sumVariant } as const;
    graph.add(columnSum({ ...sum, firstColumn: 0 }), [partials, this.gradientBuffer(weight)]);
    if (bias) graph.add(columnSum({ ...sum, firstColumn: H }), [partials, this.gradientBuffer(bias)]);
  }
}
