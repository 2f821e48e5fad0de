import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { gateBackwardRef } from './gate.ref.ts';
import { gateBackward } from './gate-backward.ts';
import type { Activation } from './matmul.ts';
import { plainVariants } from './variants.ts';

function gateBackwardCase(
  tokens: number,
  width: number,
  activation: Activation,
  { scale = 2, fold = false, bench = false } = {},
): KernelCase<'plain'> {
  return {
    name: `${tokens}×${width} ${activation} size ${scale}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random }) {
      const kernel = gateBackward({ width, activation, storage });
      const ug = random(2 * tokens * width, scale);
      ug[0] = 0; // where relu bends
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { tokens },
        buffers: [
          { name: 'd', type: 'elem', kind: 'read', data: random(tokens * width) },
          { name: 'ug', type: 'elem', kind: 'read', data: ug },
          { name: 'dug', type: 'elem', kind: 'write', data: new Float32Array(2 * tokens * width).fill(7) },
        ],
        reference: inputs => ({ dug: gateBackwardRef(inputs.d, inputs.ug, activation) }),
      });
    },
  };
}

export const gateBackwardCases = caseSet({
  kernel: 'gate-backward',
  variants: plainVariants,
  training: true,
  cases: [
    quick(gateBackwardCase(17, 96, 'gelu')),
    gateBackwardCase(3, 36, 'gelu_tanh'),
    gateBackwardCase(1, 4, 'silu'),
    gateBackwardCase(41, 100, 'relu', { fold: true }),
    // Far from 0, where the slopes are 0 or 1.
    ...(['gelu', 'gelu_tanh', 'silu', 'relu'] as const).map(activation => gateBackwardCase(5, 20, activation, { scale: 40 })),
    gateBackwardCase(128, 1152, 'gelu', { bench: true }),
  ],
});
