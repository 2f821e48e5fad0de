import type { WeightFormat } from '../weights/formats.ts';
import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { packWeights } from './checking/pack-weights.ts';
import { embedRef } from './embed.ref.ts';
import { type EmbedVariant, embed, embedVariants } from './embed.ts';
import { formatCode } from './variants.ts';

interface Shape {
  tokens: number;
  H: number;
  vocabulary: number;
  format?: WeightFormat;
  hasBias?: boolean;
  eps?: number;
  /** Rows that the bound table holds; default all. Ids outside leave x untouched. */
  shard?: { firstRow: number; rowCount: number };
  /** Size of a weight; small ones show eps. */
  size?: number;
  fold?: boolean;
  bench?: boolean;
}

function embedCase({ tokens, H, vocabulary, format = 'f32', hasBias = false, eps = 1e-5, shard, size = 0.7, fold, bench }: Shape) {
  const { firstRow, rowCount } = shard ?? { firstRow: 0, rowCount: vocabulary };
  const kernelCase: KernelCase<EmbedVariant> = {
    name: `${tokens} of ${vocabulary}×${H} ${format}${hasBias ? ' bias' : ''} eps ${eps}${shard ? ` rows ${firstRow}+${rowCount}` : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ variant, random, randomInts }) {
      const values = random(vocabulary * H, size).map((v, i) => v * (1 + (Math.floor(i / H) % 7))); // rows differ in size
      const bound = packWeights(values.subarray(firstRow * H, (firstRow + rowCount) * H), rowCount, H, format);
      const ids = randomInts(tokens, vocabulary);
      const weight = random(H, 0.3).map(v => 1 + v);
      const bias = random(H, 0.5);
      const before = random(tokens * H);
      if (shard) {
        ids[0] = 0xffffffff;
        ids[tokens - 1] = firstRow + rowCount; // the first id after the table
      }
      return caseInstance({
        kernel: fold
          ? foldGrid(embed({ H, eps, hasBias, format, firstRow, rowCount, variant }))
          : embed({ H, eps, hasBias, format, firstRow, rowCount, variant }),
        run: { tokens },
        buffers: [
          { name: 'ids', type: 'u32', kind: 'read', data: ids },
          { name: 'w', type: 'u32', kind: 'read', data: bound.w, decoded: () => Float64Array.from(bound.values) },
          { name: 'scale', type: 'u32', kind: 'read', data: bound.scale },
          { name: 'weight', type: 'f32', kind: 'read', data: weight },
          { name: 'bias', type: 'f32', kind: 'read', data: bias },
          { name: 'x', type: 'f32', kind: 'write', data: before },
        ],
        reference: inputs => ({
          x: embedRef(H, eps, {
            ids: inputs.ids,
            table: inputs.w,
            firstRow,
            weight: inputs.weight,
            bias: hasBias ? inputs.bias : undefined,
            x: inputs.x,
          }),
        }),
      });
    },
  };
  return kernelCase;
}

const formats = Object.keys(formatCode) as WeightFormat[];

export const embedCases = caseSet({
  kernel: 'embed',
  variants: embedVariants,
  storages: ['f32'],
  cases: [
    ...formats.map(format => quick(embedCase({ tokens: 17, H: 96, vocabulary: 53, format }))), // an odd count of scales a row
    ...formats.map(format => embedCase({ tokens: 33, H: 256, vocabulary: 41, format, hasBias: true, eps: 1e-3, size: 0.02 })),
    ...formats.map(format => embedCase({ tokens: 61, H: 160, vocabulary: 64, format, shard: { firstRow: 21, rowCount: 23 } })),
    embedCase({ tokens: 1, H: 32, vocabulary: 1 }),
    embedCase({ tokens: 128, H: 1024, vocabulary: 1000, format: 'q4', bench: true }),
    embedCase({ tokens: 81, H: 32, vocabulary: 300, format: 'q8', fold: true }),
  ],
});
