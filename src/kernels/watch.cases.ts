import { float32ToF16 } from '../weights/dtype.ts';
import { type CaseContext, caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { type WatchSegment, type WatchVariant, watch, watchVariants } from './watch.ts';

interface Shape {
  segment: WatchSegment;
  width: number;
  /** Rows of each segment. */
  lengths: readonly number[];
  firstRow?: number;
  fold?: boolean;
  bench?: boolean;
}

/** Bits of NaN and infinities. The largest finite numbers must not be taken for one of these. */
const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -Number.NaN];

/**
 * Every second segment holds one NaN or infinity: at its start (which a segment before it must not read), in the last
 * segments at the end, in the others anywhere.
 */
function watchCase({ segment, width, lengths, firstRow = 0, fold, bench }: Shape): KernelCase<WatchVariant> {
  const shown = lengths.length > 8 ? `${lengths.length} segments` : lengths.join('+');
  return {
    name: `${segment} ${shown} ×${width}${firstRow ? ` from row ${firstRow}` : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make(context) {
      const { variant, storage, random, randomInts } = context;
      const cuSeqlens = Uint32Array.of(0, ...lengths);
      for (let s = 0; s < lengths.length; s++) cuSeqlens[s + 1]! += cuSeqlens[s]!;
      const rows = cuSeqlens[lengths.length]!;
      const values = random(rows * width, 100);
      const largest = storage === 'f16' ? 65504 : 3.4028234663852886e38;
      for (let i = 0; i < values.length; i += 7) values[i] = [largest, -largest, 0, -0][(i / 7) % 4]!;
      const before = context.randomInts(firstRow + lengths.length, 2).map(v => v * 4); // a bit that another watch has set must stay
      lengths.forEach((length, s) => {
        if (s % 2 === 1 || length === 0) return;
        const [from, to] = [cuSeqlens[s]! * width, cuSeqlens[s + 1]! * width];
        const isFirst = s === 0 || (s % 4 === 2 && s < lengths.length - 2);
        const at = isFirst ? from : s >= lengths.length - 2 ? to - 1 : from + randomInts(1, to - from)[0]!;
        values[at] = bad[(s / 2) % bad.length]!;
      });
      const kernel = watch({ width, storage, segment, flag: 2, variant });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        // The count of the other kind of segment must not matter.
        run: {
          tokens: rows,
          sequences: segment === 'headRow' ? 1 : lengths.length,
          rows: segment === 'headRow' ? lengths.length : 1,
          firstRow,
        },
        buffers: [
          { name: 'values', type: 'u32', kind: 'read', data: words(values, context), decoded: () => Float64Array.from(values) },
          { name: 'cu_seqlens', type: 'u32', kind: 'read', data: cuSeqlens },
          { name: 'flags', type: 'u32', kind: 'write', data: before },
        ],
        reference: inputs => {
          const flags = Uint32Array.from(inputs.flags);
          lengths.forEach((_, s) => {
            const own = inputs.values.subarray(inputs.cu_seqlens[s]! * width, inputs.cu_seqlens[s + 1]! * width);
            if (!own.every(Number.isFinite)) flags[firstRow + s]! |= 2;
          });
          return { flags };
        },
      });
    },
  };
}

/** The numbers as u32 words. The kernel reads bits, so it works on adapters that assume there are no NaN, and for f16 without shader-f16. */
function words(values: Float32Array<ArrayBuffer>, { storage }: CaseContext): Uint32Array<ArrayBuffer> {
  return new Uint32Array(storage === 'f16' ? float32ToF16(values).buffer : values.buffer);
}

const ones = (count: number) => Array.from({ length: count }, () => 1);

export const watchCases = caseSet({
  kernel: 'watch',
  variants: watchVariants,
  cases: [
    watchCase({ segment: 'text', width: 8, lengths: [1] }),
    quick(watchCase({ segment: 'text', width: 96, lengths: [3, 1, 63, 64, 65, 0, 7] })),
    watchCase({ segment: 'text', width: 768, lengths: [128, 100, 64, 90], bench: true }),
    watchCase({ segment: 'text', width: 32, lengths: [5, 4, 3, 2, 1], fold: true }),
    quick(watchCase({ segment: 'sequence', width: 64, lengths: ones(9) })),
    quick(watchCase({ segment: 'headRow', width: 64, lengths: ones(5), firstRow: 3 })),
    watchCase({ segment: 'headRow', width: 1024, lengths: ones(64) }),
  ],
});
