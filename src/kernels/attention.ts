/**
 * Attention over packed sequences: bidirectional, global or with a symmetric window. No N×N buffer; blocks of keys that no row of a tile sees
 * are never visited. The tile list is made once a request, from the sequences' lengths, and serves all layers and all windows.
 */
import { GpuError } from '../errors.ts';
import type { Constant } from '../gpu/shader.ts';
import { compose } from '../gpu/shader.ts';
import type { Kernel } from '../gpu/step.ts';
import { elemAliases, elemBytes, type Storage, type Variant } from './variants.ts';

export type AttentionVariant = 'register' | 'tile';

/**
 * `register`: eight threads and large register tiles, k and v straight from storage (software adapters).
 * `tile`: 64 threads, k and v through workgroup memory (GPUs).
 */
export const attentionVariants: readonly Variant<AttentionVariant>[] = [
  { name: 'register', runsOn: () => true, suits: profile => profile.software },
  { name: 'tile', runsOn: () => true, suits: () => true },
];

export interface AttentionShape {
  heads: number;
  headDim: 32 | 64 | 128;
  /** Keys visible on each side of the query, or null = the whole sequence. */
  window: number | null;
  storage: Storage;
  variant: AttentionVariant;
}

/** The numbers of shaders/attention-tile.wgsl that a variant sets; see its header. */
interface Layout {
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

/** Query rows of one tile: how many rows a workgroup answers. The same for both storages. */
export function attentionTileRows({ headDim, variant }: Pick<AttentionShape, 'headDim' | 'variant'>): number {
  return layoutOf(headDim, variant, 'f32').BR;
}

function layoutOf(headDim: 32 | 64 | 128, variant: AttentionVariant, storage: Storage): Layout {
  if (variant === 'register') {
    const BR = headDim === 128 ? 8 : 16;
    return { threads: 8, BR, BC: 16, SR: BR, SC: 2, OR: BR, OC: headDim / 32, qShared: true, kvShared: false };
  }
  if (headDim === 128) {
    const shared = { threads: 64, BR: 16, SR: 4, OR: 8, OC: 1, kvShared: true };
    return storage === 'f16' ? { ...shared, BC: 32, SC: 2, qShared: true } : { ...shared, BC: 16, SC: 1, qShared: false };
  }
  const keys = storage === 'f16' ? { BC: 32, SC: 4 } : { BC: 16, SC: 2 };
  return { threads: 64, BR: 32, SR: 4, ...keys, OR: headDim / 8, OC: 1, qShared: true, kvShared: true };
}

/** One entry a tile, vec4u: first query row (packed index), one past the last query row, first key of its sequence, one past its last key. */
export function attentionTiles(cuSeqlens: ArrayLike<number>, tileRows: number): Uint32Array<ArrayBuffer> {
  const tiles: number[] = [];
  for (let sequence = 0; sequence + 1 < cuSeqlens.length; sequence++) {
    const [first, end] = [cuSeqlens[sequence]!, cuSeqlens[sequence + 1]!];
    for (let row = first; row < end; row += tileRows) tiles.push(row, Math.min(row + tileRows, end), first, end);
  }
  return Uint32Array.from(tiles);
}

/** Larger than any sequence, small enough that row + window stays a u32. */
const globalWindow = 0x3fffffff;

/**
 * Bindings: qkv (elem [3][heads][run.tokens][headDim]: q and k with RoPE applied, v), tiles (see attentionTiles, run.tiles of them),
 * out (elem [run.tokens][heads * headDim]), run. Scale 1/√headDim is applied here.
 */
export function attention({ heads, headDim, window, storage, variant }: AttentionShape): Kernel {
  if (window !== null && !(Number.isInteger(window) && window >= 0))
    throw new GpuError(`Attention window ${window}: expected a whole number of keys, 0 or more, or null for the whole sequence.`);
  const { threads, BR, BC, SR, SC, OR, OC, qShared, kvShared } = layoutOf(headDim, variant, storage);
  const constants: Record<string, Constant> = {
    D: headDim,
    WINDOW: Math.min(window ?? globalWindow, globalWindow),
    SCALE: Math.LOG2E / Math.sqrt(headDim),
    THREADS: threads,
    BR,
    BC,
    SR,
    SC,
    OR,
    OC,
    Q_SHARED: qShared,
    KV_SHARED: kvShared,
    Q_TILE: qShared ? (BR * headDim) / 4 : 1,
    KV_TILE: kvShared ? ((BC + 1) * headDim) / 4 : 1,
  };
  return {
    label: `attention.${variant} ${heads}×${headDim} ${window === null ? 'global' : `±${window}`}`,
    code: compose('attention-tile', { constants, aliases: elemAliases(storage, ['elem4']) }),
    bindings: ['read', 'read', 'write', 'uniform'],
    grid: run => [run.tiles, heads, 1],
    cost: run => {
      // Exact for one sequence or a narrow window; several sequences see fewer keys than this.
      const length = run.tokens / Math.max(run.sequences, 1);
      const keys = window === null ? length : Math.min(length, 2 * window + 1);
      return { flops: 4 * run.tokens * keys * headDim * heads, bytes: 4 * run.tokens * heads * headDim * elemBytes(storage) };
    },
  };
}
