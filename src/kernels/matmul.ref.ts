/** Plain reference of shaders/matmul-*.wgsl, in f64. */
import { f16ToFloat32 } from '../weights/dtype.ts';
import type { WeightFormat } from '../weights/formats.ts';
import { activationRef } from './math.ref.ts';
import type { Epilogue } from './matmul.ts';

export interface MatmulOperands {
  /** [M, K] */
  a: ArrayLike<number>;
  /** [N, K], dequantized. */
  w: ArrayLike<number>;
  /** [N] */
  bias?: ArrayLike<number>;
  /** What y holds before: residual adds to it, store leaves the other columns of a row alone. */
  y: ArrayLike<number>;
  /** [positions, headDim / 2, 2] */
  table?: ArrayLike<number>;
  /** [M] */
  positions?: ArrayLike<number>;
}

/** y after the kernel. */
export function matmulRef(M: number, K: number, N: number, epilogue: Epilogue, operands: MatmulOperands): Float64Array<ArrayBuffer> {
  const { a, w, bias } = operands;
  const sums = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let n = 0; n < N; n++) {
      let sum = bias?.[n] ?? 0;
      for (let k = 0; k < K; k++) sum += a[m * K + k]! * w[n * K + k]!;
      sums[m * N + n] = sum;
    }
  }
  return finish(M, N, sums, epilogue, operands);
}

function finish(
  M: number,
  N: number,
  sums: Float64Array,
  epilogue: Epilogue,
  { y, table, positions }: MatmulOperands,
): Float64Array<ArrayBuffer> {
  const result = Float64Array.from(y);
  for (let m = 0; m < M; m++) {
    const s = (n: number) => sums[m * N + n]!;
    if (epilogue.kind === 'store') {
      const f = epilogue.activation === 'none' ? (x: number) => x : activationRef[epilogue.activation];
      for (let n = 0; n < N; n++) result[m * epilogue.rowStride + epilogue.firstColumn + n] = f(s(n));
    } else if (epilogue.kind === 'residual') {
      for (let n = 0; n < N; n++) result[m * N + n] = y[m * N + n]! + s(n);
    } else if (epilogue.kind === 'geglu') {
      const f = activationRef[epilogue.activation];
      for (let i = 0; i < N / 2; i++) result[(m * N) / 2 + i] = f(s(2 * i)) * s(2 * i + 1);
    } else {
      const { heads, headDim } = epilogue;
      for (let head = 0; head < 3 * heads; head++) {
        for (let j = 0; j < headDim / 2; j++) {
          const at = (head * M + m) * headDim + 2 * j;
          const x0 = s(head * headDim + 2 * j);
          const x1 = s(head * headDim + 2 * j + 1);
          const turn = 2 * (positions![m]! * (headDim / 2) + j);
          const [cos, sin] = head < 2 * heads ? [table![turn]!, table![turn + 1]!] : [1, 0];
          result[at] = x0 * cos - x1 * sin;
          result[at + 1] = x1 * cos + x0 * sin;
        }
      }
    }
  }
  return result;
}

/** Words and scales → [N, K], exact: what the kernels read from a buffer of this format. */
export function dequantizeRef(format: WeightFormat, words: Uint32Array, scaleWords: Uint32Array, count: number): Float64Array<ArrayBuffer> {
  if (format === 'f32') return Float64Array.from(new Float32Array(words.buffer, words.byteOffset, count));
  const halves = (packed: Uint32Array) => f16ToFloat32(new Uint16Array(packed.buffer, packed.byteOffset, packed.length * 2));
  if (format === 'f16') return Float64Array.from(halves(words).subarray(0, count));
  const scales = halves(scaleWords);
  return Float64Array.from({ length: count }, (_, i) => {
    const code = format === 'q8' ? (words[i >> 2]! << (24 - 8 * (i & 3))) >> 24 : ((words[i >> 3]! >>> (4 * (i & 7))) & 15) - 8;
    return code * scales[i >> 5]!;
  });
}
