import { fromF16Bits } from '../weights/dtype.ts';
import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { rowDotsRef } from './row-dots.ref.ts';
import { groupQueries, packQueries, packRows, pairsOf, rowDots, tileRows, tileWords } from './row-dots.ts';
import { plainVariants } from './variants.ts';

/** `rows` of one buffer, which are those from `firstRow` on of `total`; the queries of group `group` are asked. */
function dotsCase(
  rows: number,
  dim: number,
  { firstRow = 0, after = 0, group = 0, fold = false, bench = false } = {},
): KernelCase<'plain'> {
  const total = firstRow + rows + after;
  return {
    name: `${rows}×${dim}${total > rows ? ` from row ${firstRow} of ${total}` : ''}${group ? `, group ${group}` : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ random }) {
      const kernel = rowDots({ dim });
      const words = new Uint32Array(Math.ceil(rows / tileRows) * tileWords(dim)).fill(0x3c003c00); // ones, which must not be summed
      packRows(random(rows * dim), dim, words);
      const width = 2 * pairsOf(dim);
      const asked = random((group + 1) * groupQueries * dim);
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { rows, firstRow, total, group },
        buffers: [
          { name: 'rows', type: 'u32', kind: 'read', data: words, decoded: () => halvesOf(words) },
          { name: 'queries', type: 'f32', kind: 'read', data: packQueries(asked, dim) },
          { name: 'scores', type: 'f32', kind: 'write', data: random((group + 1) * total * groupQueries) },
        ],
        reference: ({ rows: halves, queries, scores }) => {
          // By its definition: two halves a word, tiles of interleaved rows.
          const plain = new Float64Array(rows * width);
          for (let r = 0; r < rows; r++) {
            for (let d = 0; d < width; d++) {
              const word = (Math.floor(r / tileRows) * pairsOf(dim) + (d >> 1)) * tileRows + (r % tileRows);
              plain[r * width + d] = halves[2 * word + (d & 1)]!;
            }
          }
          const four = new Float64Array(groupQueries * width);
          for (let d = 0; d < width; d++)
            for (let q = 0; q < groupQueries; q++) four[q * width + d] = queries[(group * width + d) * groupQueries + q]!;
          const out = Float64Array.from(scores);
          out.set(rowDotsRef(plain, four, width), (group * total + firstRow) * groupQueries);
          return { scores: out };
        },
      });
    },
  };
}

const halvesOf = (words: Uint32Array): Float64Array =>
  Float64Array.from({ length: 2 * words.length }, (_, i) => fromF16Bits(words[i >> 1]! >>> (16 * (i & 1))));

export const rowDotsCases = caseSet({
  kernel: 'row-dots',
  variants: plainVariants,
  storages: ['f32'],
  cases: [
    dotsCase(1, 2),
    dotsCase(63, 7),
    quick(dotsCase(65, 36, { firstRow: 64, after: 3, group: 2 })),
    dotsCase(64, 384, { group: 1 }),
    dotsCase(1000, 68, { after: 1 }),
    dotsCase(300, 9, { fold: true }),
    dotsCase(4096, 384, { bench: true }),
  ],
  benchCases: [dotsCase(100_000, 1024)],
});
