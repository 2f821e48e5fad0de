/** Opens a model for training: from a folder with weights, from a configuration alone, or from a checkpoint. */
import { openGpu } from '../gpu/device.ts';
import { readModelConfig } from '../model/config-file.ts';
import { openWeights } from '../model/reader.ts';
import { transformerOf } from '../source/modules.ts';
import type { ModelSource } from '../source/source.ts';
import type { StorageType } from '../types.ts';
import { freshWeights } from './fresh-weights.ts';
import type { Recipe } from './recipe.ts';
import { momentsIn, type SavedState } from './saved-model.ts';
import { Trainer } from './trainer.ts';

export interface OpenTraining {
  gpu: GPU;
  whileWaiting?: <T>(work: Promise<T>) => Promise<T>;
  source: ModelSource;
  recipe: Recipe;
  /** See TrainerOptions. */
  storage?: StorageType;
  recompute?: boolean;
  /** Draws the weights anew instead of reading them. */
  isFresh: boolean;
  /** The source is a checkpoint, and this is where its run was. */
  saved?: SavedState;
  signal?: AbortSignal;
}

/** Errors: those of reading a model and of a GPU; InputError for a model without a prediction head. */
export async function openTraining({
  gpu: entry,
  whileWaiting,
  source,
  recipe,
  isFresh,
  saved,
  storage,
  recompute,
  signal,
}: OpenTraining): Promise<Trainer> {
  const files = await transformerOf(source, signal);
  const config = await readModelConfig(files, signal);
  const reader = isFresh ? freshWeights(config, recipe.seed) : await openWeights(files, config, signal);
  const resume = saved && {
    steps: saved.state.updates,
    batches: saved.state.batches,
    scale: saved.state.scale,
    first: await openWeights(momentsIn(source, 'first'), config, signal),
    second: await openWeights(momentsIn(source, 'second'), config, signal),
  };
  const gpu = await openGpu(entry, { whileWaiting });
  try {
    return await Trainer.open(gpu, config, reader, {
      tokens: recipe.batchTokens,
      optimizer: recipe.optimizer,
      dropout: recipe.dropout,
      seed: recipe.seed,
      storage,
      recompute,
      resume,
    });
  } catch (error) {
    gpu.destroy();
    throw error;
  }
}
