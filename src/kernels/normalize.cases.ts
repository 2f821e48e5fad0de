import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { normalizeRef } from './normalize.ref.ts';
import { type NormalizeVariant, normalize, normalizeVariants } from './normalize.ts';

function normalizeCase(
  tokens: number,
  H: number,
  size = 1,
  { bench = false, fold = false, rows = 'tokens' as 'tokens' | 'sequences' } = {},
): KernelCase<NormalizeVariant> {
  return {
    name: `${tokens}×${H}${size === 1 ? '' : ` size ${size}`}${rows === 'sequences' ? ' sequences' : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ variant, random }) {
      const x = random(tokens * H, size);
      if (tokens > 2) x.fill(0, H, 2 * H); // a zero row stays zero
      return caseInstance({
        kernel: fold ? foldGrid(normalize({ H, rows, variant })) : normalize({ H, rows, variant }),
        run: { [rows]: tokens },
        buffers: [{ name: 'x', type: 'f32', kind: 'write', data: x }],
        reference: inputs => ({ x: normalizeRef(inputs.x, H) }),
      });
    },
  };
}

export const normalizeCases = caseSet({
  kernel: 'normalize',
  variants: normalizeVariants,
  storages: ['f32'],
  cases: [
    normalizeCase(1, 4),
    normalizeCase(3, 36),
    normalizeCase(3, 52, 1, { rows: 'sequences' }),
    quick(normalizeCase(17, 96, 300)),
    normalizeCase(5, 256, 1e-14), // its length is below 1e-12, by which the kernel divides at least: the result is shorter than 1
    normalizeCase(128, 1024, 1, { bench: true }),
    normalizeCase(81, 32, 1, { fold: true }),
  ],
});
