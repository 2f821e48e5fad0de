import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { poolRef } from './pool.ref.ts';
import { type PoolShape, type PoolVariant, pool, poolVariants } from './pool.ts';
import { poolModes } from './pool-modes.ts';

interface Shape extends Pick<PoolShape, 'H' | 'pooling' | 'normalize'> {
  lengths: readonly number[];
  /** Added to every value: a long sum of similar numbers must lose no precision. */
  mean?: number;
  size?: number;
  fold?: boolean;
  /** Tokens of a prompt. */
  skip?: number;
  /** The vector goes to the middle of rows three times as long. */
  beside?: boolean;
  bench?: boolean;
}

function poolCase({ H, pooling, normalize, lengths, mean = 0, size = 1, fold, bench, skip = 0, beside }: Shape): KernelCase<PoolVariant> {
  const shown = lengths.length > 8 ? `${lengths.length} sequences` : lengths.join('+');
  return {
    name: `${pooling} ${shown} ×${H}${normalize ? ' normalised' : ''}${mean ? ` mean ${mean}` : ''}${size === 1 ? '' : ` size ${size}`}${skip ? ` after ${skip}` : ''}${beside ? ' beside others' : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ variant, random }) {
      const cuSeqlens = Uint32Array.of(0, ...lengths);
      for (let s = 0; s < lengths.length; s++) cuSeqlens[s + 1]! += cuSeqlens[s]!;
      const tokens = cuSeqlens[lengths.length]!;
      const hidden = random(tokens * H, size).map(v => v + mean);
      const stride = beside ? 3 * H : H;
      const column = beside ? H : 0;
      const kernel = pool({ H, pooling, normalize, stride, column, variant });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { tokens, sequences: lengths.length, skip },
        buffers: [
          { name: 'hidden', type: 'f32', kind: 'read', data: hidden },
          { name: 'cu_seqlens', type: 'u32', kind: 'read', data: cuSeqlens },
          { name: 'pooled', type: 'f32', kind: 'write', data: new Float32Array(lengths.length * stride).fill(7) },
        ],
        reference: inputs => {
          const vectors = poolRef(inputs.hidden, H, inputs.cu_seqlens, pooling, normalize, skip);
          const pooled = Float64Array.from(inputs.pooled);
          for (let s = 0; s < lengths.length; s++) pooled.set(vectors.subarray(s * H, (s + 1) * H), s * stride + column);
          return { pooled };
        },
      });
    },
  };
}

export const poolCases = caseSet({
  kernel: 'pool',
  variants: poolVariants,
  storages: ['f32'],
  cases: [
    poolCase({ H: 4, pooling: 'mean', normalize: false, lengths: [1] }),
    poolCase({ H: 96, pooling: 'mean', normalize: false, lengths: [3, 1, 63, 64, 65, 0, 7] }),
    quick(poolCase({ H: 96, pooling: 'mean', normalize: true, lengths: [3, 1, 63, 64, 65, 0, 7] })),
    quick(poolCase({ H: 96, pooling: 'cls', normalize: false, lengths: [5, 1, 9] })),
    poolCase({ H: 1028, pooling: 'cls', normalize: true, lengths: [5, 1, 9] }),
    poolCase({ H: 32, pooling: 'mean', normalize: true, lengths: [9, 2], size: 1e-14 }), // its length is below 1e-12, by which the kernel divides at least
    poolCase({ H: 64, pooling: 'mean', normalize: false, lengths: [8192, 17], mean: 1000 }),
    ...poolModes.map(pooling => poolCase({ H: 36, pooling, normalize: false, lengths: [9, 3, 130, 4, 0], skip: 3 })),
    ...poolModes.map(pooling => poolCase({ H: 20, pooling, normalize: false, lengths: [1, 5, 70], beside: true })),
    poolCase({ H: 64, pooling: 'weightedmean', normalize: true, lengths: [8192, 17] }),
    poolCase({ H: 768, pooling: 'mean', normalize: true, lengths: [128, 100, 64, 90], bench: true }),
    poolCase({ H: 36, pooling: 'mean', normalize: true, lengths: [3, 1, 2, 8, 5], fold: true }),
  ],
});
