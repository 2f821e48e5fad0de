/**
 * What the inputs of every matrix look like on a text: Σ x xᵀ / tokens, for `CalibratedColumns`. The float model runs layer by layer on
 * the GPU; one layer's weights and the residual stream of the text are there at a time, never the model. Layers advance as they are
 * asked for, so quantizing from the first to the last costs one forward pass.
 */

import { InputError } from '../errors.ts';
import { type Gpu, openGpu } from '../gpu/device.ts';
import { type Batch, packBatches, writeBatch } from '../inference/batch.ts';
import type { Environment } from '../inference/environment.ts';
import { fitTokenizer, readTokenizer } from '../inference/open.ts';
import { passSizes } from '../inference/sizes.ts';
import { attentionTileCount, attentionTileRows } from '../kernels/attention.ts';
import { type MatmulShape, matmul } from '../kernels/matmul.ts';
import { transpose } from '../kernels/transpose.ts';
import type { ModelConfig } from '../model/config.ts';
import { readModelConfig } from '../model/config-file.ts';
import { freeLayer, uploadLayer, uploadNorm } from '../model/device-weights.ts';
import { type Inputs, makeInputs } from '../model/inputs.ts';
import { layer, type Projection, projections } from '../model/modernbert.ts';
import { openWeights, type WeightReader } from '../model/reader.ts';
import { ropeTable } from '../model/rope.ts';
import { Words } from '../model/words.ts';
import { type Choices, makeChoices } from '../runtime/choices.ts';
import { Graph, type Tensor } from '../runtime/graph.ts';
import { Memory } from '../runtime/memory.ts';
import { Runner } from '../runtime/runner.ts';
import { transformerOf } from '../source/modules.ts';
import type { ModelSource } from '../source/source.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { padded } from '../weights/formats.ts';
import type { InputMoments } from '../weights/quantize-calibrated.ts';
import { calibrationTexts } from './calibration-text.ts';
import { everyNth, idsOf, ordinaryPositions, withMasks } from './masking.ts';
import { readMoments } from './read-moments.ts';
import { uploadUsedRows } from './used-rows.ts';

/** Tokens of one pass: bounds the activations beside the residual stream. A multiple of `transposeColumns`. */
const defaultTokensPerPass = 1024;
/** Of a text; a longer one is cut. */
const tokensPerText = 512;
/** Of a layer's matrices, whatever the file's: half the bytes of f32, and far more digits than second moments need. */
const layerDtype = 'f16';
/** A token in so many becomes the mask, as the model meets it when it predicts. */
const maskEvery = 6;

export interface CalibrationOptions {
  /** Default: `calibrationTexts`. */
  texts?: readonly string[];
  tokensPerPass?: number;
  signal?: AbortSignal;
  /** Layers done, of all. */
  onLayer?: (done: number, total: number) => void;
}

export class Calibration {
  /** Tokens of the text. */
  readonly tokens: number;
  #layer = -1;
  /** The residual stream of each batch: the batches go through a layer one after the other. */
  #residual: GPUBuffer[] = [];
  #moments = new Map<Projection, GPUBuffer>();
  readonly #inputs: Inputs;
  readonly #choices: Choices;
  readonly #memory: Memory;
  readonly #runner: Runner;

  private constructor(
    readonly config: ModelConfig,
    readonly gpu: Gpu,
    readonly reader: WeightReader,
    readonly batches: readonly Batch[],
    readonly tokensPerPass: number,
    readonly options: CalibrationOptions,
  ) {
    this.tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
    this.#inputs = makeInputs(config);
    this.#choices = makeChoices(gpu.profile, { matmul: new Map(), attention: null });
    this.#memory = new Memory(gpu);
    this.#runner = new Runner(gpu);
  }

  /** Opens the model for calibration; nothing is computed yet. Errors: those of reading a model, InputError without text, those of a GPU. */
  static async open(
    env: Pick<Environment, 'gpu' | 'whileWaiting'>,
    source: ModelSource,
    options: CalibrationOptions = {},
  ): Promise<Calibration> {
    const { signal, texts = calibrationTexts, tokensPerPass = defaultTokensPerPass } = options;
    const files = await transformerOf(source, signal);
    const config = await readModelConfig(files, signal);
    const tokenizer = await readTokenizer(files, signal);
    fitTokenizer(tokenizer, config, source.name);
    const ids = maskedTexts(tokenizer, Math.min(config.maxPositions, tokensPerPass, tokensPerText), texts);
    if (ids.length === 0) throw new InputError('The calibration text is empty. Give at least one sentence.');
    const reader = await openWeights(files, config, signal);
    const gpu = await openGpu(await env.gpu(), { whileWaiting: env.whileWaiting });
    try {
      return new Calibration(config, gpu, reader, packBatches(ids, tokensPerPass), tokensPerPass, options);
    } catch (error) {
      gpu.destroy();
      throw error;
    }
  }

  /**
   * Moments of the inputs of the matrix at `slot`; null for a matrix outside the layers. Layers in rising order cost one pass; an
   * earlier layer than the last begins again. Errors: the signal's reason, those of the reader and of the GPU.
   */
  async moments(slot: string): Promise<InputMoments | null> {
    const found = /^layers\.(\d+)\.(.+)\.weight$/.exec(slot);
    const name = projections.find(projection => projection === found?.[2]);
    if (!found || !name) return null;
    const layer = Number(found[1]);
    if (layer < this.#layer) this.#layer = -1;
    while (this.#layer < layer) await this.#advance();
    return readMoments(this.gpu, this.#moments.get(name)!, this.#width(name), this.reader.matrix(slot).K, this.tokens, this.options.signal);
  }

  dispose(): void {
    this.gpu.memory.freeAll();
    this.gpu.destroy();
  }

  /** Computes the next layer's moments and its output. */
  async #advance(): Promise<void> {
    const { gpu, config, reader, options } = this;
    const { signal } = options;
    if (this.#layer === -1) await this.#embed();
    const l = this.#layer + 1;
    const weights = await gpu.checked('uploading a layer', () => uploadLayer(gpu, config, reader, l, { dtype: layerDtype, signal }));
    try {
      for (const name of projections) this.#clear(name);
      await this.#run(m => layer(m, m.inputs.x, weights, config.layerKinds[l]!, { input: (name, input) => this.#capture(m, name, input) }));
    } finally {
      freeLayer(gpu, weights);
    }
    this.#layer = l;
    options.onLayer?.(l + 1, config.layers);
  }

  /** The residual stream before the first layer, from the rows of the table that the text uses. */
  async #embed(): Promise<void> {
    const { gpu, config, reader, batches } = this;
    const { signal } = this.options;
    gpu.memory.free(...this.#residual);
    const ids = batches.flatMap(batch => Array.from(batch.ids));
    const used = await gpu.checked('uploading the embeddings', () => uploadUsedRows(gpu, config, reader, ids, signal));
    const norm = await uploadNorm(gpu, config, reader, 'embeddings.norm', { dtype: layerDtype, signal });
    this.#residual = await gpu.checked('the residual stream', () =>
      batches.map(({ tokens }) => gpu.memory.storage('activations', 'residual stream', 4 * tokens * config.hiddenSize)),
    );
    await this.#run(
      m => m.embed(used.table, norm),
      batch => ({ ...batch, ids: batch.ids.map(id => used.rowOf.get(id)!) }),
    );
    gpu.memory.free(...used.table.shards.map(({ w }) => w), norm.weight, norm.bias);
  }

  /** Lists a graph, makes its buffers, and runs it on every batch, each with its own residual stream. */
  async #run(build: (m: Words) => void, change: (batch: Batch) => Batch = batch => batch): Promise<void> {
    const { gpu, config, options } = this;
    const graph = new Graph();
    build(new Words(graph, config, 'f32', this.#choices, this.#inputs, { tokens: this.tokensPerPass, rows: 1 }));
    const tileRows = attentionTileRows({ headDim: config.headDim, variant: this.#choices.attention });
    const sizes = passSizes(this.tokensPerPass, tileRows, false);
    const { slotOf, slotBytes } = graph.share(sizes);
    const { x, ...inputs } = this.#inputs;
    await this.#memory.make('buffers for the calibration', { tensors: Object.values(inputs), slots: slotBytes }, sizes);
    this.#writeTables();
    for (const [b, batch] of this.batches.entries()) {
      const bufferOf = (tensor: Tensor) =>
        tensor === x ? this.#residual[b]! : (this.#memory.find(tensor) ?? this.#memory.slot(slotOf.get(tensor)!));
      const steps = await graph.compile(gpu, bufferOf);
      writeBatch(gpu.device.queue, name => bufferOf(this.#inputs[name]), change(batch), tileRows);
      const tiles = attentionTileCount(batch.cuSeqlens, tileRows);
      await this.#runner.run(steps, { tokens: batch.tokens, sequences: batch.texts.length, tiles }, { signal: options.signal });
    }
    await this.#runner.settle();
  }

  #writeTables(): void {
    const { headDim, ropeTheta } = this.config;
    const { queue } = this.gpu.device;
    queue.writeBuffer(this.#memory.find(this.#inputs.ropeGlobal)!, 0, ropeTable(ropeTheta.global, headDim, this.tokensPerPass));
    queue.writeBuffer(this.#memory.find(this.#inputs.ropeLocal)!, 0, ropeTable(ropeTheta.local, headDim, this.tokensPerPass));
  }

  /** Adds XᵀX of a matrix's input to its moments: a transposition, and the product of its result with itself. */
  #capture({ graph, inputs, choices }: Words, name: Projection, input: Tensor): void {
    const K = this.#width(name);
    const transposed = graph.temporary('transposed', 'f32', [K, this.tokensPerPass]);
    const shape: MatmulShape = {
      K: this.tokensPerPass,
      N: K,
      format: 'f32',
      storage: 'f32',
      epilogue: { kind: 'residual' },
      hasBias: false,
      rows: K,
      maxRows: K,
    };
    const { none } = inputs;
    graph.add(transpose({ K, columns: this.tokensPerPass, rows: 'tokens', storage: 'f32' }), [input, transposed]);
    graph.add(matmul(shape, choices.matmul(shape)), [transposed, transposed, none, none, none, none, this.#moments.get(name)!]);
  }

  #width(name: Projection): number {
    return name === 'mlp.Wo' ? padded(this.config.intermediateSize) : this.config.hiddenSize;
  }

  /** Zeros in the moments of the next layer. */
  #clear(name: Projection): void {
    const { gpu } = this;
    const buffer = this.#moments.get(name) ?? gpu.memory.storage('activations', `moments ${name}`, 4 * this.#width(name) ** 2);
    this.#moments.set(name, buffer);
    const encoder = gpu.device.createCommandEncoder();
    encoder.clearBuffer(buffer);
    gpu.device.queue.submit([encoder.finish()]);
  }
}

/** Token ids of each text, every `maskEvery`-th ordinary token masked. Empty texts are left out. */
function maskedTexts(tokenizer: Tokenizer, maxTokens: number, texts: readonly string[]): number[][] {
  return texts.flatMap((text, t) => {
    if (text.trim() === '') return [];
    const ids = idsOf(tokenizer, text, maxTokens);
    if (!tokenizer.hasMask) return [ids];
    const { maskId } = tokenizer;
    return [withMasks(ids, everyNth(ordinaryPositions(ids, maskId), maskEvery, t, 0), maskId)];
  });
}
