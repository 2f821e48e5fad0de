import { float32ToF16 } from '../weights/dtype.ts';
import type { WeightFormat } from '../weights/formats.ts';
import type { CaseContext, CaseInstance, CaseSet, KernelCase } from './checking/cases.ts';
import { caseInstance, caseSet, quick } from './checking/cases.ts';
import { dequantizeRef, matmulRef } from './matmul.ref.ts';
import { type Epilogue, type MatmulShape, type MatmulVariant, matmul, matmulVariants } from './matmul.ts';

interface Case {
  M: number;
  K: number;
  N: number;
  format: WeightFormat;
  epilogue: Epilogue;
  bias?: boolean;
  rows?: MatmulShape['rows'];
  bench?: boolean;
}

const store = (out: 'elem' | 'f32' = 'elem', more: Partial<Extract<Epilogue, { kind: 'store' }>> = {}, N = 0): Epilogue => ({
  kind: 'store',
  out,
  activation: 'none',
  firstColumn: 0,
  rowStride: N,
  ...more,
});
const rope = (heads: number, headDim: number): Epilogue => ({ kind: 'rope', heads, headDim });

/** Random words of a format: every bit pattern of q8 and q4 may occur; scales around 0.03 of both signs. */
function randomWeights({ random, randomInts }: CaseContext, format: WeightFormat, count: number) {
  const words = (bits: Uint16Array) => {
    const padded = new Uint16Array(Math.ceil(bits.length / 2) * 2);
    padded.set(bits);
    return new Uint32Array(padded.buffer);
  };
  const scale = words(float32ToF16(random(Math.ceil(count / 32), 0.03)));
  if (format === 'f32') return { w: new Uint32Array(random(count, 0.2).buffer), scale };
  if (format === 'f16') return { w: words(float32ToF16(random(count, 0.2))), scale };
  return { w: randomInts(format === 'q8' ? count / 4 : count / 8, 2 ** 32), scale };
}

function matmulCase({
  M,
  K,
  N,
  format,
  epilogue,
  bias = false,
  rows = 'tokens',
  bench,
}: Case): KernelCase<MatmulVariant> & { format: WeightFormat } {
  const detail = Object.entries(epilogue).map(([key, value]) => (key === 'kind' ? value : `${key} ${value}`));
  const shape = (storage: MatmulShape['storage']): MatmulShape => ({ K, N, format, storage, epilogue, hasBias: bias, rows, maxRows: M });
  return {
    name: `${M}×${K}→${N} ${format} ${detail.join(' ')}${bias ? ' bias' : ''}${rows === 'rows' ? ' of rows' : ''}`,
    format,
    bench,
    variants: matmulVariants.filter(v => v.accepts(shape('f32'))).map(v => v.name),
    make(context): CaseInstance {
      const { random, randomInts, storage, variant } = context;
      const a = random(M * K);
      const { w, scale } = randomWeights(context as CaseContext, format, N * K);
      const b = random(N, 0.5);
      const headDim = epilogue.kind === 'rope' ? epilogue.headDim : 2;
      const reach = Math.ceil(M / 2) + 1;
      const angles = Float32Array.from({ length: (reach * headDim) / 2 }, (_, i) => Math.floor(i / (headDim / 2)) / 10 ** (i % 5));
      const table = Float32Array.from({ length: 2 * angles.length }, (_, i) =>
        i % 2 ? Math.sin(angles[i >> 1]!) : Math.cos(angles[i >> 1]!),
      );
      // Two sequences: positions restart in the middle.
      const positions = Uint32Array.from({ length: M }, (_, m) => (m < reach ? m : m - reach));
      const type = epilogue.kind === 'residual' || (epilogue.kind === 'store' && epilogue.out === 'f32') ? 'f32' : 'elem';
      const rowLength = epilogue.kind === 'store' ? epilogue.rowStride : epilogue.kind === 'geglu' ? N / 2 : N;
      const y = random(M * rowLength, 3);
      return caseInstance({
        kernel: matmul(shape(storage), variant),
        run: rows === 'tokens' ? { tokens: M, rows: randomInts(1, 9)[0]! } : { rows: M, tokens: 3 },
        buffers: [
          { name: 'a', type: 'elem', kind: 'read', data: a },
          { name: 'w', type: 'u32', kind: 'read', data: w, decoded: () => dequantizeRef(format, w, scale, N * K) },
          { name: 'scale', type: 'u32', kind: 'read', data: scale },
          { name: 'bias', type: 'f32', kind: 'read', data: b },
          { name: 'table', type: 'f32', kind: 'read', data: table },
          { name: 'positions', type: 'u32', kind: 'read', data: positions },
          { name: 'y', type, kind: 'write', data: y },
        ],
        reference: inputs => ({ y: matmulRef(M, K, N, epilogue, { ...inputs, bias: bias ? inputs.bias : undefined }) }),
      });
    },
  };
}

/** Formats, epilogues, biases and awkward sizes, in all combinations that models ask for (matmul.cases.test.ts). */
const cases = [
  matmulCase({ M: 1, K: 32, N: 2, format: 'f32', epilogue: store('f32', { activation: 'gelu_tanh' }, 2) }),
  quick(matmulCase({ M: 1, K: 96, N: 509, format: 'q8', epilogue: store('f32', {}, 509), bias: true, rows: 'rows' })),
  matmulCase({
    M: 3,
    K: 160,
    N: 509,
    format: 'q4',
    epilogue: store('f32', { activation: 'relu', firstColumn: 100, rowStride: 700 }),
    rows: 'rows',
  }),
  matmulCase({ M: 2, K: 768, N: 66, format: 'q4', epilogue: store('elem', { activation: 'gelu' }, 66), bias: true, rows: 'rows' }),
  matmulCase({ M: 5, K: 96, N: 66, format: 'f16', epilogue: { kind: 'residual' } }),
  matmulCase({ M: 8, K: 96, N: 66, format: 'f32', epilogue: { kind: 'geglu', activation: 'relu' }, bias: true }),
  matmulCase({ M: 5, K: 160, N: 3 * 64, format: 'q8', epilogue: rope(2, 32), bias: true }),
  matmulCase({ M: 9, K: 32, N: 509, format: 'f16', epilogue: store('elem', { activation: 'relu' }, 509), bias: true }),
  quick(matmulCase({ M: 17, K: 1152, N: 66, format: 'q4', epilogue: { kind: 'residual' }, bias: true })),
  matmulCase({ M: 33, K: 96, N: 3 * 64, format: 'f32', epilogue: rope(1, 64) }),
  matmulCase({ M: 17, K: 160, N: 3 * 128, format: 'q4', epilogue: rope(1, 128) }),
  quick(matmulCase({ M: 67, K: 96, N: 3 * 128, format: 'f16', epilogue: rope(2, 64), bias: true })),
  matmulCase({ M: 33, K: 160, N: 130, format: 'q8', epilogue: { kind: 'geglu', activation: 'silu' } }),
  quick(matmulCase({ M: 67, K: 160, N: 130, format: 'q4', epilogue: { kind: 'geglu', activation: 'gelu' } })),
  matmulCase({ M: 130, K: 96, N: 66, format: 'f16', epilogue: { kind: 'geglu', activation: 'gelu_tanh' } }),
  matmulCase({ M: 130, K: 32, N: 66, format: 'q8', epilogue: { kind: 'residual' } }),
  matmulCase({ M: 67, K: 96, N: 2, format: 'q8', epilogue: store('elem', { activation: 'gelu' }, 2), rows: 'rows' }),
  matmulCase({ M: 130, K: 160, N: 509, format: 'q4', epilogue: store('f32', { firstColumn: 3, rowStride: 512 }), bias: true }),
  quick(matmulCase({ M: 9, K: 96, N: 192, format: 'f32', epilogue: { kind: 'residual' }, bias: true, rows: 'rows' })),
  matmulCase({ M: 4, K: 96, N: 130, format: 'f16', epilogue: store('f32', { activation: 'silu' }, 130), bias: true, rows: 'rows' }),
  matmulCase({ M: 64, K: 768, N: 2304, format: 'q4', epilogue: rope(12, 64), bench: true }),
  matmulCase({ M: 64, K: 1152, N: 768, format: 'q4', epilogue: { kind: 'residual' }, bench: true }),
  matmulCase({ M: 64, K: 768, N: 2304, format: 'q4', epilogue: { kind: 'geglu', activation: 'gelu' }, bench: true }),
  matmulCase({ M: 1, K: 768, N: 8192, format: 'q8', epilogue: store('f32', {}, 8192), bias: true, rows: 'rows', bench: true }),
];

/** How the names of the cases begin that each tile must try: without one of them a combination is missing (matmul.cases.test.ts). */
const bothTiles = [
  ...['1×32→2 f32 store', '4×96→130 f16 store', '5×96→66 f16 residual', '9×96→192 f32 residual', '130×32→66 q8 residual'],
  ...[
    '8×96→66 f32 geglu',
    '33×160→130 q8 geglu',
    '130×96→66 f16 geglu',
    '5×160→192 q8 rope',
    '33×96→192 f32 rope',
    '67×96→384 f16 rope',
    '17×160→384 q4 rope',
  ],
];

/** What the tile of several slices tries: it is the same shader, so a few cases with full and broken tiles and slices tell whether its sizes fit. */
const slicedCases = ['1×96→509 q8 store', '5×96→66 f16 residual', '17×1152→66 q4 residual', '33×96→192 f32 rope', '67×160→130 q4 geglu'];

/** Of the base and the large model: a sentence or two in a layer, a long text, and one masked row through the decoder. */
const benchCases = [
  matmulCase({ M: 16, K: 768, N: 2304, format: 'q4', epilogue: rope(12, 64) }),
  matmulCase({ M: 64, K: 2624, N: 1024, format: 'q4', epilogue: { kind: 'residual' } }),
  matmulCase({ M: 128, K: 1024, N: 3072, format: 'q4', epilogue: rope(16, 64) }),
  matmulCase({ M: 128, K: 768, N: 768, format: 'f32', epilogue: { kind: 'residual' } }),
  matmulCase({ M: 128, K: 1024, N: 1024, format: 'f16', epilogue: { kind: 'residual' } }),
  matmulCase({ M: 1024, K: 1024, N: 1024, format: 'q4', epilogue: { kind: 'residual' } }),
  matmulCase({ M: 1, K: 1024, N: 32_768, format: 'q4', epilogue: store('f32', {}, 32_768), rows: 'rows' }),
];

/** Of the shader for f32 alone, which the cases of the other formats do not reach: odd N, several heads, the activations. */
const f32Cases = [
  matmulCase({
    M: 19,
    K: 160,
    N: 509,
    format: 'f32',
    epilogue: store('elem', { activation: 'silu', firstColumn: 3, rowStride: 515 }),
    bias: true,
  }),
  matmulCase({ M: 21, K: 64, N: 3 * 64, format: 'f32', epilogue: rope(2, 32) }),
  matmulCase({ M: 18, K: 96, N: 130, format: 'f32', epilogue: { kind: 'geglu', activation: 'gelu' } }),
];

/** Whether a variant tries a case: two tiles take turns, except for what is timed or what both must try. */
function tries(name: string, { name: about, bench }: { name: string; bench?: boolean }, index: number): boolean {
  if (name === 'tile-sliced') return slicedCases.some(start => about.startsWith(start));
  const other: MatmulVariant = index % 2 ? 'tile' : 'tile-small';
  return name !== other || !!bench || bothTiles.some(start => about.startsWith(start));
}

/**
 * One set for each shader file, with its own variants, and formats where a variant has a file for some. The tiles are one shader in several
 * sizes, which takes long to compile, so not every size tries every case (`tries`).
 */
const set = (
  kernel: string,
  names: readonly MatmulVariant[],
  takes: (format: WeightFormat) => boolean = () => true,
  more: readonly (typeof cases)[number][] = [],
): CaseSet =>
  caseSet({
    kernel,
    variants: matmulVariants.filter(v => names.includes(v.name)),
    cases: [...cases, ...more]
      .filter(c => takes(c.format))
      .map((c, index) => ({ ...c, variants: c.variants?.filter(name => names.includes(name) && tries(name, c, index)) })),
    benchCases: benchCases.filter(c => takes(c.format)).map(c => ({ ...c, variants: c.variants?.filter(name => names.includes(name)) })),
  });

export const matmulCases: readonly CaseSet[] = [
  set('matmul-lanes', ['lanes'], format => format !== 'f32'),
  set('matmul-lanes-f32', ['lanes'], format => format === 'f32', f32Cases),
  set('matmul-tile', ['tile', 'tile-small', 'tile-sliced']),
  set('matmul-rows', ['rows', 'rows-alone']),
];
