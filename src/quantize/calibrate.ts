/**
 * Measures the second moments Σ x xᵀ / tokens of the inputs of every matrix on a text, for `CalibratedColumns`. The float model runs layer
 * by layer on the GPU, which holds only one layer's weights and the residual stream of the text at a time. A layer runs when its moments
 * are asked for, so quantizing from the first layer to the last costs one forward pass.
 */

import { InputError } from '../errors.ts';
import { type Gpu, openGpu } from '../gpu/device.ts';
import { bufferUsage } from '../gpu/flags.ts';
import { makeStep, type Step } from '../gpu/step.ts';
import { type Batch, packBatches, writeBatch } from '../inference/batch.ts';
import type { Environment } from '../inference/environment.ts';
import { fitTokenizer, readTokenizer } from '../inference/open.ts';
import { attentionTileCount, attentionTileRows } from '../kernels/attention.ts';
import { matmul } from '../kernels/matmul.ts';
import { transpose } from '../kernels/transpose.ts';
import { type Buffers, bucketOf, makeBuffers } from '../model/arena.ts';
import type { ModelConfig } from '../model/config.ts';
import { readModelConfig } from '../model/config-file.ts';
import { freeLayer, uploadLayer, uploadNorm } from '../model/device-weights.ts';
import { Ops } from '../model/ops.ts';
import { openWeights, type WeightReader } from '../model/reader.ts';
import { type Choices, makeChoices } from '../runtime/choices.ts';
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

/** Tokens of one pass: bounds the activations beside the residual stream. A multiple of `transposeTokens`. */
const defaultTokensPerPass = 1024;
/** Of a text; a longer one is cut. */
const tokensPerText = 512;
/** Of a layer's matrices, whatever the file's: half the bytes of f32, and far more digits than second moments need. */
const layerDtype = 'f16';
/** One token in this many is replaced by the mask, so that the inputs are like those of a prediction. */
const maskEvery = 6;
const captured = ['attn.Wqkv', 'attn.Wo', 'mlp.Wi', 'mlp.Wo'] as const;
type Captured = (typeof captured)[number];

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
  #residual: GPUBuffer[] = [];
  #moments = new Map<Captured, GPUBuffer>();
  readonly #choices: Choices;
  readonly #runner: Runner;

  private constructor(
    readonly config: ModelConfig,
    readonly gpu: Gpu,
    readonly reader: WeightReader,
    readonly batches: readonly Batch[],
    readonly buffers: Buffers,
    readonly transposed: GPUBuffer,
    readonly tokensPerPass: number,
    readonly options: CalibrationOptions,
  ) {
    this.tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
    this.#choices = makeChoices(gpu.profile, { matmul: new Map(), attention: null });
    this.#runner = new Runner(gpu, buffers.run);
  }

  /** Opens the model for calibration; nothing is computed yet. Errors: those of reading a model, InputError without text, those of a GPU. */
  static async open(env: Environment, source: ModelSource, options: CalibrationOptions = {}): Promise<Calibration> {
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
      const choices = makeChoices(gpu.profile, { matmul: new Map(), attention: null });
      const tileRows = attentionTileRows({ headDim: config.headDim, variant: choices.attention });
      const shape = { config, storage: 'f32', hasHead: false, tileRows } as const;
      const buffers = await makeBuffers(gpu, shape, bucketOf(tokensPerPass));
      const widest = Math.max(config.hiddenSize, padded(config.intermediateSize));
      const transposed = await gpu.checked('buffers for the calibration', () =>
        gpu.memory.storage('activations', 'transposed', 4 * widest * tokensPerPass),
      );
      return new Calibration(config, gpu, reader, packBatches(ids, tokensPerPass), buffers, transposed, tokensPerPass, options);
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
    const found = /^layers\.(\d+)\.(attn\.Wqkv|attn\.Wo|mlp\.Wi|mlp\.Wo)\.weight$/.exec(slot);
    if (!found) return null;
    const layer = Number(found[1]);
    if (layer < this.#layer) this.#layer = -1;
    while (this.#layer < layer) await this.#advance();
    const name = found[2] as Captured;
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
      for (const name of captured) this.#clear(name);
      const { heads, headDim, hiddenActivation, layerKinds } = config;
      const kind = layerKinds[l]!;
      for (const [b, batch] of this.batches.entries()) {
        const buffers = { ...this.buffers, x: this.#residual[b]! };
        const { x, h, wide } = buffers;
        const compile = (build: (ops: Ops) => void) => {
          const ops = new Ops(config, 'f32', this.#choices, buffers, { tokens: this.tokensPerPass, rows: 1 });
          build(ops);
          return asPart(ops.compile(gpu));
        };
        const parts = await Promise.all([
          compile(ops => weights.attnNorm && ops.norm(x, weights.attnNorm, h)),
          this.#capture('attn.Wqkv', weights.attnNorm ? h : x),
          compile(ops => {
            ops.linear(weights.attnNorm ? h : x, weights.Wqkv, { kind: 'rope', heads, headDim }, wide, { kind });
            ops.attention(wide, kind, h);
          }),
          this.#capture('attn.Wo', h),
          compile(ops => {
            ops.linear(h, weights.Wo, { kind: 'residual' }, x);
            ops.norm(x, weights.mlpNorm, h);
          }),
          this.#capture('mlp.Wi', h),
          compile(ops => ops.linear(h, weights.Wi, { kind: 'geglu', activation: hiddenActivation }, wide)),
          this.#capture('mlp.Wo', wide),
          compile(ops => ops.linear(wide, weights.mlpWo, { kind: 'residual' }, x)),
        ]);
        await this.#run(batch, parts);
      }
      await this.#runner.settle();
    } finally {
      freeLayer(gpu, weights);
    }
    this.#layer = l;
    options.onLayer?.(l + 1, config.layers);
  }

  /** The residual stream before the first layer, from the rows of the table that the text uses. */
  async #embed(): Promise<void> {
    const { gpu, config, reader, options, batches } = this;
    this.gpu.memory.free(...this.#residual);
    const used = await gpu.checked('uploading the embeddings', () =>
      uploadUsedRows(
        gpu,
        config,
        reader,
        batches.flatMap(({ ids }) => Array.from(ids)),
        options.signal,
      ),
    );
    const norm = await uploadNorm(gpu, config, reader, 'embeddings.norm', { dtype: layerDtype, signal: options.signal });
    this.#residual = await gpu.checked('the residual stream', () =>
      batches.map(({ tokens }) => gpu.memory.storage('activations', 'residual stream', 4 * tokens * config.hiddenSize)),
    );
    for (const [b, batch] of batches.entries()) {
      const ops = new Ops(
        config,
        'f32',
        this.#choices,
        { ...this.buffers, x: this.#residual[b]! },
        { tokens: this.tokensPerPass, rows: 1 },
      );
      ops.embed(used.table, norm);
      await this.#run({ ...batch, ids: batch.ids.map(id => used.rowOf.get(id)!) }, [await asPart(ops.compile(gpu))]);
    }
    await this.#runner.settle();
    gpu.memory.free(...used.table.shards.map(({ w }) => w), norm.weight, norm.bias);
  }

  async #run(batch: Batch, parts: readonly Part[]): Promise<void> {
    const { gpu, buffers, config, options } = this;
    const tileRows = attentionTileRows({ headDim: config.headDim, variant: this.#choices.attention });
    writeBatch(gpu.device.queue, buffers, batch, tileRows);
    const tiles = attentionTileCount(batch.cuSeqlens, tileRows);
    const run = { tokens: batch.tokens, sequences: batch.texts.length, tiles };
    for (const { steps, rows } of parts) if (steps.length > 0) await this.#runner.run(steps, { ...run, rows }, { signal: options.signal });
  }

  /** Steps that add XᵀX of the activations in `from` to a matrix's moments: a transposition, and a matmul of its result with itself. */
  async #capture(name: Captured, from: GPUBuffer): Promise<Part> {
    const { gpu, buffers, transposed, tokensPerPass } = this;
    const K = this.#width(name);
    const { none, run } = buffers;
    const shape = {
      K: tokensPerPass,
      N: K,
      format: 'f32',
      storage: 'f32',
      epilogue: { kind: 'residual' },
      hasBias: false,
      rows: 'rows',
      maxRows: K,
    } as const;
    const product = matmul(shape, this.#choices.matmul(shape));
    const steps = await gpu.checked('compiling the calibration', () =>
      Promise.all([
        makeStep(gpu, transpose({ K, tokens: tokensPerPass, storage: 'f32' }), [from, transposed, run]),
        makeStep(gpu, product, [transposed, transposed, none, none, none, none, this.#moments.get(name)!, run]),
      ]),
    );
    return { steps, rows: K };
  }

  #width(name: Captured): number {
    return name === 'mlp.Wo' ? padded(this.config.intermediateSize) : this.config.hiddenSize;
  }

  #clear(name: Captured): void {
    const { gpu } = this;
    let buffer = this.#moments.get(name);
    if (!buffer) {
      buffer = gpu.memory.create(
        'activations',
        `moments ${name}`,
        4 * this.#width(name) ** 2,
        bufferUsage.storage | bufferUsage.copySrc | bufferUsage.copyDst,
      );
      this.#moments.set(name, buffer);
    }
    const encoder = gpu.device.createCommandEncoder();
    encoder.clearBuffer(buffer);
    gpu.device.queue.submit([encoder.finish()]);
  }
}

/** Steps that run with `rows` rows. */
interface Part {
  steps: Step[];
  rows: number;
}

async function asPart(steps: Promise<Step[]>): Promise<Part> {
  return { steps: await steps, rows: 0 };
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
