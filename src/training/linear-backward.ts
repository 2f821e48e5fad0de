/**
 * The backward pass of y = x Wᵀ + b with x [M, K], W [N, K]: dW += dyᵀ x, db += Σ dy over the rows, dx = dy W. Each product is the forward
 * pass's matmul, which takes rows of both its operands; so the operands that stand the other way are transposed before it.
 */
import type { BufferPart } from '../gpu/step.ts';
import { columnSum } from '../kernels/column-sum.ts';
import { type Epilogue, matmul } from '../kernels/matmul.ts';
import { transpose } from '../kernels/transpose.ts';
import type { Rows } from '../model/words.ts';
import type { Binding, Tensor } from '../runtime/graph.ts';
import type { DeviceLinear } from '../runtime/matrix.ts';
import { padded } from '../weights/formats.ts';
import type { TapedWords } from './tape.ts';

/** Rows of a weight with its gradient: a whole matrix, or a chunk of the vocabulary. */
export interface WeightPart {
  /** [N, K] */
  N: number;
  K: number;
  w: BufferPart;
  dw: BufferPart;
  /** Of the bias, [N]. */
  db: BufferPart | null;
}

/** All of it for one matrix: `dy` [rows, N] in the storage type. */
export function linearBackward(m: TapedWords, from: Tensor, { matrix, bias }: DeviceLinear, dy: Tensor, rows: Rows): void {
  const { N, K, shards } = matrix;
  const { w } = shards[0]!;
  const part: WeightPart = { N, K, w, dw: m.gradientBuffer(w), db: bias && m.gradientBuffer(bias) };
  weightBackward(m, part, dy, transposed(m, from, rows), rows);
  // Layer 0 reads the residual stream itself: there the gradient is added to the stream's.
  const { dx } = m.setup.inputs;
  if (m.findGradient(from) === dx) {
    inputBackward(m, part, dy, dx, { kind: 'residual' }, rows);
    return;
  }
  const gradient = m.graph.temporary(`gradient of ${from.name}`, m.storage, [rows, K]);
  inputBackward(m, part, dy, gradient, { kind: 'store', out: 'elem', activation: 'none', firstColumn: 0, rowStride: K }, rows);
  m.setGradient(from, gradient);
}

/** x [rows, K] as [K, rows], its columns filled up with zeros to the capacity, a multiple of 32. */
export function transposed(m: TapedWords, x: Tensor, rows: Rows): Tensor {
  const K = x.shape.at(-1) as number;
  const columns = padded(m.capacity[rows]);
  const to = m.graph.temporary(`${x.name}, transposed`, m.storage, [K, columns]);
  m.graph.add(transpose({ K, columns, rows, storage: m.storage }), [x, to]);
  return to;
}

/** dW += dyᵀ x and db += Σ dy. `dy` [rows, at least N], `xT` of `transposed`. */
export function weightBackward(m: TapedWords, { N, K, dw, db }: WeightPart, dy: Tensor, xT: Tensor, rows: Rows): void {
  product(m, [transposed(m, dy, rows), xT, dw], { K: padded(m.capacity[rows]), N: K, rows: N, maxRows: N, epilogue: { kind: 'residual' } });
  if (!db) return;
  const sum = { N, stride: dy.shape.at(-1) as number, firstColumn: 0, rows, block: 1, storage: m.storage };
  m.graph.add(columnSum({ ...sum, variant: m.setup.trainingChoices.columnSum }), [dy, db]);
}

/** dx = dy W, stored or added as the epilogue says. `dy` [rows, N filled up with zeros to a multiple of 32]. */
export function inputBackward(m: TapedWords, { N, K, w }: WeightPart, dy: Tensor, to: Tensor, epilogue: Epilogue, rows: Rows): void {
  const columns = padded(N);
  const wT = m.graph.temporary('weights, transposed', m.storage, [K, columns]);
  m.graph.add(transpose({ K, columns, rows: N, storage: m.storage }), [w, wT]);
  product(m, [dy, wT, to], { K: columns, N: K, rows, maxRows: m.capacity[rows], epilogue });
}

/** to = or += a bᵀ, with a [rows, K] and b [N, K] in the storage type. */
function product(
  m: TapedWords,
  [a, b, to]: readonly [Binding, Binding, Binding],
  what: { K: number; N: number; rows: Rows | number; maxRows: number; epilogue: Epilogue },
): void {
  const { none, positions } = m.inputs;
  const shape = { ...what, format: m.storage, storage: m.storage, hasBias: false };
  m.graph.add(matmul(shape, m.choices.matmul(shape)), [a, b, none, none, none, positions, to]);
}
