/**
 * The weights on the GPU, read as those of a checkpoint: names, shapes and order of rows are the file's again. It is the upload
 * (device-weights.ts) backwards, for saving a model that was trained and for comparing what lies on the GPU with its file.
 */
import { TensorError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { Staging } from '../gpu/staging.ts';
import { type DeviceLinear, type DeviceMatrix, type DeviceNorm, readRows } from '../runtime/matrix.ts';
import { rowBytesOf } from '../weights/formats.ts';
import type { ModelConfig } from './config.ts';
import type { DeviceWeights } from './device-weights.ts';
import { layerSlot, listParameters, type Parameter, wordTable } from './parameters.ts';
import type { MatrixReader, WeightReader } from './reader.ts';

/** Where a parameter lies. */
type Place = { matrix: DeviceMatrix } | { vector: GPUBuffer };

export class DeviceReader implements WeightReader {
  readonly hasHead: boolean;
  readonly slots: ReadonlySet<string>;
  readonly #places: ReadonlyMap<string, { parameter: Parameter; place: Place }>;
  readonly #staging: Staging;
  /** One read at a time: they share the read-back buffer. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(gpu: Gpu, config: ModelConfig, weights: DeviceWeights) {
    this.#staging = new Staging(gpu);
    this.hasHead = weights.head !== null;
    const places = placesOf(weights, config.tieWordEmbeddings);
    this.#places = new Map(
      listParameters(config).flatMap(parameter => {
        const place = places.get(parameter.slot);
        return place ? [[parameter.slot, { parameter, place }] as const] : [];
      }),
    );
    this.slots = new Set(this.#places.keys());
  }

  /** Of the first layer's Wqkv, as the GPU has it. */
  get stored(): DeviceMatrix['format'] {
    return (this.#find(layerSlot(0, 'attn.Wqkv.weight')).place as { matrix: DeviceMatrix }).matrix.format;
  }

  /** As f32. */
  get totalBytes(): number {
    return [...this.slots].reduce((sum, slot) => sum + this.bytesOf(slot), 0);
  }

  has(slot: string): boolean {
    return this.slots.has(slot);
  }

  /** As f32. */
  bytesOf(slot: string): number {
    const [N, K = 1] = this.#find(slot).parameter.shape;
    return N * rowBytesOf('f32', K).w;
  }

  isMatrix(slot: string): boolean {
    return this.#places.get(slot)?.parameter.shape.length === 2;
  }

  /** `name`: as ModernBertForMaskedLM saves it. */
  describe(slot: string): { name: string; stored: 'f32'; parameter: Parameter } {
    const { parameter } = this.#find(slot);
    return { name: parameter.part === 'base' ? `model.${slot}` : slot, stored: 'f32', parameter };
  }

  /** Errors: TensorError for what is no vector of the model; those of the GPU. */
  async vector(slot: string): Promise<Float32Array<ArrayBuffer>> {
    const { parameter, place } = this.#find(slot);
    if ('matrix' in place) throw new TensorError(`"${slot}" is a matrix.`, { missing: [slot] });
    const { rows, deviceRow } = parameter.order;
    const values = new Float32Array(
      await this.#inTurn(() => this.#staging.readNow([{ buffer: place.vector, offset: 0, bytes: 4 * rows }])),
    );
    return Float32Array.from({ length: parameter.shape[0] }, (_, n) => values[deviceRow(n)]!);
  }

  /** Rows as f32, whatever the format on the GPU. Errors: TensorError for what is no matrix of the model. */
  matrix(slot: string): MatrixReader {
    const { parameter, place } = this.#find(slot);
    const [N, K] = parameter.shape;
    if ('vector' in place || K === undefined) throw new TensorError(`"${slot}" is a vector.`, { missing: [slot] });
    const { matrix } = place;
    const rows = async (first: number, count: number) => {
      if (!(first >= 0 && count >= 0 && first + count <= N))
        throw new RangeError(`rows ${first} to ${first + count} of ${slot}, which has ${N}`);
      const values = new Float32Array(count * K);
      const from = Array.from({ length: count }, (_, i) => parameter.order.deviceRow(first + i));
      // The order keeps neighbours near each other: what lies between them is read too.
      const lowest = from.reduce((least, row) => Math.min(least, row), matrix.N);
      const highest = from.reduce((most, row) => Math.max(most, row), lowest - 1);
      const block = await this.#inTurn(() => readRows(this.#staging, matrix, lowest, highest + 1 - lowest));
      from.forEach((row, i) => {
        const at = (row - lowest) * matrix.K;
        values.set(block.subarray(at, at + K), i * K);
      });
      return { kind: 'float' as const, values };
    };
    return { slot, N, K, storedK: K, stored: 'f32', rowBytes: 4 * K, rows };
  }

  dispose(): void {
    this.#staging.dispose();
  }

  #find(slot: string) {
    const found = this.#places.get(slot);
    if (!found) throw new TensorError(`The model on the GPU has no parameter "${slot}".`, { missing: [slot] });
    return found;
  }

  #inTurn<T>(read: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(read);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

function placesOf({ embedding, embeddingNorm, layers, finalNorm, head }: DeviceWeights, isTied: boolean): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const vector = (slot: string, buffer: GPUBuffer | null) => buffer && places.set(slot, { vector: buffer });
  const norm = (slot: string, { weight, bias }: DeviceNorm) => {
    vector(`${slot}.weight`, weight);
    vector(`${slot}.bias`, bias);
  };
  const linear = (slot: string, { matrix, bias }: DeviceLinear) => {
    places.set(`${slot}.weight`, { matrix });
    vector(`${slot}.bias`, bias);
  };
  places.set(wordTable, { matrix: embedding });
  norm('embeddings.norm', embeddingNorm);
  layers.forEach((layer, l) => {
    if (layer.attnNorm) norm(layerSlot(l, 'attn_norm'), layer.attnNorm);
    linear(layerSlot(l, 'attn.Wqkv'), layer.Wqkv);
    linear(layerSlot(l, 'attn.Wo'), layer.Wo);
    norm(layerSlot(l, 'mlp_norm'), layer.mlpNorm);
    linear(layerSlot(l, 'mlp.Wi'), layer.Wi);
    linear(layerSlot(l, 'mlp.Wo'), layer.mlpWo);
  });
  norm('final_norm', finalNorm);
  if (head) {
    linear('head.dense', head.dense);
    norm('head.norm', head.norm);
    if (!isTied) places.set('decoder.weight', { matrix: head.decoder.matrix });
    vector('decoder.bias', head.decoder.bias);
  }
  return places;
}
