import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { denseRef } from './dense.ref.ts';
import { type DenseShape, dense, paddedTo4 } from './dense.ts';
import type { Variant } from './variants.ts';

function denseCase(
  sequences: number,
  shape: Omit<DenseShape, 'inputStride' | 'residual'> & Partial<DenseShape>,
  scale = 1,
): KernelCase<'columns'> {
  const { K, N, hasBias, activation, inputStride = paddedTo4(K), residual = false } = shape;
  const whole = { K, N, hasBias, activation, inputStride, residual };
  return {
    name: `${sequences}×${K}→${N} ${activation}${hasBias ? '' : ' no bias'}${residual ? ' residual' : ''}`,
    make({ random }) {
      const x = random(sequences * inputStride, scale);
      const weight = random(N * K, 1 / Math.sqrt(K));
      const bias = random(N);
      const transposed = new Float32Array(K * paddedTo4(N));
      for (let n = 0; n < N; n++) for (let k = 0; k < K; k++) transposed[k * paddedTo4(N) + n] = weight[n * K + k]!;
      const paddedBias = new Float32Array(paddedTo4(N));
      paddedBias.set(bias);
      return caseInstance({
        kernel: dense(whole),
        run: { sequences },
        buffers: [
          { name: 'x', type: 'f32', kind: 'read', data: x },
          { name: 'w', type: 'f32', kind: 'read', data: transposed },
          { name: 'bias', type: 'f32', kind: 'read', data: paddedBias },
          { name: 'y', type: 'f32', kind: 'write', data: new Float32Array(sequences * paddedTo4(N)).fill(7) },
        ],
        reference: inputs => ({ y: denseRef(inputs.x, inputs.w, hasBias ? inputs.bias : null, whole) }),
      });
    },
  };
}

const columns: Variant<'columns'> = { name: 'columns', runsOn: () => true, suits: () => true };

export const denseCases = caseSet({
  kernel: 'dense',
  variants: [columns],
  storages: ['f32'],
  cases: [
    denseCase(1, { K: 4, N: 1, hasBias: false, activation: 'identity' }),
    quick(denseCase(7, { K: 64, N: 50, hasBias: true, activation: 'tanh' })),
    denseCase(3, { K: 50, N: 257, hasBias: true, activation: 'sigmoid' }), // after a Dense of odd width
    denseCase(5, { K: 130, N: 130, hasBias: true, activation: 'gelu', residual: true }),
    denseCase(4, { K: 96, N: 12, hasBias: false, activation: 'relu' }),
    denseCase(9, { K: 33, N: 35, hasBias: true, activation: 'silu', inputStride: 64 }),
    denseCase(2, { K: 8, N: 8, hasBias: false, activation: 'leaky_relu' }),
    denseCase(64, { K: 16, N: 16, hasBias: false, activation: 'tanh' }, 1e-3), // where the plain formula would lose precision
    denseCase(64, { K: 16, N: 16, hasBias: false, activation: 'tanh' }, 30), // and where tanh is almost 1
    denseCase(3, { K: 16, N: 20, hasBias: true, activation: 'gelu_tanh' }),
  ],
  benchCases: [denseCase(16, { K: 1024, N: 1024, hasBias: true, activation: 'tanh' })],
});
