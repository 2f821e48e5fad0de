import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { blockSumsRef, layernormBackwardRef } from './layernorm-backward.ref.ts';
import {
  layernormBackwardBlock as block,
  type LayernormBackwardVariant,
  layernormBackward,
  layernormBackwardVariants,
} from './layernorm-backward.ts';

interface Shape {
  rows: number;
  H: number;
  hasBias?: boolean;
  add?: boolean;
  eps?: number;
  /** Rows of x, of which `rows` are named; undefined: no gather. */
  gatherFrom?: number;
  bench?: boolean;
}

function layernormBackwardCase(shape: Shape): KernelCase<LayernormBackwardVariant> {
  const { rows, H, hasBias = false, add = true, eps = 1e-5, gatherFrom, bench } = shape;
  const gather = gatherFrom !== undefined;
  const all = gatherFrom ?? rows;
  return {
    name: `${rows}×${H}${hasBias ? ' bias' : ''}${gather ? ` gather from ${gatherFrom}` : ''}${add ? ' added' : ''} eps ${eps}`,
    bench,
    make({ variant, storage, random }) {
      // Each row once, in no order: 7 shares no factor with the counts of rows here.
      const index = Uint32Array.from({ length: rows }, (_, r) => (gather ? (7 * r + 3) % all : r));
      const blocks = Math.ceil(rows / block);
      return caseInstance({
        kernel: layernormBackward({ H, eps, hasBias, rows: gather ? 'rows' : 'tokens', gather, add, storage, variant }),
        run: gather ? { tokens: all, rows } : { tokens: rows },
        buffers: [
          { name: 'x', type: 'f32', kind: 'read', data: random(all * H, 2).map(v => v + 1) },
          { name: 'dy', type: 'elem', kind: 'read', data: random(rows * H) },
          { name: 'weight', type: 'f32', kind: 'read', data: random(H, 0.3).map(v => 1 + v) },
          { name: 'row_index', type: 'u32', kind: 'read', data: gather ? index : new Uint32Array(1) },
          { name: 'dx', type: 'f32', kind: 'write', data: random(all * H) },
          { name: 'partials', type: 'f32', kind: 'write', data: new Float32Array(blocks * H * (hasBias ? 2 : 1)).fill(7) },
        ],
        reference: inputs => {
          const named = Float64Array.from({ length: rows * H }, (_, i) => inputs.x[index[Math.floor(i / H)]! * H + (i % H)]!);
          const gradients = layernormBackwardRef(named, inputs.dy, H, eps, inputs.weight);
          const dx = Float64Array.from(inputs.dx);
          gradients.dx.forEach((d, i) => {
            const at = index[Math.floor(i / H)]! * H + (i % H);
            dx[at] = d + (add ? dx[at]! : 0);
          });
          const sums = [gradients.dweight, gradients.dbias].map(values => blockSumsRef(values, H, block));
          const partials = Array.from({ length: blocks }, (_, b) =>
            sums.slice(0, hasBias ? 2 : 1).flatMap(of => [...of.subarray(b * H, (b + 1) * H)]),
          );
          return { dx, partials: Float64Array.from(partials.flat()) };
        },
      });
    },
  };
}

export const layernormBackwardCases = caseSet({
  kernel: 'layernorm-backward',
  variants: layernormBackwardVariants,
  training: true,
  cases: [
    layernormBackwardCase({ rows: 1, H: 32, add: false }),
    quick(layernormBackwardCase({ rows: 17, H: 96, hasBias: true, eps: 0.5 })),
    layernormBackwardCase({ rows: 300, H: 36 }), // more than one workgroup of either variant
    quick(layernormBackwardCase({ rows: 19, H: 300, gatherFrom: 31 })),
    layernormBackwardCase({ rows: 5, H: 64, gatherFrom: 31, add: false, hasBias: true }),
    layernormBackwardCase({ rows: 128, H: 768, bench: true }),
  ],
});
