/**
 * The buffers of a forward pass, made once for a token count and shared by all layers: a tensor's life ends where the
 * next of its size begins. They grow when a longer text comes and shrink when a long one is long gone.
 */
import type { Gpu } from '../gpu/device.ts';
import { runSlotBytes, runSlots } from '../gpu/run.ts';
import { elemBytes } from '../kernels/variants.ts';
import type { StorageType } from '../types.ts';
import { padded } from '../weights/formats.ts';
import type { ModelConfig } from './config.ts';
import { ropeTable } from './rope.ts';

/** Rows of one pass through the prediction head: bounds the logits, [rows, V] f32. */
export const maxHeadRows = 64;
/** (row, token) pairs scored in one pass. */
export const maxPairs = 1024;

/** Token counts that plans are made for: a text is computed by the smallest that holds it, at its own length. */
export function bucketOf(tokens: number): number {
  let bucket = 32;
  while (bucket < tokens) bucket *= 2;
  return bucket;
}

export interface Buffers {
  run: GPUBuffer;
  /** Inputs: u32 [T], [T], [S + 1], vec4u [tiles], [rows], [pairs, 2]. */
  ids: GPUBuffer;
  positions: GPUBuffer;
  cuSeqlens: GPUBuffer;
  tiles: GPUBuffer;
  rowIndex: GPUBuffer;
  pairs: GPUBuffer;
  /** cos and sin by position, f32. */
  ropeGlobal: GPUBuffer;
  ropeLocal: GPUBuffer;
  /** Residual stream, f32 [T, H]. */
  x: GPUBuffer;
  /** Norm's and attention's output, elem [T, H]. */
  h: GPUBuffer;
  /** q, k, v, elem [3, heads, T, headDim]; then the MLP's middle, elem [T, I]; then the final norm's output, f32 [T, H]. */
  wide: GPUBuffer;
  /** Pooled vectors, f32 [S, vectorWidth]; the layers behind the pooling go from one to the other. */
  pooled: GPUBuffer;
  /** What the watch found in each sequence, u32 [S]: bits of `watchFlags`. */
  flags: GPUBuffer;
  pooledNext: GPUBuffer;
  /** The head's rows: elem [R, H], f32 [R, H], f32 [R, V]. */
  headIn: GPUBuffer;
  headOut: GPUBuffer;
  logits: GPUBuffer;
  /** Stands where a specialised kernel has a binding that it does not use. */
  none: GPUBuffer;
}

export interface ArenaShape {
  config: ModelConfig;
  storage: StorageType;
  hasHead: boolean;
  /** Query rows of an attention tile. */
  tileRows: number;
  /** Longest row of the vectors, in numbers; default a hidden state. */
  vectorWidth?: number;
  /** Layers follow the pooling. */
  hasVectorLayers?: boolean;
}

/** Sequences of a batch: each has at least [CLS] and [SEP]. */
export function maxSequences(tokens: number): number {
  return Math.ceil(tokens / 2);
}

/** Bytes of every buffer for `tokens` tokens: what the arena will take, known before it is made. */
export function arenaBytes(
  { config, storage, hasHead, tileRows, vectorWidth, hasVectorLayers = false }: ArenaShape,
  tokens: number,
): Record<keyof Buffers, number> {
  const { hiddenSize: H, intermediateSize, vocabSize: V, headDim } = config;
  const elem = elemBytes(storage);
  const sequences = maxSequences(tokens);
  const headRows = hasHead ? maxHeadRows : 0;
  const table = tokens * (headDim / 2) * 8;
  return {
    run: runSlotBytes * runSlots,
    ids: 4 * tokens,
    positions: 4 * tokens,
    cuSeqlens: 4 * (sequences + 1),
    tiles: 16 * (Math.ceil(tokens / tileRows) + sequences),
    rowIndex: 4 * headRows,
    pairs: hasHead ? 8 * maxPairs : 0,
    ropeGlobal: table,
    ropeLocal: table,
    x: 4 * tokens * H,
    h: elem * tokens * H,
    wide: Math.max(elem * tokens * 3 * H, elem * tokens * padded(intermediateSize), 4 * tokens * H),
    pooled: 4 * sequences * (vectorWidth ?? H),
    pooledNext: hasVectorLayers ? 4 * sequences * (vectorWidth ?? H) : 0,
    flags: 4 * sequences,
    headIn: elem * headRows * H,
    headOut: 4 * headRows * H,
    logits: 4 * headRows * V,
    none: 16,
  };
}

/** Makes the buffers; the RoPE tables are filled. */
export async function makeBuffers(gpu: Gpu, shape: ArenaShape, tokens: number): Promise<Buffers> {
  const bytes = arenaBytes(shape, tokens);
  const { headDim, ropeTheta } = shape.config;
  return gpu.checked(`buffers for ${tokens} tokens`, () => {
    const make = (name: keyof Buffers) =>
      name === 'run' ? gpu.memory.uniform(name, bytes[name]) : gpu.memory.storage('activations', name, bytes[name]);
    const buffers = Object.fromEntries((Object.keys(bytes) as (keyof Buffers)[]).map(name => [name, make(name)])) as unknown as Buffers;
    gpu.device.queue.writeBuffer(buffers.ropeGlobal, 0, ropeTable(ropeTheta.global, headDim, tokens));
    gpu.device.queue.writeBuffer(buffers.ropeLocal, 0, ropeTable(ropeTheta.local, headDim, tokens));
    return buffers;
  });
}
