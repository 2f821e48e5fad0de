/**
 * Attention's backward pass in two kernels without atomics: `attentionDq` by tiles of queries, `attentionDkv` by tiles of keys. Both compute
 * the probabilities anew, from q, k and the log-sum-exp that the forward pass stored (`AttentionShape.lse`), and need
 * `attentionDots` before them. Masks and packed sequences as in the forward pass; what a tile does not see is never visited.
 */
import { type Constant, compose } from '../gpu/shader.ts';
import { defineKernel, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { type AttentionMask, type AttentionShape, keysSeen, maskName, reachOf } from './attention.ts';
import { elemAliases, elemBytes, hasLanes, hasQuads, lanes, lanesNeed, quadsNeed, rowVariants, type Variant } from './variants.ts';

export type AttentionBackVariant = 'lanes' | 'quad' | 'tile' | 'register';

/**
 * `lanes`: one subgroup of 8 a tile, registers only (lavapipe). `quad`: four threads share two rows and pass products by
 * subgroup operations (GPUs). `tile`: register-tiled products, columns in workgroup memory (GPUs without subgroups). `register`: eight
 * threads and large register tiles, columns straight from storage (other software adapters).
 */
export const attentionBackVariants: readonly Variant<AttentionBackVariant>[] = [
  { name: 'lanes', runsOn: hasLanes, needs: lanesNeed, suits: profile => profile.software },
  { name: 'quad', runsOn: hasQuads, needs: quadsNeed, suits: profile => !profile.software },
  ...rowVariants<AttentionBackVariant>('tile', 'register'),
];

export interface AttentionBackShape extends AttentionMask, Pick<AttentionShape, 'heads' | 'headDim' | 'storage'> {
  variant: AttentionBackVariant;
}

/** Rows of one tile, of queries as of keys, whatever the storage: one list (`attentionTiles`) serves both kernels, all layers and all windows. */
export function attentionBackTileRows({ headDim, variant }: Pick<AttentionBackShape, 'headDim' | 'variant'>): number {
  if (variant === 'lanes') return lanes * lanesTall(headDim);
  return variant === 'quad' ? (quadThreads / 4) * quadRows(headDim) : layout(headDim, variant, 'f32').BR;
}

/** Of a lane's registers each result takes headDim / 8 a row, each product of rows and columns 4. */
function lanesTall(headDim: AttentionShape['headDim']): number {
  return headDim === 128 ? 1 : 2;
}

const quadThreads = 64;

/** A row takes headDim registers of a thread: a quarter each of two operands and two results. */
function quadRows(headDim: AttentionShape['headDim']): number {
  return headDim === 128 ? 1 : 2;
}

/** The numbers of shaders/include/attention-back.wgsl that a variant sets. */
interface Layout {
  threads: number;
  BR: number;
  BC: number;
  SR: number;
  SC: number;
  OR: number;
  OC: number;
  rowsShared: boolean;
  colsShared: boolean;
}

/** Workgroup memory stays within 16 KiB: both operands of the rows, one of a block of columns, ds and p. */
function layout(headDim: AttentionShape['headDim'], variant: 'tile' | 'register', storage: StorageType): Layout {
  if (variant === 'register')
    return { threads: 8, BR: 8, BC: 32, SR: 8, SC: 4, OR: 8, OC: headDim / 32, rowsShared: true, colsShared: false };
  const rowsShared = storage === 'f16' || headDim === 32;
  if (headDim === 128) return { threads: 64, BR: 16, BC: 16, SR: 4, SC: 1, OR: 8, OC: 1, rowsShared, colsShared: true };
  return { threads: 64, BR: 32, BC: 16, SR: 4, SC: 2, OR: headDim / 8, OC: 1, rowsShared, colsShared: true };
}

function tileConstants(headDim: AttentionShape['headDim'], variant: 'tile' | 'register', storage: StorageType): Record<string, Constant> {
  const { threads, rowsShared, colsShared, ...sizes } = layout(headDim, variant, storage);
  return {
    ...sizes,
    THREADS: threads,
    ROWS_SHARED: rowsShared,
    COLS_SHARED: colsShared,
    ROW_TILE: rowsShared ? (sizes.BR * headDim) / 4 : 1,
    COL_TILE: colsShared ? ((sizes.BC + 1) * headDim) / 4 : 1,
  };
}

/**
 * Gradient of q. Bindings: qkv (elem [3][heads][run.tokens][headDim], as the forward pass read it), grad (elem [run.tokens][heads * headDim],
 * of attention's output), lse and dots (f32 [heads][run.tokens]), tiles (of queries, `attentionTiles` with `attentionBackTileRows`,
 * run.gradTiles of them), dqkv (elem, as qkv: part 0 is written), run.
 */
export function attentionDq(shape: AttentionBackShape): Kernel {
  const { left, right } = reachOf(shape);
  return half(shape, { shader: 'attention-dq', reach: [left, right], products: 3, parts: 1 });
}

/** Gradients of k and v. Bindings: as of `attentionDq`; tiles (the same list) are of keys, and parts 1 and 2 of dqkv are written. */
export function attentionDkv(shape: AttentionBackShape): Kernel {
  const { left, right } = reachOf(shape);
  return half(shape, { shader: 'attention-dkv', reach: [right, left], products: 4, parts: 2 });
}

interface Half {
  shader: 'attention-dq' | 'attention-dkv';
  /** Columns visible before and after a row. */
  reach: readonly [left: number, right: number];
  /** Products of queries and keys: 2 · headDim operations a pair each. */
  products: number;
  /** Of dqkv, written. */
  parts: number;
}

/** Each variant's shader file, after the kernel's name, and the numbers it sets there. */
function constantsOf({ headDim, variant, storage }: AttentionBackShape): { file: string; constants: Record<string, Constant> } {
  switch (variant) {
    case 'lanes':
      return { file: '-lanes', constants: { TALL: lanesTall(headDim), WIDE: 2 } };
    case 'quad':
      return { file: '-quad', constants: { THREADS: quadThreads, ROWS: quadRows(headDim), BC: 16 } };
    default:
      return { file: '', constants: tileConstants(headDim, variant, storage) };
  }
}

function half(shape: AttentionBackShape, { shader, reach, products, parts }: Half): Kernel {
  const { heads, headDim, storage, variant, ...mask } = shape;
  const { file, constants } = constantsOf(shape);
  return defineKernel({
    kind: 'attention',
    label: `${shader}.${variant} ${heads}×${headDim} ${maskName(mask)}`,
    code: compose(`${shader}${file}`, {
      constants: {
        ...constants,
        D: headDim,
        SCALE: 1 / Math.sqrt(headDim),
        HALF: storage === 'f16',
      },
      aliases: elemAliases(storage, ['elem4']),
    }),
    bindings: ['read', 'read', 'read', 'read', 'read', 'write', 'uniform'],
    numbers: { tokens: 'u32', firstGroup: 'u32', heads: 'u32', left: 'u32', right: 'u32', gradTiles: 'count', sequences: 'count' },
    from: { heads, left: reach[0], right: reach[1] },
    grid: run => [run.gradTiles, heads, 1],
    rowAxis: 0,
    cost: run => ({
      flops: 2 * products * run.tokens * keysSeen(mask, run) * headDim * heads,
      bytes: run.tokens * heads * ((4 + parts) * headDim * elemBytes(storage) + 8),
    }),
  });
}
