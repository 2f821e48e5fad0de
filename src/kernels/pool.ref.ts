/** Plain reference of shaders/pool.wgsl, in f64. hidden [tokens, H] → [sequences, H]; `skip` tokens at the head of each are left out. */
import { normalizeRef } from './normalize.ref.ts';
import type { PoolMode } from './pool-modes.ts';

export function poolRef(
  hidden: ArrayLike<number>,
  H: number,
  cuSeqlens: ArrayLike<number>,
  pooling: PoolMode,
  normalize: boolean,
  skip = 0,
): Float64Array<ArrayBuffer> {
  const sequences = cuSeqlens.length - 1;
  const out = new Float64Array(sequences * H);
  for (let s = 0; s < sequences; s++) {
    const begin = cuSeqlens[s]!;
    const length = cuSeqlens[s + 1]! - begin;
    const positions = Array.from({ length: Math.max(0, length - skip) }, (_, i) => i + length - Math.max(0, length - skip));
    if (positions.length === 0) continue;
    for (let i = 0; i < H; i++) {
      const at = (position: number) => hidden[(begin + position) * H + i]!;
      out[s * H + i] = poolColumn(pooling, positions, at);
    }
  }
  return normalize ? normalizeRef(out, H) : out;
}

function poolColumn(pooling: PoolMode, positions: readonly number[], at: (position: number) => number): number {
  const sum = (value: (position: number) => number) => positions.reduce((total, position) => total + value(position), 0);
  switch (pooling) {
    case 'mean':
      return sum(at) / positions.length;
    case 'cls':
      return at(positions[0]!);
    case 'max':
      return positions.reduce((most, position) => Math.max(most, at(position)), Number.NEGATIVE_INFINITY);
    case 'mean_sqrt_len_tokens':
      return sum(at) / Math.sqrt(positions.length);
    case 'weightedmean':
      return sum(position => (position + 1) * at(position)) / sum(position => position + 1);
    case 'lasttoken':
      return at(positions.at(-1)!);
  }
}
