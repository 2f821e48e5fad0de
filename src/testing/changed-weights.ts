/** A fixture model whose weights a test has changed, as f32. Node only. */
import type { ModelSource } from '../source/source.ts';
import { type FloatDtype, toFloat32 } from '../weights/dtype.ts';
import { openSafetensors } from '../weights/safetensors.ts';
import { fixtureWithTokenizer } from './environment.ts';
import { fixtureSource } from './fixtures.ts';
import { f32, safetensorsFile, type TensorData } from './safetensors-file.ts';

/** `change` gets each tensor's name and numbers. `files` replaces or (null) hides other files. A float fixture of one file. */
export async function changedWeights(
  name: string,
  change: (tensor: string, values: Float32Array) => ArrayLike<number>,
  files: Record<string, unknown> = {},
): Promise<ModelSource> {
  const checkpoint = await openSafetensors(fixtureSource(name));
  const tensors: Record<string, TensorData> = {};
  for (const [tensor, { shape, dtype }] of checkpoint.tensors) {
    const values = toFloat32(await checkpoint.read(tensor), dtype as FloatDtype);
    tensors[tensor] = f32([...shape], change(tensor, values));
  }
  return fixtureWithTokenizer(name, { 'model.safetensors': safetensorsFile(tensors), ...files });
}
