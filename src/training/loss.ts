/**
 * The prediction head with its loss, of which there are never all logits at once: the vocabulary goes by in chunks. Forward, each chunk's
 * logits enter the running statistics of the softmax. Backward, each chunk's logits are computed again (unless there is only one), become
 * their own gradient, and give the gradients of the decoder and of the head's rows.
 */
import type { BufferPart } from '../gpu/step.ts';
import { crossEntropyBackward } from '../kernels/cross-entropy-backward.ts';
import { crossEntropyStats } from '../kernels/cross-entropy-stats.ts';
import { matmul } from '../kernels/matmul.ts';
import type { DeviceWeights } from '../model/device-weights.ts';
import type { Tensor } from '../runtime/graph.ts';
import type { DeviceLinear } from '../runtime/matrix.ts';
import { padded } from '../weights/formats.ts';
import { inputBackward, transposed, type WeightPart, weightBackward } from './linear-backward.ts';
import type { TrainingWords } from './training-words.ts';

/** Logits of a chunk: 64 MiB, half of what one binding may have on every adapter. */
const maxChunkValues = 2 ** 24;
/** Parts of a bias are bound at multiples of 256 bytes. */
const chunkStep = 64;

interface Chunk extends WeightPart {
  /** Token of its first row. */
  first: number;
  bias: BufferPart | null;
}

/** Residual stream → the statistics of each labelled row's loss (`inputs.lossStats`), with the backward pass on the tape. `chunkColumns`: for tests. */
export function lossOf(m: TrainingWords, weights: DeviceWeights, chunkColumns?: number): void {
  const { hiddenSize, classifierActivation: activation } = m.config;
  const { dense, norm, decoder } = weights.head!;
  const rows = 'rows';
  const y = m.norm(m.inputs.x, weights.finalNorm, { rows, gather: true }); // [R, H]
  const acted = m.linear(y, dense, { kind: 'store', out: 'f32', firstColumn: 0, rowStride: hiddenSize, activation }, { rows });
  const normed = m.norm(acted, norm, { rows });
  crossEntropy(m, normed, decoder, chunkColumns);
}

function crossEntropy(m: TrainingWords, hidden: Tensor, decoder: DeviceLinear, chunkColumns?: number): void {
  const { graph, storage } = m;
  const { labels, lossStats } = m.setup.inputs;
  const most = Math.max(chunkStep, Math.floor(maxChunkValues / m.capacity.rows / chunkStep) * chunkStep);
  const chunks = chunksOf(m, decoder, chunkColumns ?? most);
  let logits: Tensor | undefined;
  for (const chunk of chunks) {
    logits = logitsOf(m, hidden, chunk);
    graph.add(crossEntropyStats({ C: chunk.N, firstColumn: chunk.first, variant: m.setup.trainingChoices.crossEntropy }), [
      logits,
      labels,
      lossStats,
    ]);
  }
  m.record(() => {
    const hiddenT = transposed(m, hidden, 'rows');
    const gradient = graph.temporary('gradient of the head’s rows', 'f32', ['rows', hidden.shape.at(-1)!]);
    for (const [c, chunk] of chunks.entries()) {
      const { N: C, K, first: firstColumn } = chunk;
      const again = chunks.length > 1 ? logitsOf(m, hidden, chunk) : logits!;
      const dlogits = graph.temporary('gradient of the logits', storage, ['rows', padded(C)]);
      graph.add(crossEntropyBackward({ C, firstColumn, stride: padded(C), storage }), [again, labels, lossStats, dlogits]);
      weightBackward(m, chunk, dlogits, hiddenT, 'rows');
      const store = { kind: 'store', out: 'f32', activation: 'none', firstColumn: 0, rowStride: K } as const;
      inputBackward(m, chunk, dlogits, gradient, c === 0 ? store : { kind: 'residual' }, 'rows');
    }
    m.setGradient(hidden, gradient);
  });
}

/** Logits of the chunk's tokens, f32 [R, C]. */
function logitsOf(m: TrainingWords, hidden: Tensor, { N, K, w, bias }: Chunk): Tensor {
  const { none, positions } = m.inputs;
  const to = m.graph.temporary('logits', 'f32', ['rows', N]);
  const shape = {
    K,
    N,
    format: m.storage,
    storage: m.storage,
    epilogue: { kind: 'store', out: 'f32', activation: 'none', firstColumn: 0, rowStride: N },
    hasBias: bias !== null,
    rows: 'rows',
    maxRows: m.capacity.rows,
  } as const;
  m.graph.add(matmul(shape, m.choices.matmul(shape)), [hidden, w, none, bias ?? none, none, positions, to]);
  return to;
}

/** The decoder's rows in chunks of at most `columns` tokens, none across two shards. */
function chunksOf(m: TrainingWords, { matrix: { K, shards }, bias }: DeviceLinear, columns: number): Chunk[] {
  const bytes = m.storage === 'f16' ? 2 : 4;
  return shards.flatMap(({ firstRow, rows, w }) =>
    Array.from({ length: Math.ceil(rows / columns) }, (_, c) => {
      const N = Math.min(columns, rows - c * columns);
      const first = firstRow + c * columns;
      const matrixPart = (buffer: GPUBuffer, each: number) => ({ buffer, offset: c * columns * K * each, size: N * K * each });
      const biasPart = (buffer: GPUBuffer) => ({ buffer, offset: 4 * first, size: 4 * N });
      return {
        first,
        N,
        K,
        w: matrixPart(w, bytes),
        dw: matrixPart(m.gradientBuffer(w), 4),
        bias: bias && biasPart(bias),
        db: bias && biasPart(m.gradientBuffer(bias)),
      };
    }),
  );
}
