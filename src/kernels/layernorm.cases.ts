import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { layernormRef } from './layernorm.ref.ts';
import { type LayernormVariant, layernorm, layernormVariants } from './layernorm.ts';

interface Shape {
  rows: number;
  H: number;
  hasBias?: boolean;
  eps?: number;
  /** Tokens to gather the rows from; undefined: no gather. */
  gatherFrom?: number;
  /** Counted as rows of the head. */
  headRows?: boolean;
  /** Added to every value: a large mean must lose no precision. */
  mean?: number;
  bench?: boolean;
}

function layernormCase({
  rows,
  H,
  hasBias = false,
  eps = 1e-5,
  gatherFrom,
  headRows = gatherFrom !== undefined,
  mean = 0,
  bench,
}: Shape): KernelCase<LayernormVariant> {
  const gather = gatherFrom !== undefined;
  return {
    name: `${rows}×${H}${hasBias ? ' bias' : ''}${gather ? ` gather from ${gatherFrom}` : ''}${mean ? ` mean ${mean}` : ''} eps ${eps}`,
    bench,
    make({ variant, storage, random, randomInts }) {
      const x = random(H * (gatherFrom ?? rows)).map(v => Math.fround(v + mean)); // f32 whatever the storage
      const weight = random(H, 0.3).map(v => 1 + v);
      const bias = random(H, 0.5);
      const rowIndex = gather ? randomInts(rows, gatherFrom) : new Uint32Array(1);
      return caseInstance({
        kernel: layernorm({ H, eps, hasBias, rows: headRows ? 'rows' : 'tokens', gather, storage, variant }),
        run: headRows ? { tokens: gatherFrom ?? 1, rows } : { tokens: rows },
        buffers: [
          { name: 'x', type: 'f32', kind: 'read', data: x },
          { name: 'weight', type: 'f32', kind: 'read', data: weight },
          { name: 'bias', type: 'f32', kind: 'read', data: bias },
          { name: 'row_index', type: 'u32', kind: 'read', data: rowIndex },
          { name: 'y', type: 'elem', kind: 'write', data: new Float32Array(rows * H) },
        ],
        reference: inputs => {
          const { row_index: index } = inputs;
          const source = gather
            ? Float64Array.from({ length: rows * H }, (_, i) => inputs.x[index[Math.floor(i / H)]! * H + (i % H)]!)
            : inputs.x;
          return { y: layernormRef(source, H, eps, inputs.weight, hasBias ? inputs.bias : undefined) };
        },
        // With one thread a row, a sum in f32 of values near 100 makes the mean wrong by about 2e-5. Squared, 4e-10 was measured.
        ...(mean && { maxNmse: storage === 'f32' ? 1e-9 : 1e-7 }),
      });
    },
  };
}

export const layernormCases = caseSet({
  kernel: 'layernorm',
  variants: layernormVariants,
  cases: [
    layernormCase({ rows: 1, H: 32 }),
    quick(layernormCase({ rows: 17, H: 96, hasBias: true, eps: 1e-3 })),
    layernormCase({ rows: 5, H: 768, mean: 100 }),
    layernormCase({ rows: 67, H: 1024, bench: true }),
    quick(layernormCase({ rows: 7, H: 256, gatherFrom: 31 })),
    layernormCase({ rows: 3, H: 64, headRows: true }),
    layernormCase({ rows: 70_000, H: 32 }), // more workgroups than one dimension holds
  ],
  benchCases: [layernormCase({ rows: 512, H: 768 })],
});
