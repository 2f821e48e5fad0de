/** Wrapper of the matmul kernels (shaders/matmul-*.wgsl): y = epilogue(a · Wᵀ + bias). */
import type { DeviceProfile } from '../gpu/device.ts';
import { type Constant, compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, type Grid, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { type WeightFormat, weightBytes } from '../weights/formats.ts';
import { elemAliases, elemBytes, formatCode, hasLanes, lanes, lanesNeed, type Variant } from './variants.ts';

/** `gelu` is exact (erf), `gelu_tanh` its tanh form. */
export type Activation = 'gelu' | 'gelu_tanh' | 'silu' | 'relu';

/** What is done with the sums s[m, n] = Σₖ a[m, k] W[n, k] + bias[n]. */
export type Epilogue =
  /** y[m * rowStride + firstColumn + n] = activation(s). */
  | { kind: 'store'; out: 'elem' | 'f32'; activation: Activation | 'none'; firstColumn: number; rowStride: number }
  /** y[m * N + n] += s, y f32. */
  | { kind: 'residual' }
  /** Rows of W alternate u_i, g_i: y[m * N / 2 + i] = activation(u_i) * g_i, elem. */
  | { kind: 'geglu'; activation: Activation }
  /**
   * N = 3 * heads * headDim, columns [q | k | v], each head by head. In a head of q and k the columns 2j and 2j + 1 are the
   * elements j and j + headDim / 2 of the model, a pair of the rotation. y[((which * heads + head) * M + m) * headDim + d], elem,
   * in that interleaved order. Table f32 [position, headDim / 2, (cos, sin)], positions u32 [M].
   */
  | { kind: 'rope'; heads: number; headDim: number };

export interface MatmulShape {
  /** Length of the sums, a multiple of 32 (weights are padded with zeros, `a` must hold zeros there or be as wide). */
  K: number;
  /** Rows of W: any number for `store`, even for the others. */
  N: number;
  format: WeightFormat;
  storage: StorageType;
  epilogue: Epilogue;
  hasBias: boolean;
  /** M: the run's tokens or rows, or always this many. */
  rows: 'tokens' | 'rows' | number;
  /** Most rows a run may have; variants may specialise on it. */
  maxRows: number;
}

export type MatmulVariant = 'lanes' | 'tile' | 'tile-small' | 'tile-sliced' | 'rows' | 'rows-alone';

export interface MatmulVariantInfo extends Variant<MatmulVariant> {
  /** Whether it can compute this shape, and has a chance to be the fastest. */
  accepts(shape: MatmulShape): boolean;
  /** What it accepts, in words; absent where it accepts all. */
  takes?: string;
}

/** Up to so many rows, reading each weight only once is faster than tiles. */
const fewRows = 8;

const always = () => true;
const onGpu = (profile: DeviceProfile) => !profile.software;
const onCpu = (profile: DeviceProfile) => profile.software;
/** Up to so many tiles of 64 × 64: more fill a GPU without slices of K. */
const slicedTiles = 256;
const fillsFewGroups = ({ maxRows, N }: MatmulShape) => ceilDiv(maxRows, 64) * ceilDiv(N, 64) <= slicedTiles;
const isFew = ({ maxRows }: MatmulShape) => maxRows <= fewRows;

/**
 * For lavapipe, `lanes`: one subgroup of 8 computes up to 16 × 32 results in registers (docs/log/matmul.md says why).
 * For other software adapters, `rows-alone`: a thread takes a pair of columns of up to 4 rows; small text, no workgroup memory.
 * For GPUs, `rows` for few rows: 16 threads a pair of columns; `tile`: 64 × 64 results a workgroup of 128 threads;
 * `tile-small`: 32 × 32 by 64, for products that would fill few workgroups otherwise; `tile-sliced`: the same by 256, each 64 of them with a
 * quarter of K, where few tiles and a long K would leave most of a GPU idle. The GPU variants run everywhere, but on software adapters they take seconds to compile and are five times slower, so they are not measured there.
 */
export const matmulVariants: readonly MatmulVariantInfo[] = [
  { name: 'lanes', runsOn: hasLanes, needs: lanesNeed, suits: onCpu, accepts: always },
  { name: 'rows', runsOn: always, suits: onGpu, accepts: isFew, takes: `at most ${fewRows} rows` },
  { name: 'rows-alone', runsOn: always, suits: onCpu, accepts: always },
  {
    name: 'tile-sliced',
    runsOn: always,
    suits: onGpu,
    accepts: fillsFewGroups,
    takes: `products of at most ${slicedTiles} tiles of 64 × 64`,
  },
  { name: 'tile', runsOn: always, suits: onGpu, accepts: always },
  { name: 'tile-small', runsOn: always, suits: onGpu, accepts: always },
];

interface Recipe {
  shader: string;
  constants: Readonly<Record<string, Constant>>;
  /** Workgroups for M rows, which lie along `rowAxis`. */
  grid(M: number): Grid;
  rowAxis: 0 | 1;
}

/** Sizes of the tile variants, as in the shader. */
const tiles = {
  tile: { BM: 64, BN: 64, BK: 32, TM: 8, SLICES: 1 },
  'tile-small': { BM: 32, BN: 32, BK: 32, TM: 4, SLICES: 1 },
  'tile-sliced': { BM: 32, BN: 32, BK: 16, TM: 4, SLICES: 4 },
} as const;

function recipe({ N, maxRows, format }: MatmulShape, variant: MatmulVariant): Recipe {
  switch (variant) {
    case 'lanes': {
      const TALL = maxRows <= lanes ? 1 : 2;
      const WIDE = 4;
      return {
        shader: format === 'f32' ? 'matmul-lanes-f32' : 'matmul-lanes',
        constants: { LANES: lanes, TALL, WIDE },
        grid: M => [ceilDiv(M, TALL * lanes), ceilDiv(N, WIDE * lanes), 1],
        rowAxis: 0,
      };
    }
    case 'tile':
    case 'tile-small':
    case 'tile-sliced': {
      const constants = tiles[variant];
      return { shader: 'matmul-tile', constants, grid: M => [ceilDiv(N, constants.BN), ceilDiv(M, constants.BM), 1], rowAxis: 1 };
    }
    case 'rows':
    case 'rows-alone': {
      const ROWS = Math.min(4, maxRows);
      const [LANES, THREADS] = variant === 'rows' ? [16, 64] : [1, 16];
      const constants = { ROWS, LANES, THREADS, PARTIALS: LANES > 1 ? ROWS * THREADS : 1 };
      return { shader: 'matmul-rows', constants, grid: M => [ceilDiv(N, (2 * THREADS) / LANES), ceilDiv(M, ROWS), 1], rowAxis: 1 };
    }
  }
}

/** `ACTIVATION` of shaders/include/activation.wgsl. */
export const activationCode = { none: 0, gelu: 1, gelu_tanh: 2, silu: 3, relu: 4 } as const;
const epilogueCode = { store: 0, residual: 1, geglu: 2, rope: 3 } as const;

/**
 * Bindings, always in this order: a (elem [M, K]), w ([N, K] in its format, as u32 words), scale (f16 pairs, for q8 and q4), bias (f32 [N]),
 * table and positions (for rope), y, run. A binding that the shape does not use may be any buffer except y's. Errors: RangeError for a shape outside
 * the limits above, which is a bug of the caller, as configs are checked before.
 */
export function matmul(shape: MatmulShape, variant: MatmulVariant): Kernel {
  check(shape);
  const { K, N, format, storage, epilogue, hasBias, rows } = shape;
  const { shader, constants, grid, rowAxis } = recipe(shape, variant);
  const y = outputOf(shape);
  const code = compose(shader, {
    constants: {
      ...constants,
      K,
      N,
      FORMAT: formatCode[format],
      EPILOGUE: epilogueCode[epilogue.kind],
      ACTIVATION: 'activation' in epilogue ? activationCode[epilogue.activation] : 0,
      HAS_BIAS: hasBias,
      HALF: storage === 'f16' && y.type === 'elem',
      ...(epilogue.kind === 'store' ? { ROW_STRIDE: epilogue.rowStride, FIRST_COLUMN: epilogue.firstColumn } : {}),
      ...(epilogue.kind === 'rope' ? { HEADS: epilogue.heads, HEAD_DIM: epilogue.headDim } : {}),
    },
    aliases: {
      ...elemAliases(storage),
      stored: y.type === 'f32' ? 'f32' : storage,
      ...(shader === 'matmul-lanes-f32' ? { word: 'vec4f' } : {}),
    },
  });
  return defineKernel({
    kind: 'matmul',
    label: `matmul.${variant} ${epilogue.kind} ${format} ${K}→${N}`,
    code,
    bindings: ['read', 'read', 'read', 'read', 'read', 'read', 'write', 'uniform'],
    numbers: { rows: 'u32', firstGroup: 'u32' },
    from: { rows },
    grid: run => (run.rows === 0 ? [0, 0, 0] : grid(run.rows)),
    rowAxis,
    cost: run => ({
      flops: 2 * run.rows * N * K,
      bytes: weightBytes(format, N * K) + run.rows * (K * elemBytes(storage) + y.columns * (y.type === 'f32' ? 4 : elemBytes(storage))),
    }),
  });
}

/** Type of y and values written a row. */
function outputOf({ N, epilogue }: MatmulShape): { type: 'elem' | 'f32'; columns: number } {
  switch (epilogue.kind) {
    case 'store':
      return { type: epilogue.out, columns: N };
    case 'residual':
      return { type: 'f32', columns: 2 * N }; // read and written
    case 'geglu':
      return { type: 'elem', columns: N / 2 };
    case 'rope':
      return { type: 'elem', columns: N };
  }
}

function check({ K, N, epilogue, maxRows }: MatmulShape): void {
  const fail = (what: string) => {
    throw new RangeError(`matmul ${epilogue.kind} ${K}→${N}: ${what}. This is a bug of affinage; please report it.`);
  };
  if (!(K > 0) || K % 32 !== 0) fail('K must be a multiple of 32');
  if (!(N > 0) || (epilogue.kind !== 'store' && N % 2 !== 0)) fail('N must be even here');
  if (!(maxRows >= 1)) fail(`maxRows is ${maxRows}`);
  if (epilogue.kind === 'store' && epilogue.firstColumn + N > epilogue.rowStride) fail('the columns run past the row stride');
  if (epilogue.kind === 'rope' && (N !== 3 * epilogue.heads * epilogue.headDim || epilogue.headDim % 2 !== 0))
    fail(`it is not three times ${epilogue.heads} heads of ${epilogue.headDim}`);
}
