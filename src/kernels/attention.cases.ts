import { attentionLseRef } from './attention.ref.ts';
import {
  type AttentionVariant,
  attention,
  attentionFile,
  attentionTileRows,
  attentionTiles,
  attentionVariants,
  maskName,
} from './attention.ts';
import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';

interface Shape {
  heads?: number;
  headDim?: 32 | 64 | 128;
  window: number | null;
  causal?: boolean;
  lse?: boolean;
  /** Length of each sequence; `tile` stands for the variant's tile rows. */
  lengths: (tile: number) => number[];
  /**
   * `random`: normal q, k, v. `marked`: key j is a mark on dimension j mod headDim alone and probabilities are nearly even,
   * so one dropped, doubled or shifted key is a large error in f16 too. `huge`: scores around ±1e4. `poisoned`: the second sequence is NaN.
   */
  values?: 'random' | 'marked' | 'huge' | 'poisoned';
  note?: string;
  bench?: boolean;
  variants?: readonly AttentionVariant[];
}

function attentionCase({
  heads = 3,
  headDim = 64,
  window,
  causal = false,
  lse = false,
  lengths,
  values = 'random',
  note,
  bench,
  variants,
}: Shape) {
  const sizes = lengths(32).join('+');
  const kernelCase: KernelCase<AttentionVariant> = {
    name: `${heads}×${headDim} ${maskName({ window, causal })}${lse ? ' lse' : ''} ${values} ${note ?? sizes}`,
    bench,
    nonFinite: values === 'poisoned',
    variants,
    make({ variant, storage, random, round }) {
      const tileRows = attentionTileRows({ headDim, variant });
      const cuSeqlens = [0];
      for (const length of lengths(tileRows)) cuSeqlens.push(cuSeqlens[cuSeqlens.length - 1]! + length);
      const tokens = cuSeqlens[cuSeqlens.length - 1]!;
      const size = heads * tokens * headDim;
      const qkv = random(3 * size);
      if (values === 'huge') {
        const loud = Math.sqrt(1e4 / Math.sqrt(headDim));
        qkv.set(round(qkv.subarray(0, 2 * size).map(v => Math.fround(v * loud))));
      }
      if (values === 'marked') {
        qkv.set(round(qkv.subarray(0, 2 * size).map(v => Math.fround(v * 0.3))));
        for (let i = 0; i < size; i++) {
          const token = Math.floor(i / headDim) % tokens;
          qkv[2 * size + i] = i % headDim === token % headDim ? 1 + (token % 7) / 8 : 0;
        }
      }
      const healthy = values === 'poisoned' ? cuSeqlens[1]! : tokens;
      for (let i = 0; i < qkv.length; i++) if (Math.floor(i / headDim) % tokens >= healthy) qkv[i] = Number.NaN;
      const tiles = attentionTiles(cuSeqlens, tileRows);
      return caseInstance({
        kernel: attention({ heads, headDim, window, causal, lse, storage, variant }),
        run: { tokens, sequences: cuSeqlens.length - 1, tiles: tiles.length / 4 },
        buffers: [
          { name: 'qkv', type: 'elem', kind: 'read', data: qkv },
          { name: 'tiles', type: 'u32', kind: 'read', data: tiles },
          { name: 'out', type: 'elem', kind: 'write', data: new Float32Array(size) },
          ...(lse ? [{ name: 'lse', type: 'f32', kind: 'write', data: new Float32Array(heads * tokens) } as const] : []),
        ],
        reference: inputs => {
          const given = attentionLseRef(inputs.qkv, { heads, headDim, window, causal, cuSeqlens });
          return { out: given.out.subarray(0, healthy * heads * headDim), ...(lse && { lse: given.lse }) };
        },
        // f32 holds scores of 1e4 to about 1e-3, and the exponential turns that into a relative error of the same size
        maxNmse: values === 'huge' && storage === 'f32' ? 1e-7 : undefined,
      });
    },
  };
  return kernelCase;
}

const mixed = () => [1, 7, 64, 65, 130];

// Few windows and head sizes, as each is a pipeline that every adapter must compile.
const cases = [
  attentionCase({ heads: 1, window: null, lengths: () => [1] }),
  quick(attentionCase({ window: null, lengths: mixed, values: 'marked' })),
  quick(attentionCase({ window: 64, lengths: mixed, values: 'marked' })),
  attentionCase({ window: 64, lengths: () => [63, 64, 65, 66, 129], values: 'marked' }),
  attentionCase({ window: 3, lengths: mixed, values: 'marked' }),
  attentionCase({ window: 3, lengths: () => [2, 3, 4, 5], values: 'marked' }),
  attentionCase({ window: 0, lengths: () => [5, 70], values: 'marked' }),
  attentionCase({ window: null, lengths: tile => [tile - 1, tile, tile + 1, 2 * tile + 1], values: 'marked', note: 'tile ± 1' }),
  attentionCase({ window: 3, lengths: tile => [tile - 1, tile, tile + 1, 2 * tile + 1], values: 'marked', note: 'tile ± 1' }),
  attentionCase({ heads: 12, window: null, lengths: () => [130], bench: true }),
  attentionCase({ heads: 12, window: 64, lengths: () => [300], bench: true }),
  attentionCase({ headDim: 32, window: null, lengths: mixed, values: 'marked' }),
  attentionCase({ headDim: 32, window: 7, lengths: () => [6, 7, 8, 9, 70] }),
  attentionCase({ headDim: 128, window: null, lengths: mixed, values: 'marked' }),
  attentionCase({ headDim: 128, window: 64, lengths: mixed }),
  attentionCase({
    window: null,
    causal: true,
    lse: true,
    lengths: tile => [1, tile - 1, tile + 1, 2 * tile + 1],
    values: 'marked',
    note: 'tile ± 1',
  }),
  attentionCase({ headDim: 128, window: 7, causal: true, lse: true, lengths: mixed }),
  attentionCase({ headDim: 32, window: 7, lse: true, lengths: () => [6, 7, 8, 9, 70] }),
  attentionCase({ window: null, lengths: () => [130], values: 'huge' }),
  attentionCase({ window: 3, lengths: () => [130, 33], values: 'huge' }),
  attentionCase({ window: null, lengths: () => [37, 65], values: 'poisoned' }),
  attentionCase({ window: 3, lengths: () => [64, 30], values: 'poisoned' }),
];

/** Of the base and the large model. */
const benchCases = [
  attentionCase({ heads: 12, window: null, lengths: () => [512] }),
  attentionCase({ heads: 16, window: 64, lengths: () => [512] }),
];

/** One set a shader file. */
export const attentionCases = (['attention-tile', 'attention-quad', 'attention-lanes'] as const).map(kernel =>
  caseSet({ kernel, variants: attentionVariants.filter(({ name }) => attentionFile[name] === kernel), cases, benchCases }),
);
