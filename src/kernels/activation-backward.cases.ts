import { activationBackwardRef } from './activation.ref.ts';
import { activationBackward } from './activation-backward.ts';
import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import type { Activation } from './matmul.ts';
import { plainVariants } from './variants.ts';

/** `fromF32`: dy and z are f32, as in the head, and dz is in the storage type. */
function activationBackwardCase(
  count: number,
  width: number,
  name: Activation,
  { fromF32 = false, rows = 'rows' as 'rows' | 'tokens', fold = false, bench = false } = {},
): KernelCase<'plain'> {
  return {
    name: `${count}×${width} ${name}${fromF32 ? ' from f32' : ''}${rows === 'tokens' ? ' tokens' : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random }) {
      const type = fromF32 ? 'f32' : 'elem';
      const from = fromF32 ? 'f32' : storage;
      const kernel = activationBackward({ width, activation: name, rows, dy: from, z: from, dz: storage });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { [rows]: count },
        buffers: [
          { name: 'dy', type, kind: 'read', data: random(count * width) },
          { name: 'z', type, kind: 'read', data: random(count * width, 2) },
          { name: 'dz', type: 'elem', kind: 'write', data: new Float32Array(count * width).fill(7) },
        ],
        reference: inputs => ({ dz: activationBackwardRef(inputs.dy, inputs.z, name) }),
      });
    },
  };
}

export const activationBackwardCases = caseSet({
  kernel: 'activation-backward',
  variants: plainVariants,
  training: true,
  cases: [
    quick(activationBackwardCase(17, 96, 'gelu')),
    activationBackwardCase(1, 4, 'gelu_tanh', { rows: 'tokens' }),
    activationBackwardCase(3, 36, 'silu', { fromF32: true }),
    activationBackwardCase(41, 100, 'relu', { fold: true }),
    activationBackwardCase(128, 768, 'gelu', { bench: true }),
  ],
});
