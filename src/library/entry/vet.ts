/** Checks that affinage can run a model before its weights are fetched or copied. */

import { fitTokenizer, readTokenizer } from '../../inference/open.ts';
import { readSentence } from '../../inference/sentence/sentence.ts';
import { readStep } from '../../inference/sentence/vectors.ts';
import { planWeights, type WeightPlan } from '../../model/checkpoint.ts';
import { readModelConfig } from '../../model/config-file.ts';
import { formatOf } from '../../model/parameters.ts';
import { openWeights } from '../../model/reader.ts';
import { Notes } from '../../notes.ts';
import { inFolder, readLayout, sentencePaths } from '../../source/modules.ts';
import type { ModelSource } from '../../source/source.ts';
import { weightBytes as bytesOfWeights, padded, type StoredFormat, type WeightFormat } from '../../weights/formats.ts';
import { openSafetensors } from '../../weights/safetensors.ts';
import type { KeptDtype } from '../types.ts';

/** Reads config, tokenizer and the weights' headers as loading would. Errors: those of loading a model, except the GPU's. */
export async function vetModel(source: ModelSource, signal?: AbortSignal): Promise<{ stored: StoredFormat }> {
  const layout = await readLayout(source, signal);
  const files = inFolder(source, layout.folder);
  const config = await readModelConfig(files, signal);
  const tokenizer = await readTokenizer(files, signal);
  fitTokenizer(tokenizer, config, source.name);
  const { steps } = await readSentence(source, layout, config, new Notes(), signal);
  for (const step of steps) if (step.kind !== 'normalize') await readStep(source, step, signal);
  const { stored } = await openWeights(files, config, signal);
  return { stored };
}

/**
 * Checks from config and headers alone (some 100 kB) that affinage can run the model. Returns the bytes that its weights will take in
 * `dtype`, to within a few kB. Errors: ConfigError, TensorError, ModelFileError, ModelSourceError.
 */
export async function planKept(source: ModelSource, dtype: KeptDtype, signal?: AbortSignal): Promise<{ weightBytes: number }> {
  const layout = await readLayout(source, signal);
  const files = inFolder(source, layout.folder);
  const config = await readModelConfig(files, signal);
  const plan = planWeights(config, await openSafetensors(files, signal));
  let moduleBytes = 0;
  for (const path of sentencePaths(layout))
    if (path.endsWith('.safetensors') && (await source.has(path, signal))) moduleBytes += (await source.open(path, signal)).sizeBytes;
  return { weightBytes: weightBytes(plan, dtype) + moduleBytes };
}

/** Room for a safetensors header: about 150 bytes a tensor. */
const headerBytesEach = 200;

function weightBytes(plan: WeightPlan, dtype: KeptDtype): number {
  let total = 0;
  for (const { spec, tensor, scale, stored } of plan.places.values()) {
    const [N, K] = spec.shape;
    const asStored = tensor.end - tensor.start + (scale ? scale.end - scale.start : 0);
    total += headerBytesEach * 2;
    if (dtype === 'original') total += asStored;
    else if (K === undefined) total += 4 * N;
    else {
      const format = formatOf(spec, dtype);
      total += stored === format ? asStored : bytesAs(format, N, K);
    }
  }
  return total;
}

function bytesAs(format: WeightFormat, N: number, K: number): number {
  const isQuantized = format === 'q8' || format === 'q4';
  return N * bytesOfWeights(format, isQuantized ? padded(K) : K);
}
