import { attentionDotsRef } from './attention-back.ref.ts';
import { type AttentionDotsVariant, attentionDots, attentionDotsVariants } from './attention-dots.ts';
import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';

interface Shape {
  tokens: number;
  heads: number;
  headDim: 32 | 64 | 128;
  folded?: boolean;
}

function dotsCase({ tokens, heads, headDim, folded = false }: Shape): KernelCase<AttentionDotsVariant> {
  return {
    name: `${tokens} of ${heads}×${headDim}${folded ? ' folded' : ''}`,
    make({ variant, storage, random }) {
      const kernel = attentionDots({ heads, headDim, storage, variant });
      return caseInstance({
        kernel: folded ? foldGrid(kernel) : kernel,
        run: { tokens },
        buffers: [
          { name: 'out', type: 'elem', kind: 'read', data: random(tokens * heads * headDim) },
          { name: 'grad', type: 'elem', kind: 'read', data: random(tokens * heads * headDim) },
          { name: 'dots', type: 'f32', kind: 'write', data: new Float32Array(heads * tokens) },
        ],
        reference: inputs => ({ dots: attentionDotsRef(inputs.out, inputs.grad, { heads, headDim }) }),
      });
    },
  };
}

export const attentionDotsCases = caseSet({
  kernel: 'attention-dots',
  variants: attentionDotsVariants,
  training: true,
  cases: [
    dotsCase({ tokens: 1, heads: 1, headDim: 128 }),
    quick(dotsCase({ tokens: 37, heads: 3, headDim: 64 })),
    dotsCase({ tokens: 12, heads: 3, headDim: 32, folded: true }),
  ],
  benchCases: [dotsCase({ tokens: 512, heads: 12, headDim: 64 })],
});
