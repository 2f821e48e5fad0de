/** The model's weights as the kernels read them: which row goes where, in which format, in how many bindings. */
import { AdapterLimitError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Notes } from '../notes.ts';
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import type { TunedModel } from '../runtime/tune/tune.ts';
import type { Dtype } from '../types.ts';
import { padded, type WeightFormat } from '../weights/formats.ts';
import { quoteName } from '../weights/safetensors-header.ts';
import { layerSlot } from './checkpoint.ts';
import type { ModelConfig } from './config.ts';
import type { WeightReader } from './reader.ts';
import { type MatrixLayout, uploadMatrix } from './upload.ts';

export interface DeviceLayer {
  /** null in layer 0: its input comes normed from the embeddings. */
  attnNorm: DeviceNorm | null;
  Wqkv: DeviceLinear;
  Wo: DeviceLinear;
  mlpNorm: DeviceNorm;
  Wi: DeviceLinear;
  mlpWo: DeviceLinear;
}

export interface DeviceWeights {
  embedding: DeviceMatrix;
  embeddingNorm: DeviceNorm;
  layers: DeviceLayer[];
  finalNorm: DeviceNorm;
  /** null for a checkpoint of the base model: it can only embed. */
  head: { dense: DeviceLinear; norm: DeviceNorm; decoder: DeviceLinear } | null;
  /** Without `head`: a tensor of the task that the checkpoint was fine-tuned for, if there is one. */
  taskHead?: string;
}

const inOrder = (n: number) => n;

/**
 * Rows of Wqkv: inside each head of q and k, row j and row j + headDim/2 (the pair that RoPE rotates) become neighbours,
 * so that one thread holds both. q·k does not care, as q and k are permuted alike; v stays.
 */
export function qkvSourceRow({ hiddenSize, headDim }: Pick<ModelConfig, 'hiddenSize' | 'headDim'>): (n: number) => number {
  return n => {
    if (n >= 2 * hiddenSize) return n;
    const inHead = n % headDim;
    return n - inHead + (inHead >> 1) + (inHead & 1) * (headDim / 2);
  };
}

/** Rows of Wi: u_i and g_i become neighbours 2i and 2i+1 for the fused GeGLU; −1 is a row of zeros behind the last. */
export function wiSourceRow(intermediateSize: number): (n: number) => number {
  return n => {
    const i = n >> 1;
    if (i >= intermediateSize) return -1;
    return n & 1 ? intermediateSize + i : i;
  };
}

/** Format of the big matrices and of the embedding table (and with it the tied decoder) for a dtype. */
export function formatsOf(dtype: Dtype): { linear: WeightFormat; embedding: WeightFormat } {
  return { linear: dtype, embedding: dtype === 'q4' ? 'q8' : dtype };
}

/**
 * Format of the matrix at `slot`. In q4 the head's dense matrix stays q8 beside the table: everything predicted passes through it, it
 * alone would make a third of q4's error (docs/QUANTIZATION.md), and it is 0.3 % of the weights.
 */
export function formatOfMatrix(slot: string, dtype: Dtype): WeightFormat {
  const { linear, embedding } = formatsOf(dtype);
  const isPrecious = slot === 'embeddings.tok_embeddings.weight' || slot === 'decoder.weight' || slot === 'head.dense.weight';
  return isPrecious ? embedding : linear;
}

/** Largest storage binding that every adapter has. */
const maxBindingBytes = 128 * 2 ** 20;

export interface UploadOptions {
  dtype: Dtype;
  signal?: AbortSignal;
  /** Bytes of the file read so far. */
  onBytes(doneBytes: number, slot: string): void;
  /** Takes which matrices are kept in another format than the dtype's. */
  notes?: Notes;
  /** For tests: splits the embedding table and the decoder of a small model too. */
  maxShardBytes?: number;
}

/** Reads every parameter, converts it, and puts it on the GPU. Errors: those of the reader; OutOfMemoryError. */
export async function uploadWeights(
  gpu: Gpu,
  config: ModelConfig,
  reader: WeightReader,
  { dtype, signal, onBytes, maxShardBytes = maxBindingBytes, notes }: UploadOptions,
): Promise<DeviceWeights> {
  const { hiddenSize: H, intermediateSize: I, vocabSize: V, layers } = config;
  const formats = formatsOf(dtype);
  const widened: { name: string; from: WeightFormat }[] = [];
  let doneBytes = 0;
  const count = (bytes: number, slot: string) => {
    doneBytes += bytes;
    onBytes(doneBytes, slot);
  };

  const vector = async (slot: string, length: number, sourceRow: (n: number) => number = inOrder): Promise<GPUBuffer> => {
    const values = await reader.vector(slot, { signal });
    const ordered = Float32Array.from({ length }, (_, n) => values[sourceRow(n)] ?? 0);
    const buffer = gpu.memory.storage('weights', slot, ordered.byteLength);
    gpu.device.queue.writeBuffer(buffer, 0, ordered);
    count(reader.bytesOf(slot), slot);
    return buffer;
  };
  const optional = (slot: string, length: number, sourceRow?: (n: number) => number) =>
    reader.has(slot) ? vector(slot, length, sourceRow) : Promise.resolve(null);
  const norm = async (slot: string): Promise<DeviceNorm> => ({
    weight: await vector(`${slot}.weight`, H),
    bias: await optional(`${slot}.bias`, H),
  });
  const matrix = async (slot: string, layout: MatrixLayout, shardBytes = maxBindingBytes): Promise<DeviceMatrix> => {
    const { shards, format } = await uploadMatrix(gpu, reader.matrix(slot), layout, shardBytes, bytes => count(bytes, slot), signal);
    if (format !== layout.format) widened.push({ name: reader.describe(slot).name, from: layout.format });
    if (shards.length > 1 && layout.N !== V) {
      throw new AdapterLimitError(
        `${slot} takes more than the ${maxBindingBytes} bytes that one binding may have as ${format}. Use a smaller dtype.`,
        { slot },
      );
    }
    return { N: layout.N, K: layout.K, format, shards };
  };
  const linear = async (slot: string, layout: MatrixLayout): Promise<DeviceLinear> => ({
    matrix: await matrix(`${slot}.weight`, layout),
    bias: await optional(`${slot}.bias`, layout.N, layout.sourceRow),
  });

  const plain = (N: number, K: number): MatrixLayout => ({ N, K, format: formats.linear, sourceRow: inOrder });
  /**
   * The table and the head's dense matrix. What the file holds as q4 stays so: quantizing it again would change its numbers. In a model
   * quantized by us they stay as they were chosen, an f16 table among q4 matrices too.
   */
  const precious = (slot: string, N: number): MatrixLayout => {
    const { stored } = reader.matrix(slot);
    const isChosen = (dtype === 'q4' || dtype === 'q8') && reader.stored === dtype && stored !== 'bf16';
    const format = isChosen || (dtype === 'q4' && stored === 'q4') ? (stored as WeightFormat) : formatOfMatrix(slot, dtype);
    return { N, K: H, format, sourceRow: inOrder };
  };
  const table = (slot: string) => precious(slot, V);
  const wordTable = 'embeddings.tok_embeddings.weight';
  const embedding = await matrix(wordTable, table(wordTable), maxShardBytes);
  const embeddingNorm = await norm('embeddings.norm');
  const deviceLayers: DeviceLayer[] = [];
  for (let l = 0; l < layers; l++) {
    const at = (rest: string) => layerSlot(l, rest);
    deviceLayers.push({
      attnNorm: l === 0 ? null : await norm(at('attn_norm')),
      Wqkv: await linear(at('attn.Wqkv'), { ...plain(3 * H, H), sourceRow: qkvSourceRow(config) }),
      Wo: await linear(at('attn.Wo'), plain(H, H)),
      mlpNorm: await norm(at('mlp_norm')),
      Wi: await linear(at('mlp.Wi'), { ...plain(2 * padded(I), H), sourceRow: wiSourceRow(I) }),
      mlpWo: await linear(at('mlp.Wo'), plain(H, padded(I))),
    });
  }
  const finalNorm = await norm('final_norm');
  const head = reader.hasHead
    ? {
        dense: await linear('head.dense', precious('head.dense.weight', H)),
        norm: await norm('head.norm'),
        decoder: {
          matrix: config.tieWordEmbeddings ? embedding : await matrix('decoder.weight', table('decoder.weight'), maxShardBytes),
          bias: await optional('decoder.bias', V),
        },
      }
    : null;
  if (widened.length > 0) notes?.add(widenedNote(widened));
  return { embedding, embeddingNorm, layers: deviceLayers, finalNorm, head, taskHead: reader.taskHead };
}

/** What of a model the tuning measures. */
export function tunedModel({ heads, headDim, window }: ModelConfig, { layers, head }: DeviceWeights): TunedModel {
  return { heads, headDim, window, layer: layers[0]!.mlpWo, decoder: head?.decoder ?? null };
}

function widenedNote(widened: readonly { name: string; from: WeightFormat }[]): string {
  const names = widened.slice(0, 3).map(({ name }) => quoteName(name));
  const rest = widened.length - names.length;
  const what = widened.length === 1 ? 'is' : 'are';
  const format = widened[0]!.from;
  return (
    `${names.join(', ')}${rest > 0 ? ` and ${rest} more tensors` : ''} ${what} kept as f32: the weights there are too large or too small for ${format}` +
    `${format === 'f16' ? ' (6e-5 to 65,504)' : ', whose scales are f16 numbers'}. Answers are right, and take more GPU memory.`
  );
}
