/** The model's weights as the kernels read them: which row goes where, in which format, in how many bindings. */
import { AdapterLimitError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Notes } from '../notes.ts';
import type { DeviceLinear, DeviceMatrix, DeviceNorm } from '../runtime/matrix.ts';
import type { TunedModel } from '../runtime/tune/tune-tasks.ts';
import type { Dtype } from '../types.ts';
import { padded, type WeightFormat } from '../weights/formats.ts';
import { quoteName } from '../weights/safetensors-header.ts';
import type { ModelConfig } from './config.ts';
import { formatOf, isTable, keepsDetail, layerSlot, listParameters, type Parameter, wordTable } from './parameters.ts';
import type { WeightReader } from './reader.ts';
import { type MatrixLayout, uploadMatrix } from './upload.ts';

export interface DeviceLayer {
  /** null in layer 0, whose input the embeddings have normed already. */
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

/** Largest storage binding that every adapter has. */
const maxBindingBytes = 128 * 2 ** 20;

export interface UploadOptions {
  dtype: Dtype;
  signal?: AbortSignal;
  /** Bytes of the file read so far. */
  onBytes?(doneBytes: number, slot: string): void;
  /** Takes a note about the matrices that are kept in another format than the dtype's. */
  notes?: Notes;
  /** For tests: splits the embedding table and the decoder of a small model too. */
  maxShardBytes?: number;
}

/** Reads every parameter, converts it, and puts it on the GPU. Errors: those of the reader; AdapterLimitError; OutOfMemoryError. */
export async function uploadWeights(gpu: Gpu, config: ModelConfig, reader: WeightReader, options: UploadOptions): Promise<DeviceWeights> {
  const put = new Upload(gpu, config, reader, options);
  const embedding = await put.matrix(wordTable);
  const embeddingNorm = await put.norm('embeddings.norm');
  const layers: DeviceLayer[] = [];
  for (let l = 0; l < config.layers; l++) layers.push(await put.layer(l));
  const finalNorm = await put.norm('final_norm');
  const head = reader.hasHead
    ? {
        dense: await put.linear('head.dense'),
        norm: await put.norm('head.norm'),
        decoder: {
          matrix: config.tieWordEmbeddings ? embedding : await put.matrix('decoder.weight'),
          bias: await put.optional('decoder.bias'),
        },
      }
    : null;
  if (put.widened.length > 0) options.notes?.add(widenedNote(put.widened));
  return { embedding, embeddingNorm, layers, finalNorm, head, taskHead: reader.taskHead };
}

/** One layer alone, for a model that is never on the GPU whole. Errors: as `uploadWeights`. */
export function uploadLayer(gpu: Gpu, config: ModelConfig, reader: WeightReader, l: number, options: UploadOptions): Promise<DeviceLayer> {
  return new Upload(gpu, config, reader, options).layer(l);
}

/** A norm alone. Errors: as `uploadWeights`. */
export function uploadNorm(gpu: Gpu, config: ModelConfig, reader: WeightReader, slot: string, options: UploadOptions): Promise<DeviceNorm> {
  return new Upload(gpu, config, reader, options).norm(slot);
}

/** Frees what `uploadLayer` made. */
export function freeLayer(gpu: Gpu, { attnNorm, Wqkv, Wo, mlpNorm, Wi, mlpWo }: DeviceLayer): void {
  for (const { matrix, bias } of [Wqkv, Wo, Wi, mlpWo]) gpu.memory.free(bias, ...matrix.shards.flatMap(({ w, scale }) => [w, scale]));
  for (const norm of [attnNorm, mlpNorm]) gpu.memory.free(norm?.weight, norm?.bias);
}

/** Puts parameters on the GPU by their slots; the table (parameters.ts) says how each lies there. */
class Upload {
  /** Matrices that their format cannot hold. */
  readonly widened: { name: string; from: WeightFormat }[] = [];
  readonly #parameters: ReadonlyMap<string, Parameter>;
  #doneBytes = 0;

  constructor(
    readonly gpu: Gpu,
    config: ModelConfig,
    readonly reader: WeightReader,
    readonly options: UploadOptions,
  ) {
    this.#parameters = new Map(listParameters(config).map(parameter => [parameter.slot, parameter]));
  }

  async layer(l: number): Promise<DeviceLayer> {
    const at = (rest: string) => layerSlot(l, rest);
    return {
      attnNorm: l === 0 ? null : await this.norm(at('attn_norm')),
      Wqkv: await this.linear(at('attn.Wqkv')),
      Wo: await this.linear(at('attn.Wo')),
      mlpNorm: await this.norm(at('mlp_norm')),
      Wi: await this.linear(at('mlp.Wi')),
      mlpWo: await this.linear(at('mlp.Wo')),
    };
  }

  async norm(slot: string): Promise<DeviceNorm> {
    return { weight: await this.#vector(`${slot}.weight`), bias: await this.optional(`${slot}.bias`) };
  }

  async linear(slot: string): Promise<DeviceLinear> {
    return { matrix: await this.matrix(`${slot}.weight`), bias: await this.optional(`${slot}.bias`) };
  }

  /** A vector that the checkpoint may lack. */
  async optional(slot: string): Promise<GPUBuffer | null> {
    return this.reader.has(slot) ? this.#vector(slot) : null;
  }

  async matrix(slot: string): Promise<DeviceMatrix> {
    const { gpu, reader, options } = this;
    const parameter = this.#parameters.get(slot)!;
    const { rows: N, sourceRow } = parameter.order;
    const layout: MatrixLayout = { N, K: padded(parameter.shape[1]!), format: this.#format(parameter), sourceRow };
    const most = isTable(parameter) ? (options.maxShardBytes ?? maxBindingBytes) : maxBindingBytes;
    const onBytes = (bytes: number) => this.#count(bytes, slot);
    const { shards, format } = await uploadMatrix(gpu, reader.matrix(slot), layout, most, onBytes, options.signal);
    if (format !== layout.format) this.widened.push({ name: reader.describe(slot).name, from: layout.format });
    if (shards.length > 1 && !isTable(parameter)) {
      throw new AdapterLimitError(
        `${slot} takes more than the ${maxBindingBytes} bytes that one binding may have as ${format}. Use a smaller dtype.`,
        { slot },
      );
    }
    return { N, K: layout.K, format, shards };
  }

  /**
   * The table and the head's dense matrix stay q4 if the file holds them so, as quantizing them again would change their numbers. In a
   * model that affinage quantized they keep the file's format, also an f16 table among q4 matrices.
   */
  #format(parameter: Parameter): WeightFormat {
    const { dtype } = this.options;
    if (!keepsDetail(parameter)) return dtype;
    const { stored } = this.reader.matrix(parameter.slot);
    const isChosen = (dtype === 'q4' || dtype === 'q8') && this.reader.stored === dtype && stored !== 'bf16';
    return isChosen || (dtype === 'q4' && stored === 'q4') ? (stored as WeightFormat) : formatOf(parameter, dtype);
  }

  async #vector(slot: string): Promise<GPUBuffer> {
    const { gpu, reader, options } = this;
    const { rows, sourceRow } = this.#parameters.get(slot)!.order;
    const values = await reader.vector(slot, { signal: options.signal });
    const ordered = Float32Array.from({ length: rows }, (_, n) => values[sourceRow(n)] ?? 0);
    const buffer = gpu.memory.storage('weights', slot, ordered.byteLength);
    gpu.device.queue.writeBuffer(buffer, 0, ordered);
    this.#count(reader.bytesOf(slot), slot);
    return buffer;
  }

  #count(bytes: number, slot: string): void {
    this.#doneBytes += bytes;
    this.options.onBytes?.(this.#doneBytes, slot);
  }
}

/** What the tuning needs of a model. */
export function tunedModel(config: ModelConfig, { embedding, embeddingNorm, layers, head }: DeviceWeights): TunedModel {
  const { heads, headDim, window, hiddenSize: H, vocabSize: V, normEps: eps } = config;
  const linears = [...layers.flatMap(({ Wqkv, Wo, Wi, mlpWo }) => [Wqkv, Wo, Wi, mlpWo]), ...(head ? [head.dense, head.decoder] : [])];
  return {
    heads,
    headDim,
    window,
    H,
    V,
    eps,
    biases: { layers: layers[0]!.mlpNorm.bias !== null, embeddings: embeddingNorm.bias !== null },
    embedding,
    layer: layers[0]!.mlpWo,
    decoder: head?.decoder ?? null,
    formats: [...new Map(linears.map(linear => [linear.matrix.format, linear])).values()],
  };
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
