import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { transpose } from './transpose.ts';
import { plainVariants } from './variants.ts';

/**
 * For the second moments of activations (src/quantize/calibrate.ts), where XᵀX is a matmul of this kernel's result with itself, and for the
 * gradients of weights, where dYᵀX is a matmul of two such results.
 */
function transposeCase(run: number, K: number, columns: number, { fixed = false, fold = false, bench = false } = {}): KernelCase<'plain'> {
  return {
    name: `${run} of ${columns} ${fixed ? 'rows' : 'tokens'} × ${K}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random }) {
      const x = random(run * K);
      const kernel = transpose({ K, columns, rows: fixed ? run : 'tokens', storage });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: fixed ? {} : { tokens: run },
        buffers: [
          { name: 'x', type: 'elem', kind: 'read', data: x },
          { name: 'y', type: 'elem', kind: 'write', data: new Float32Array(K * columns).fill(7) },
        ],
        reference: inputs => ({
          y: Float64Array.from({ length: K * columns }, (_, i) =>
            i % columns < run ? inputs.x[(i % columns) * K + Math.floor(i / columns)]! : 0,
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
    transposeCase(33, 5, 64, { fixed: true }),
    transposeCase(300, 70, 320),
    transposeCase(256, 36, 256),
    transposeCase(257, 33, 768, { fold: true }),
    transposeCase(1000, 256, 1024, { bench: true }),
  ],
});
