/** The tensors that go in and out of a forward pass. Those between them are temporaries of its graphs. */
import type { Tensor } from '../runtime/graph.ts';
import type { ModelConfig } from './config.ts';

/**
 * Named sizes of the shapes below. `tokens`, `sequences`, `tiles` and `boundaries` (sequences + 1) are those of the longest batch;
 * `rows` and `pairs` those of one pass through the head.
 */
export interface Inputs {
  /** u32. */
  ids: Tensor;
  /** RoPE's positions, u32. */
  positions: Tensor;
  /** Where each sequence begins, and the end of the last, u32. */
  cuSeqlens: Tensor;
  /** Query tiles of the attention kernel, vec4u. */
  tiles: Tensor;
  /** Tokens that the head's rows are, u32. */
  rowIndex: Tensor;
  /** (row of the pass, token) to score, u32. */
  pairs: Tensor;
  /** cos and sin by position, f32. */
  ropeGlobal: Tensor;
  ropeLocal: Tensor;
  /** The residual stream, f32 [T, H]. */
  x: Tensor;
  /** What the watch found in each sequence: bits of `watchFlags`, u32. */
  flags: Tensor;
  /** A small buffer for bindings that a specialised kernel does not use. */
  none: Tensor;
}

export function makeInputs({ hiddenSize: H, headDim }: Pick<ModelConfig, 'hiddenSize' | 'headDim'>): Inputs {
  const u32 = (name: string, ...shape: Tensor['shape']): Tensor => ({ name, type: 'u32', shape });
  const f32 = (name: string, ...shape: Tensor['shape']): Tensor => ({ name, type: 'f32', shape });
  return {
    ids: u32('ids', 'tokens'),
    positions: u32('positions', 'tokens'),
    cuSeqlens: u32('cu_seqlens', 'boundaries'),
    tiles: u32('tiles', 'tiles', 4),
    rowIndex: u32('row index', 'rows'),
    pairs: u32('pairs', 'pairs', 2),
    ropeGlobal: f32('RoPE table, global', 'tokens', headDim / 2, 2),
    ropeLocal: f32('RoPE table, local', 'tokens', headDim / 2, 2),
    x: f32('residual stream', 'tokens', H),
    flags: u32('flags', 'sequences'),
    none: u32('none', 4),
  };
}
