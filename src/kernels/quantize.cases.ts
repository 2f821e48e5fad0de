import { toF16Bits } from '../weights/dtype.ts';
import { caseInstance, caseSet, type KernelCase } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { quantizeGroupRef } from './quantize.ref.ts';
import { quantize, unsureBit } from './quantize.ts';
import { plainVariants } from './variants.ts';

type Format = 'q8' | 'q4';

/** A group is clear if each of its decisions is this many error bounds away from coming out otherwise: then every adapter must give the same bits. */
const clear = 2;

/** The words that the kernel must store for groups of 32 values. */
function expectedWords(values: ArrayLike<number>, format: Format): { codes: Uint32Array; scales: Uint32Array } {
  const groups = Array.from({ length: values.length / 32 }, (_, g) => Array.from({ length: 32 }, (__, i) => values[32 * g + i]!));
  const bits = format === 'q4' ? 4 : 8;
  const codes = new Uint32Array(groups.length * bits);
  const scales = new Uint32Array(groups.length);
  groups.forEach((group, g) => {
    const ref = quantizeGroupRef(group, format);
    if (ref.margin > 1 / clear && ref.margin < clear) throw new Error(`group ${g} of the case is neither sure nor unsure: ${ref.margin}`);
    if (ref.margin < 1) {
      scales[g] = unsureBit;
      return;
    }
    scales[g] = ref.scale;
    ref.codes.forEach((code, i) => {
      const at = g * 32 + i;
      const word = Math.floor((at * bits) / 32);
      codes[word] = codes[word]! | ((format === 'q4' ? code + 8 : code & 255) << ((at * bits) % 32));
    });
  });
  return { codes, scales };
}

function quantizeCase(
  format: Format,
  rows: number,
  K: number,
  { scale = 0.03, bench = false, fold = false, quick = false, special = [] as number[][] } = {},
): KernelCase<'plain'> {
  return {
    name: `${format} ${rows}×${K} size ${scale}${special.length > 0 ? ' with odd groups' : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    quick,
    make({ random }) {
      const groups: number[][] = [...special];
      while (groups.length < (rows * K) / 32) {
        const group = Array.from(random(32, scale));
        // A bench case times the kernel alone: sorting out unclear groups would take longer than the run.
        if (bench || quantizeGroupRef(group, format).margin > clear) groups.push(group);
      }
      const kernel = quantize({ format, K });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { tokens: rows },
        buffers: [
          { name: 'values', type: 'f32', kind: 'read', data: Float32Array.from(groups.flat()) },
          { name: 'codes', type: 'u32', kind: 'write', data: new Uint32Array((rows * K) / (format === 'q4' ? 8 : 4)).fill(7) },
          { name: 'scales', type: 'u32', kind: 'write', data: new Uint32Array((rows * K) / 32).fill(7) },
        ],
        reference: ({ values }) => (bench ? {} : expectedWords(values, format)),
      });
    },
  };
}

/** Groups in which two choices are nearly equal, and values that f32 cannot hold well. */
function oddGroups(format: Format): number[][] {
  const fill = (...first: number[]) => Float32Array.from({ length: 32 }, (_, i) => first[i] ?? 0);
  const spread = Float32Array.from({ length: 32 }, (_, i) => Math.sin(1 + i * 7.3));
  const times = (factor: number) => spread.map(value => value * factor);
  const most = format === 'q4' ? 8 : 127;
  return [
    fill(), // zeros
    fill(-0, 0, -0), // zeros of both signs
    fill(most, 0.5, 1.5), // half-way between two codes
    fill(0.3), // one weight alone: clear for q8, and for q4
    fill(0.4, -0.4), // two extremes
    times(1e-12), // too small to be squared safely in f32
    times(1e-41), // subnormal
    times(1e20), // no half can be the scale
    times(2e-6), // a subnormal half as scale
    fill(fromHalfWay(format)), // the scale lies between two halves
    ...[0, 1, 2, 3].map(lane => times(0.99 * most).map((value, i) => (i === 9 ? most : i === lane ? 0.5 : value))), // half-way in one lane alone
  ].map(group => Array.from(group));
}

/** A weight whose scale is very near the middle between two f16 numbers. */
function fromHalfWay(format: Format): number {
  const bits = toF16Bits(0.01) & 0x3ff;
  const scale = (1024 + bits + 0.5) * 2 ** -17;
  return Math.fround(scale * (format === 'q4' ? 7 : 127));
}

export const quantizeCases = caseSet({
  kernel: 'quantize',
  variants: plainVariants,
  storages: ['f32'],
  cases: (['q4', 'q8'] as const).flatMap(format => [
    quantizeCase(format, 1, 32),
    quantizeCase(format, 5, 96, { special: oddGroups(format), quick: true }),
    quantizeCase(format, 33, 224, { scale: 3 }),
    quantizeCase(format, 170, 96, { fold: true }),
    ...(format === 'q4' ? [quantizeCase(format, 1024, 1024, { bench: true })] : []),
  ]),
});
