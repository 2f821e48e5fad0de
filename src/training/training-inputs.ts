/** The tensors that training has beside those of a forward pass, and how a batch gets into both. */
import { attentionTiles } from '../kernels/attention.ts';
import { groupById } from '../kernels/scatter-rows.ts';
import type { ModelConfig } from '../model/config.ts';
import { type Inputs, makeInputs } from '../model/inputs.ts';
import type { Sizes, Tensor } from '../runtime/graph.ts';
import { type LabelledBatch, noLabel } from './masking.ts';

export interface TrainingInputs extends Inputs {
  /** Gradient of the residual stream, f32 [T, H]: zeros before the backward pass. */
  dx: Tensor;
  /** What each row of the head must predict, u32 [R]. */
  labels: Tensor;
  /** Of each row's loss: see crossEntropyStats, f32 [R, 4]. */
  lossStats: Tensor;
  /** Tiles of attention's backward pass, vec4u. */
  gradTiles: Tensor;
  /** The batch's tokens sorted by id, and the groups of equal ones: see groupById, u32. */
  order: Tensor;
  groups: Tensor;
}

export function makeTrainingInputs(config: ModelConfig): TrainingInputs {
  const u32 = (name: string, ...shape: Tensor['shape']): Tensor => ({ name, type: 'u32', shape });
  const f32 = (name: string, ...shape: Tensor['shape']): Tensor => ({ name, type: 'f32', shape });
  return {
    ...makeInputs(config),
    dx: f32('gradient of the residual stream', 'tokens', config.hiddenSize),
    labels: u32('labels', 'rows'),
    lossStats: f32('statistics of the losses', 'rows', 4),
    gradTiles: u32('gradient tiles', 'gradTiles', 4),
    order: u32('tokens by id', 'tokens'),
    groups: u32('groups of equal tokens', 'tokens', 3),
  };
}

/** Rows of a query tile, forward and backward. */
export interface TileRows {
  forward: number;
  backward: number;
}

/** The sizes of the tensors for batches of at most `tokens` tokens, all of which may be labelled. A sequence has at least one token. */
export function trainingSizes(tokens: number, tileRows: TileRows): Sizes {
  return {
    tokens,
    sequences: tokens,
    boundaries: tokens + 1,
    tiles: Math.ceil(tokens / tileRows.forward) + tokens,
    gradTiles: Math.ceil(tokens / tileRows.backward) + tokens,
    rows: tokens,
    pairs: 0,
  };
}

/** The numbers of a run over a batch. `lossScale`: what each row's loss counts; `dropoutSeed`: a whole number under 2³² of this batch alone. */
export type BatchRun = Record<'tokens' | 'sequences' | 'tiles' | 'gradTiles' | 'groups' | 'rows' | 'lossScale' | 'dropoutSeed', number>;

/** Writes a batch to the buffers and returns the numbers of its run. */
export function writeTrainingBatch(
  queue: GPUQueue,
  bufferOf: (name: keyof TrainingInputs) => GPUBuffer,
  batch: LabelledBatch,
  tileRows: TileRows,
  { lossScale, dropoutSeed }: Pick<BatchRun, 'lossScale' | 'dropoutSeed'>,
): BatchRun {
  const { ids, positions, cuSeqlens, labels } = batch;
  const rows = Array.from(labels.keys()).filter(t => labels[t] !== noLabel);
  const tiles = attentionTiles(cuSeqlens, tileRows.forward);
  const gradTiles = attentionTiles(cuSeqlens, tileRows.backward);
  const { order, groups } = groupById(ids);
  const data = {
    ids,
    positions,
    cuSeqlens,
    tiles,
    gradTiles,
    order,
    groups,
    rowIndex: Uint32Array.from(rows),
    labels: Uint32Array.from(rows, t => labels[t]!),
  };
  for (const [name, values] of Object.entries(data)) queue.writeBuffer(bufferOf(name as keyof TrainingInputs), 0, values);
  return {
    tokens: ids.length,
    sequences: cuSeqlens.length - 1,
    tiles: tiles.length / 4,
    gradTiles: gradTiles.length / 4,
    groups: groups.length / 3,
    rows: rows.length,
    lossScale,
    dropoutSeed,
  };
}
