import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { transpose } from './transpose.ts';
import { plainVariants } from './variants.ts';

/** For the second moments of activations (src/quantize/calibrate.ts): XᵀX is a matmul of this kernel's result with itself. */
function transposeCase(run: number, K: number, tokens: number, { fold = false, bench = false } = {}): KernelCase<'plain'> {
  return {
    name: `${run} of ${tokens} tokens × ${K}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random }) {
      const x = random(run * K);
      const kernel = transpose({ K, tokens, storage });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { tokens: run },
        buffers: [
          { name: 'x', type: 'elem', kind: 'read', data: x },
          { name: 'y', type: 'f32', kind: 'write', data: new Float32Array(K * tokens).fill(7) },
        ],
        reference: inputs => ({
          y: Float64Array.from({ length: K * tokens }, (_, i) =>
            i % tokens < run ? inputs.x[(i % tokens) * K + Math.floor(i / tokens)]! : 0,
          ),
        }),
        maxNmse: 0,
      });
    },
  };
}

export const transposeCases = caseSet({
  kernel: 'transpose',
  variants: plainVariants,
  cases: [
    quick(transposeCase(1, 1, 256)),
    transposeCase(256, 36, 256),
    transposeCase(300, 70, 512),
    transposeCase(257, 33, 768, { fold: true }),
    transposeCase(1000, 256, 1024, { bench: true }),
  ],
});
