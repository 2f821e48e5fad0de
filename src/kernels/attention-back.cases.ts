import { attentionLseRef } from './attention.ref.ts';
import { type AttentionMask, attentionTiles, maskName } from './attention.ts';
import { attentionBackRef, attentionDotsRef } from './attention-back.ref.ts';
import { type AttentionBackVariant, attentionBackTileRows, attentionBackVariants, attentionDkv, attentionDq } from './attention-back.ts';
import { type CaseInstance, type CaseSet, caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';

interface Shape extends AttentionMask {
  heads?: number;
  headDim?: 32 | 64 | 128;
  /** Length of each sequence; `tile` stands for the variant's tile rows. */
  lengths: (tile: number) => number[];
  /** `huge`: scores around ±1e4. `poisoned`: the second sequence is NaN. */
  values?: 'random' | 'huge' | 'poisoned';
  note?: string;
  bench?: boolean;
}

type Kernel = 'attention-dq' | 'attention-dkv';

/** What the other kernel's parts of dqkv hold before and after: small, so that it adds little to the sum that errors are compared with. */
const left = 1 / 64;

function backCase(
  kernel: Kernel,
  { heads = 2, headDim = 64, window, causal = false, lengths, values = 'random', note, bench }: Shape,
): KernelCase<AttentionBackVariant> {
  const mask = { window, causal };
  return {
    name: `${heads}×${headDim} ${maskName(mask)} ${values} ${note ?? lengths(32).join('+')}`,
    bench,
    nonFinite: values === 'poisoned',
    make({ variant, storage, random, round }): CaseInstance {
      const tileRows = attentionBackTileRows({ headDim, variant });
      const cuSeqlens = [0];
      for (const length of lengths(tileRows)) cuSeqlens.push(cuSeqlens[cuSeqlens.length - 1]! + length);
      const tokens = cuSeqlens[cuSeqlens.length - 1]!;
      const size = heads * tokens * headDim;
      const shape = { heads, headDim, cuSeqlens, ...mask };
      const qkv = random(3 * size);
      if (values === 'huge') {
        const loud = Math.sqrt(1e4 / Math.sqrt(headDim));
        qkv.set(round(qkv.subarray(0, 2 * size).map(v => Math.fround(v * loud))));
      }
      const healthy = values === 'poisoned' ? cuSeqlens[1]! : tokens;
      for (let i = 0; i < qkv.length; i++) if (Math.floor(i / headDim) % tokens >= healthy) qkv[i] = Number.NaN;
      const grad = random(size);
      const { out, lse } = attentionLseRef(qkv, shape);
      const tiles = attentionTiles(cuSeqlens, tileRows);
      return caseInstance({
        kernel: (kernel === 'attention-dq' ? attentionDq : attentionDkv)({ heads, headDim, ...mask, storage, variant }),
        run: { tokens, sequences: cuSeqlens.length - 1, gradTiles: tiles.length / 4 },
        buffers: [
          { name: 'qkv', type: 'elem', kind: 'read', data: qkv },
          { name: 'grad', type: 'elem', kind: 'read', data: grad },
          { name: 'lse', type: 'f32', kind: 'read', data: Float32Array.from(lse) },
          { name: 'dots', type: 'f32', kind: 'read', data: Float32Array.from(attentionDotsRef(out, grad, shape)) },
          { name: 'tiles', type: 'u32', kind: 'read', data: tiles },
          { name: 'dqkv', type: 'elem', kind: 'write', data: new Float32Array(3 * size).fill(left) },
        ],
        reference: inputs => {
          const dqkv = attentionBackRef(inputs, shape);
          if (kernel === 'attention-dq') dqkv.fill(left, size);
          else dqkv.fill(left, 0, size);
          // With one head the first sequence's gradients lie at the start of a part.
          const judged = kernel === 'attention-dq' ? healthy * headDim : size + healthy * headDim;
          return { dqkv: values === 'poisoned' ? dqkv.subarray(0, judged) : dqkv };
        },
        // f32 keeps scores of 1e4 to about 1e-3, and the exponential passes that on
        maxNmse: values === 'huge' ? 1e-5 : undefined,
      });
    },
  };
}

const mixed = () => [1, 7, 33, 64, 70];
const around = (tile: number) => [tile - 1, tile, tile + 1, 2 * tile + 1];

const files = ['tiles', 'lanes', 'quad'] as const;

function back(kernel: Kernel, file: (typeof files)[number]): CaseSet {
  const of = (shape: Shape) => backCase(kernel, shape);
  return caseSet({
    kernel: file === 'tiles' ? kernel : `${kernel}-${file}`,
    variants: attentionBackVariants.filter(({ name }) => (name === 'lanes' || name === 'quad' ? name : 'tiles') === file),
    training: true,
    cases: [
      quick(of({ window: null, lengths: mixed })),
      of({ window: 3, lengths: around, note: 'tile ± 1' }),
      of({ window: null, causal: true, lengths: around, note: 'tile ± 1' }),
      of({ headDim: 32, window: 7, causal: true, lengths: () => [6, 7, 8, 9, 70] }),
      of({ headDim: 128, window: 64, lengths: () => [5, 150] }),
      of({ window: null, lengths: () => [60], values: 'huge' }),
      of({ heads: 1, window: null, lengths: () => [37, 65], values: 'poisoned' }),
    ],
    benchCases: [of({ heads: 12, window: null, lengths: () => [512] }), of({ heads: 16, window: 64, lengths: () => [512] })],
  });
}

/** One set a shader file. */
export const attentionBackCases = files.flatMap(file => [back('attention-dq', file), back('attention-dkv', file)]);
