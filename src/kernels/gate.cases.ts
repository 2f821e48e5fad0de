import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { gateRef } from './gate.ref.ts';
import { gate } from './gate.ts';
import type { Activation } from './matmul.ts';
import { plainVariants } from './variants.ts';

function gateCase(
  tokens: number,
  width: number,
  activation: Activation,
  { scale = 2, fold = false, bench = false } = {},
): KernelCase<'plain'> {
  return {
    name: `${tokens}×${width} ${activation} size ${scale}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random }) {
      const kernel = gate({ width, activation, storage });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { tokens },
        buffers: [
          { name: 'ug', type: 'elem', kind: 'read', data: random(2 * tokens * width, scale) },
          { name: 'gated', type: 'elem', kind: 'write', data: new Float32Array(tokens * width).fill(7) },
        ],
        reference: inputs => ({ gated: gateRef(inputs.ug, activation) }),
      });
    },
  };
}

export const gateCases = caseSet({
  kernel: 'gate',
  variants: plainVariants,
  training: true,
  cases: [
    quick(gateCase(17, 96, 'gelu')),
    gateCase(1, 4, 'gelu_tanh'),
    gateCase(3, 36, 'silu', { scale: 30 }),
    gateCase(41, 100, 'relu', { fold: true }),
    gateCase(128, 1152, 'gelu', { bench: true }),
  ],
});
