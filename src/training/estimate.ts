/** What a training would take, before anything is uploaded. */
import type { DeviceProfile } from '../gpu/device.ts';
import { attentionTileRows } from '../kernels/attention.ts';
import { attentionBackTileRows } from '../kernels/attention-back.ts';
import type { ModelConfig } from '../model/config.ts';
import type { DeviceWeights } from '../model/device-weights.ts';
import { listBuffers } from '../model/mirror-weights.ts';
import { listParameters } from '../model/parameters.ts';
import { shardRows } from '../model/upload.ts';
import { makeChoices } from '../runtime/choices.ts';
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import { bytesOfNeeds } from '../runtime/memory.ts';
import { padded } from '../weights/formats.ts';
import { listPass } from './passes.ts';
import { trainingChoices } from './tape.ts';
import { makeTrainingInputs, trainingSizes } from './training-inputs.ts';

export interface TrainingEstimate {
  /** GPU bytes: weights with gradients and two moments, and what the passes need beside them. */
  weightBytes: number;
  activationBytes: number;
  /** As `activationBytes`, with layers computed again in the backward pass. */
  recomputedBytes: number;
  /** Operations of forward, loss and backward over a batch of so many tokens, all of which are labelled. */
  flops: number;
}

/** For one sequence of `tokens` tokens in f32; nothing is allocated. */
export function estimateTraining(config: ModelConfig, profile: DeviceProfile, tokens: number): TrainingEstimate {
  const weights = shapesOnly(config);
  const buffers = listBuffers(weights);
  const choices = makeChoices(profile, { matmul: new Map(), attention: null });
  const own = trainingChoices(profile);
  const inputs = makeTrainingInputs(config);
  const { headDim } = config;
  const tileRows = {
    forward: attentionTileRows({ headDim, variant: choices.attention }),
    backward: attentionBackTileRows({ headDim, variant: own.attentionBack }),
  };
  const sizes = trainingSizes(tokens, tileRows);
  const setup = {
    inputs,
    choices,
    trainingChoices: own,
    capacity: { tokens, rows: tokens },
    storage: 'f32',
    causal: false,
    dropout: 0,
    gradients: new Map(buffers.map(({ buffer }) => [buffer, buffer])),
  } as const;
  const list = (recompute: boolean) => listPass(config, setup, weights, { isTraining: true, recompute });
  const bytesOf = (recompute: boolean) =>
    bytesOfNeeds({ tensors: Object.values(inputs), slots: list(recompute).share(sizes).slotBytes }, sizes);
  const tiles = { tiles: Math.ceil(tokens / tileRows.forward), gradTiles: Math.ceil(tokens / tileRows.backward) };
  const run = { tokens, sequences: 1, ...tiles, groups: tokens, rows: tokens, lossScale: 1, dropoutSeed: 0 };
  return {
    weightBytes: 4 * buffers.reduce((sum, { buffer }) => sum + buffer.size, 0),
    activationBytes: bytesOf(false),
    recomputedBytes: bytesOf(true),
    flops: list(false).costs.reduce((sum, kernel) => sum + kernel.cost(run).flops, 0),
  };
}

/** Weights of which only the sizes are there. */
function shapesOnly(config: ModelConfig): DeviceWeights {
  const parameters = new Map(listParameters(config).map(parameter => [parameter.slot, parameter]));
  const buffer = (size: number) => ({ size }) as GPUBuffer;
  const vector = (slot: string) => {
    const parameter = parameters.get(slot);
    return parameter ? buffer(4 * parameter.order.rows) : null;
  };
  const norm = (slot: string): DeviceNorm => ({ weight: vector(`${slot}.weight`)!, bias: vector(`${slot}.bias`) });
  const matrix = (slot: string): DeviceMatrix => {
    const { order, shape } = parameters.get(slot)!;
    const K = padded(shape[1]!);
    const shards = shardRows(order.rows, 4 * K, 128 * 2 ** 20);
    return { N: order.rows, K, format: 'f32', shards: shards.map(shard => ({ ...shard, w: buffer(4 * K * shard.rows), scale: null })) };
  };
  const linear = (slot: string): DeviceLinear => ({ matrix: matrix(`${slot}.weight`), bias: vector(`${slot}.bias`) });
  const embedding = matrix('embeddings.tok_embeddings.weight');
  return {
    embedding,
    embeddingNorm: norm('embeddings.norm'),
    layers: Array.from({ length: config.layers }, (_, l) => ({
      attnNorm: l === 0 ? null : norm(`layers.${l}.attn_norm`),
      Wqkv: linear(`layers.${l}.attn.Wqkv`),
      Wo: linear(`layers.${l}.attn.Wo`),
      mlpNorm: norm(`layers.${l}.mlp_norm`),
      Wi: linear(`layers.${l}.mlp.Wi`),
      mlpWo: linear(`layers.${l}.mlp.Wo`),
    })),
    finalNorm: norm('final_norm'),
    head: {
      dense: linear('head.dense'),
      norm: norm('head.norm'),
      decoder: { matrix: config.tieWordEmbeddings ? embedding : matrix('decoder.weight'), bias: vector('decoder.bias') },
    },
  };
}
