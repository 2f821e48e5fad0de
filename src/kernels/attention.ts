/**
 * Attention over packed sequences: global or within a window, to both sides or causal. There is no N×N buffer, and blocks of keys that no row of a tile sees
 * are never visited. The tile list is made once a request, from the sequences' lengths, and serves all layers and all windows.
 */
import { GpuError } from '../errors.ts';
import { type Constant, compose } from '../gpu/shader.ts';
import { defineKernel, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemAliases, elemBytes, hasLanes, hasQuads, lanesNeed, quadsNeed, type Variant } from './variants.ts';

export type AttentionVariant = 'lanes' | 'register' | 'quad' | 'tile';

/**
 * `lanes`: one subgroup of 8 a tile, registers only (lavapipe).
 * `register`: eight threads and large register tiles, k and v straight from storage (other software adapters).
 * `quad`: four threads share four rows and pass partial scores by subgroup operations (GPUs).
 * `tile`: two register-tiled products with everything in workgroup memory (GPUs without subgroups, or where it measures faster).
 */
export const attentionVariants: readonly Variant<AttentionVariant>[] = [
  { name: 'lanes', runsOn: hasLanes, needs: lanesNeed, suits: profile => profile.software },
  { name: 'register', runsOn: () => true, suits: profile => profile.software },
  { name: 'quad', runsOn: hasQuads, needs: quadsNeed, suits: profile => !profile.software },
  { name: 'tile', runsOn: () => true, suits: profile => !profile.software },
];

export interface AttentionMask {
  /** Keys visible on each side of the query, or null = the whole sequence. */
  window: number | null;
  /** Only keys up to the query itself: j ≤ i, and i − window ≤ j where there is a window. */
  causal?: boolean;
}

export interface AttentionShape extends AttentionMask {
  heads: number;
  headDim: 32 | 64 | 128;
  storage: StorageType;
  variant: AttentionVariant;
  /** Stores the log-sum-exp of each row's scores too, for a backward pass. */
  lse?: boolean;
}

type HeadDim = AttentionShape['headDim'];

/** Query rows of one tile: how many rows a workgroup answers. The same for both storage types, so one tile list serves both. */
export function attentionTileRows({ headDim, variant }: Pick<AttentionShape, 'headDim' | 'variant'>): number {
  if (variant === 'lanes') return 8 * lanesTall(headDim);
  return variant === 'quad' ? (quadThreads / 4) * quadRows(headDim) : tileLayout(headDim, variant, 'f32').BR;
}

/** The numbers of shaders/attention-tile.wgsl that a variant sets; see its header. */
interface TileLayout {
  threads: number;
  BR: number;
  BC: number;
  SR: number;
  SC: number;
  OR: number;
  OC: number;
  qShared: boolean;
  kvShared: boolean;
}

/** Workgroup memory stays within 16 KiB: q, one block of k or v, and the probabilities. */
function tileLayout(headDim: HeadDim, variant: 'register' | 'tile', storage: StorageType): TileLayout {
  if (variant === 'register') return { threads: 8, BR: 8, BC: 32, SR: 8, SC: 4, OR: 8, OC: headDim / 32, qShared: true, kvShared: false };
  if (headDim === 128) {
    const shared = { threads: 64, BR: 16, SR: 4, OR: 8, OC: 1, kvShared: true };
    return storage === 'f16' ? { ...shared, BC: 32, SC: 2, qShared: true } : { ...shared, BC: 16, SC: 1, qShared: false };
  }
  const keys = storage === 'f16' ? { BC: 32, SC: 4 } : { BC: 16, SC: 2 };
  return { threads: 64, BR: 32, SR: 4, ...keys, OR: headDim / 8, OC: 1, qShared: true, kvShared: true };
}

function tileConstants(headDim: HeadDim, variant: 'register' | 'tile', storage: StorageType): Record<string, Constant> {
  const { threads, qShared, kvShared, ...sizes } = tileLayout(headDim, variant, storage);
  return {
    ...sizes,
    THREADS: threads,
    Q_SHARED: qShared,
    KV_SHARED: kvShared,
    Q_TILE: qShared ? (sizes.BR * headDim) / 4 : 1,
    KV_TILE: kvShared ? ((sizes.BC + 1) * headDim) / 4 : 1,
  };
}

/** Of a lane's registers the output takes headDim / 8 a row, the scores 4. */
function lanesTall(headDim: HeadDim): number {
  return headDim === 128 ? 1 : 2;
}

const quadThreads = 64;

/** q and the output of a thread's share take headDim / 2 * rows registers: 128 or fewer. */
function quadRows(headDim: HeadDim): number {
  return headDim === 128 ? 2 : 4;
}

/** Keys in workgroup memory: 4 KiB each of k and v. */
function quadConstants(headDim: HeadDim, storage: StorageType): Record<string, Constant> {
  return { THREADS: quadThreads, ROWS: quadRows(headDim), BC: Math.min(32, 4096 / (headDim * elemBytes(storage))) };
}

function constantsOf(headDim: HeadDim, variant: AttentionVariant, storage: StorageType): Record<string, Constant> {
  if (variant === 'lanes') return { TALL: lanesTall(headDim) };
  return variant === 'quad' ? quadConstants(headDim, storage) : tileConstants(headDim, variant, storage);
}

/** Of each variant in shaders/. */
export const attentionFile = {
  lanes: 'attention-lanes',
  register: 'attention-tile',
  quad: 'attention-quad',
  tile: 'attention-tile',
} as const;

/** One entry a tile, vec4u: first query row (packed index), one past the last query row, first key of its sequence, one past its last key. */
export function attentionTiles(cuSeqlens: ArrayLike<number>, tileRows: number): Uint32Array<ArrayBuffer> {
  const tiles: number[] = [];
  for (let sequence = 0; sequence + 1 < cuSeqlens.length; sequence++) {
    const [first, end] = [cuSeqlens[sequence]!, cuSeqlens[sequence + 1]!];
    for (let row = first; row < end; row += tileRows) tiles.push(row, Math.min(row + tileRows, end), first, end);
  }
  return Uint32Array.from(tiles);
}

/** How many tiles `attentionTiles` makes. */
export function attentionTileCount(cuSeqlens: ArrayLike<number>, tileRows: number): number {
  let count = 0;
  for (let i = 0; i + 1 < cuSeqlens.length; i++) count += Math.ceil((cuSeqlens[i + 1]! - cuSeqlens[i]!) / tileRows);
  return count;
}

/** Larger than any sequence, small enough that row + window stays a u32. */
const globalWindow = 0x3fffffff;

/** Keys visible to the left and to the right of a query. Errors: GpuError for a window that is no count. */
export function reachOf({ window, causal = false }: AttentionMask): { left: number; right: number } {
  if (window !== null && !(Number.isInteger(window) && window >= 0))
    throw new GpuError(`Attention window ${window}: expected a whole number of keys, 0 or more, or null for the whole sequence.`);
  const left = Math.min(window ?? globalWindow, globalWindow);
  return { left, right: causal ? 0 : left };
}

/** For labels. */
export function maskName({ window, causal = false }: AttentionMask): string {
  if (window === null) return causal ? 'causal' : 'global';
  return `${causal ? 'causal −' : '±'}${window}`;
}

/**
 * Keys that a query sees on average, for the cost: exact for one sequence without a window, and nearly so for a narrow window; several
 * sequences of unequal lengths see other numbers of keys than this.
 */
export function keysSeen({ window, causal = false }: AttentionMask, run: { tokens: number; sequences: number }): number {
  const length = run.tokens / Math.max(run.sequences, 1);
  if (window === null) return causal ? (length + 1) / 2 : length;
  return Math.min(length, (causal ? 1 : 2) * window + 1);
}

/**
 * Bindings: qkv (elem [3][heads][run.tokens][headDim]: q and k with RoPE applied, v), tiles (see attentionTiles, run.tiles of them),
 * out (elem [run.tokens][heads * headDim]), with `lse` the log-sum-exp of the scaled scores (natural, f32 [heads][run.tokens]), run.
 * Scale 1/√headDim is applied here.
 */
export function attention({ heads, headDim, window, causal, storage, variant, lse = false }: AttentionShape): Kernel {
  const mask = { window, causal };
  const { left, right } = reachOf(mask);
  const constants: Record<string, Constant> = {
    D: headDim,
    SCALE: Math.LOG2E / Math.sqrt(headDim),
    ...constantsOf(headDim, variant, storage),
  };
  return defineKernel({
    kind: 'attention',
    label: `attention.${variant} ${heads}×${headDim} ${maskName(mask)}${lse ? ' with lse' : ''}`,
    code: compose(attentionFile[variant], {
      constants,
      aliases: elemAliases(storage, ['elem4']),
      includes: lse ? { 'attention-out': 'attention-out-lse' } : {},
    }),
    bindings: lse ? ['read', 'read', 'write', 'write', 'uniform'] : ['read', 'read', 'write', 'uniform'],
    numbers: { tokens: 'u32', firstGroup: 'u32', left: 'u32', right: 'u32', tiles: 'count', sequences: 'count' },
    // Numbers and not constants, so that local and global layers share one pipeline: it takes seconds to compile on some adapters.
    from: { left, right },
    grid: run => [run.tiles, heads, 1],
    rowAxis: 0,
    cost: run => ({
      flops: 4 * run.tokens * keysSeen(mask, run) * headDim * heads,
      bytes: run.tokens * heads * (4 * headDim * elemBytes(storage) + (lse ? 4 : 0)),
    }),
  });
}
