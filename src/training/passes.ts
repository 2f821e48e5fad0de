/** The kernels of a pass over a batch: forward with its loss, and in training backward. */
import type { ModelConfig } from '../model/config.ts';
import type { DeviceWeights } from '../model/device-weights.ts';
import { Graph } from '../runtime/graph.ts';
import { trainingTrunk } from './forward.ts';
import { lossOf } from './loss.ts';
import type { TrainingSetup } from './tape.ts';
import { TrainingWords } from './training-words.ts';

export interface PassOptions {
  /** Without it the forward pass and its loss alone, nothing dropped. */
  isTraining: boolean;
  recompute: boolean;
  /** For tests: columns of a chunk of the vocabulary, a multiple of 64. */
  chunkColumns?: number;
}

/** Lists the pass; nothing runs or is allocated. */
export function listPass(
  config: ModelConfig,
  setup: TrainingSetup,
  weights: DeviceWeights,
  { isTraining, recompute, chunkColumns }: PassOptions,
): Graph {
  const graph = new Graph();
  const m = new TrainingWords(graph, config, { ...setup, dropout: isTraining ? setup.dropout : 0 });
  trainingTrunk(m, weights, isTraining && recompute);
  lossOf(m, weights, chunkColumns);
  if (isTraining) m.backward();
  return graph;
}
