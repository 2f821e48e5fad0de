import { activationForwardRef } from './activation.ref.ts';
import { activation } from './activation.ts';
import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import type { Activation } from './matmul.ts';
import { plainVariants } from './variants.ts';

function activationCase(
  count: number,
  width: number,
  name: Activation,
  { inF32 = false, rows = 'rows' as 'rows' | 'tokens', fold = false, bench = false } = {},
): KernelCase<'plain'> {
  return {
    name: `${count}×${width} ${name}${inF32 ? ' all f32' : ''}${rows === 'tokens' ? ' tokens' : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random }) {
      const type = inF32 ? 'f32' : 'elem';
      const stored = inF32 ? 'f32' : storage;
      const kernel = activation({ width, activation: name, rows, z: stored, y: stored });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { [rows]: count },
        buffers: [
          { name: 'z', type, kind: 'read', data: random(count * width, 2) },
          { name: 'y', type, kind: 'write', data: new Float32Array(count * width).fill(7) },
        ],
        reference: inputs => ({ y: activationForwardRef(inputs.z, name) }),
      });
    },
  };
}

export const activationCases = caseSet({
  kernel: 'activation',
  variants: plainVariants,
  training: true,
  cases: [
    quick(activationCase(17, 96, 'gelu')),
    activationCase(1, 4, 'gelu_tanh', { rows: 'tokens' }),
    activationCase(3, 36, 'silu', { inF32: true }),
    activationCase(41, 100, 'relu', { fold: true }),
    activationCase(128, 768, 'gelu', { bench: true }),
  ],
});
