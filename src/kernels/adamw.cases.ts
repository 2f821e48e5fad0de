import { adamwRef } from './adamw.ref.ts';
import { adamw } from './adamw.ts';
import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { plainVariants } from './variants.ts';

/** `norm`: of all gradients. The case's own are a part of them. */
function adamwCase(
  n: number,
  { steps = 3, norm = 2, clip = 1, unscale = 1, decays = true, fold = false, bench = false } = {},
): KernelCase<'plain'> {
  const beta1 = 0.9;
  const beta2 = 0.98;
  const eps = 1e-6;
  return {
    name: `${n} parameters, step ${steps}, norm ${norm} of ${clip}${decays ? '' : ', no decay'}${fold ? ' in two grid rows' : ''}`,
    bench,
    nonFinite: !Number.isFinite(norm),
    make({ random }) {
      const kernel = adamw({ n, beta1, beta2, eps, decays });
      const run = { step: 1e-3 / (1 - beta1 ** steps), root: Math.sqrt(1 - beta2 ** steps), keep: 1 - 1e-2, clip, unscale };
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run,
        buffers: [
          { name: 'p', type: 'f32', kind: 'write', data: random(n, 0.02) },
          { name: 'g', type: 'f32', kind: 'write', data: random(n, 0.1 / unscale) },
          { name: 'm', type: 'f32', kind: 'write', data: random(n, 0.01) },
          { name: 'v', type: 'f32', kind: 'write', data: random(n, 0.01).map(v => v * v) },
          { name: 'squares', type: 'f32', kind: 'read', data: Float32Array.of((norm / unscale) ** 2) },
        ],
        reference: ({ p, g, m, v, squares }) =>
          adamwRef({ p, g, m, v }, squares[0]!, { beta1, beta2, eps, ...run, keep: decays ? run.keep : 1 }),
      });
    },
  };
}

export const adamwCases = caseSet({
  kernel: 'adamw',
  variants: plainVariants,
  storages: ['f32'],
  training: true,
  cases: [
    adamwCase(1, { steps: 1 }),
    quick(adamwCase(301)),
    adamwCase(1030, { norm: 0.5, decays: false }),
    adamwCase(1281, { norm: 3, unscale: 1 / 1024, fold: true }),
    adamwCase(512, { norm: 1e-6, clip: 1e-6 }),
    adamwCase(70, { norm: Number.POSITIVE_INFINITY }),
    adamwCase(100_000, { steps: 1000, bench: true }),
  ],
});
