/** From the last hidden state to vectors: pooling, and the layers that a sentence-transformers folder puts after it. */
import { ModelFileError, TensorError } from '../../errors.ts';
import type { Gpu } from '../../gpu/device.ts';
import { paddedTo4 } from '../../kernels/dense.ts';
import type { PoolMode } from '../../kernels/pool-modes.ts';
import { watchFlags } from '../../kernels/watch.ts';
import type { DeviceDense, Words } from '../../model/words.ts';
import type { Tensor } from '../../runtime/graph.ts';
import type { DeviceNorm } from '../../runtime/matrix.ts';
import { inFolder } from '../../source/modules.ts';
import type { ModelSource } from '../../source/source.ts';
import { type FloatDtype, toFloat32 } from '../../weights/dtype.ts';
import { openSafetensors } from '../../weights/safetensors.ts';
import { quoteName } from '../../weights/safetensors-header.ts';
import type { SentenceStep } from './sentence.ts';

/** A layer after the pooling with its weights on the GPU. */
export type DeviceStep =
  | { kind: 'normalize' }
  | ({ kind: 'dense'; label: string } & DeviceDense)
  | { kind: 'layernorm'; label: string; size: number; norm: DeviceNorm };

/** What is done with the last hidden state (a tail): poolings and further layers. */
export interface VectorTail {
  /** Side by side; empty: every token keeps its own vector. */
  poolings: readonly PoolMode[];
  steps: readonly DeviceStep[];
}

/** One pooling, or every token, without further layers. */
export function plainTail(pooling: PoolMode | 'none', isNormalized: boolean): VectorTail {
  return { poolings: pooling === 'none' ? [] : [pooling], steps: isNormalized ? [{ kind: 'normalize' }] : [] };
}

/** Numbers in a vector, and in a row of its buffer. */
export function widthOf({ poolings, steps }: VectorTail, hiddenSize: number): { dim: number; stride: number } {
  const widths = [Math.max(1, poolings.length) * hiddenSize];
  for (const step of steps) widths.push(step.kind === 'dense' ? step.outputs : widths.at(-1)!);
  const dim = widths.at(-1)!;
  return { dim, stride: paddedTo4(dim) };
}

/** A text that is equal for equal tails only. */
export function tailKey({ poolings, steps }: VectorTail): string {
  return [poolings.join('+') || 'none', ...steps.map(step => (step.kind === 'normalize' ? step.kind : step.label))].join(' ');
}

/** Lists the tail's kernels; `hidden` is the last hidden state, f32 [T, H]. Returns the vectors: f32 [S, stride], or [T, H] without pooling. */
export function vectorGraph(m: Words, hidden: Tensor, { poolings, steps }: VectorTail): Tensor {
  const { hiddenSize: H } = m.config;
  const { flags } = m.inputs;
  if (poolings.length === 0) {
    if (steps.length === 0) return hidden;
    m.normalize(hidden);
    m.watch(hidden, 'text', watchFlags.vector, flags);
    return hidden;
  }
  // The usual tail, a pooling and a normalisation, is a single kernel.
  const isFused = poolings.length === 1 && steps[0]?.kind === 'normalize';
  let vectors = m.graph.temporary('vectors', 'f32', ['sequences', poolings.length * H]);
  poolings.forEach((pooling, i) => {
    m.pool(hidden, pooling, { isNormalized: isFused, column: i * H }, vectors);
  });
  for (const step of isFused ? steps.slice(1) : steps) {
    if (step.kind === 'normalize') m.normalize(vectors);
    else vectors = step.kind === 'dense' ? m.dense(vectors, step) : m.vectorNorm(vectors, step.norm, step.size);
  }
  m.watch(vectors, 'sequence', watchFlags.vector, flags);
  return vectors;
}

/** Reads the weights of the steps and puts them on the GPU. Errors: TensorError for weights that do not fit, ModelFileError. */
export async function uploadSteps(
  gpu: Gpu,
  source: ModelSource,
  steps: readonly SentenceStep[],
  signal?: AbortSignal,
): Promise<DeviceStep[]> {
  const list: DeviceStep[] = [];
  for (const step of steps) {
    if (step.kind === 'normalize') {
      list.push(step);
      continue;
    }
    const weights = await readStep(source, step, signal);
    const put = (name: string, values: Float32Array<ArrayBuffer>): GPUBuffer => {
      const buffer = gpu.memory.storage('weights', `${step.folder}${name}`, values.byteLength);
      gpu.device.queue.writeBuffer(buffer, 0, values);
      return buffer;
    };
    const weight = put('weight', weights.weight);
    const bias = weights.bias && put('bias', weights.bias);
    const label = `${step.kind} ${step.folder}`;
    if (step.kind === 'layernorm') list.push({ kind: 'layernorm', label, size: step.size, norm: { weight, bias } });
    else list.push({ ...step, label, weight, bias });
  }
  return list;
}

type WeightedStep = Exclude<SentenceStep, { kind: 'normalize' }>;

/**
 * Weights of a Dense (transposed, outputs padded with zeros to a multiple of 4) or of a LayerNorm. Everything in the file must belong to it.
 * Errors: TensorError, ModelFileError, ModelSourceError.
 */
export async function readStep(
  source: ModelSource,
  step: WeightedStep,
  signal?: AbortSignal,
): Promise<{ weight: Float32Array<ArrayBuffer>; bias: Float32Array<ArrayBuffer> | null }> {
  const checkpoint = await openSafetensors(inFolder(source, step.folder), signal);
  const file = `${step.folder}model.safetensors`;
  const layer = step.kind === 'dense' ? 'linear' : 'norm';
  const shapes: Record<string, number[]> =
    step.kind === 'dense'
      ? { [`${layer}.weight`]: [step.outputs, step.inputs], ...(step.hasBias && { [`${layer}.bias`]: [step.outputs] }) }
      : { [`${layer}.weight`]: [step.size], [`${layer}.bias`]: [step.size] };
  const problems: string[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    const tensor = checkpoint.tensors.get(name);
    if (!tensor) problems.push(`${quoteName(name)} [${shape.join(', ')}] is missing`);
    else if (tensor.shape.join() !== shape.join() || !['F32', 'F16', 'BF16'].includes(tensor.dtype))
      problems.push(
        `${quoteName(name)} is ${tensor.dtype} [${tensor.shape.slice(0, 8).join(', ')}], its config.json asks for floats [${shape.join(', ')}]`,
      );
  }
  for (const name of checkpoint.tensors.keys())
    if (!Object.hasOwn(shapes, name)) problems.push(`${quoteName(name)} is not part of this module`);
  if (problems.length > 0)
    throw new TensorError(
      `${file} does not fit ${step.folder}config.json: ${problems.slice(0, 4).join('; ')}. Use the files of one model.`,
      { file },
    );
  const read = async (name: string): Promise<Float32Array<ArrayBuffer>> => {
    const values = toFloat32(await checkpoint.read(name, { signal }), checkpoint.tensors.get(name)!.dtype as FloatDtype);
    if (values.every(Number.isFinite)) return values;
    throw new ModelFileError(`${quoteName(name)} in ${file} holds NaN or infinity: every vector would be NaN. Fetch another.`, {
      tensor: name,
    });
  };
  const weight = await read(`${layer}.weight`);
  const bias = shapes[`${layer}.bias`] ? await read(`${layer}.bias`) : null;
  if (step.kind === 'layernorm') return { weight, bias };
  const width = paddedTo4(step.outputs);
  const transposed = new Float32Array(step.inputs * width);
  for (let n = 0; n < step.outputs; n++) for (let k = 0; k < step.inputs; k++) transposed[k * width + n] = weight[n * step.inputs + k]!;
  const paddedBias = bias && new Float32Array(width);
  paddedBias?.set(bias!);
  return { weight: transposed, bias: paddedBias };
}
