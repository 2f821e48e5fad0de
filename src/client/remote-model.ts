/** A model that lives in the worker. */

import { DisposedError } from '../errors.ts';
import { forCaller } from '../options/caller.ts';
import { checkText, readOptions, readTexts } from '../options/read.ts';
import {
  distributionTable,
  embedTable,
  estimateTable,
  fillMaskTable,
  indexTable,
  jointTable,
  predictTable,
  surprisalTable,
  tokenizeTable,
} from '../options/tables.ts';
import { requireDim } from '../options/vectors.ts';
import { orAbort } from '../source/abort.ts';
import type {
  CostEstimate,
  Distribution,
  DistributionOptions,
  Embeddings,
  EmbedOptions,
  Encoding,
  EstimateOptions,
  FillMaskOptions,
  FillMaskResult,
  IndexOptions,
  JointFilling,
  JointOptions,
  LoadOptions,
  MaskedAnswer,
  Model,
  ModelReport,
  PredictOptions,
  Surprisal,
  SurprisalOptions,
  TokenizeOptions,
  VectorIndex,
} from '../types.ts';
import type { Calls } from '../worker/protocol.ts';
import type { Link } from './link.ts';
import { RemoteIndex } from './remote-index.ts';

type Origin = Pick<Calls['load']['params'], 'source' | 'settings'>;

/** The model's number in the worker of that generation. */
interface Handle {
  generation: number;
  number: number;
}

/** `Model` over messages. It remembers its source, and loads again when its worker has crashed. */
export class RemoteModel implements Model {
  readonly #link: Link;
  readonly #origin: Origin;
  readonly #options: LoadOptions;
  /** The loaded or loading model. */
  #loaded: { generation: number; handle: Promise<Handle> } | null = null;
  #disposed = false;
  /** Aborts a running load when the model is disposed. */
  readonly #end = new AbortController();

  constructor(link: Link, origin: Origin, options: LoadOptions) {
    this.#link = link;
    this.#origin = origin;
    this.#options = options;
  }

  /** The first load, which its caller may abort. A later one serves every caller that waits, so no single one can. */
  async load(signal?: AbortSignal): Promise<void> {
    await forCaller({ signal }, ({ signal: own }) => this.#handle(own ? AbortSignal.any([own, this.#end.signal]) : this.#end.signal));
  }

  fillMask(text: string, options?: FillMaskOptions): Promise<FillMaskResult>;
  fillMask(texts: readonly string[], options?: FillMaskOptions): Promise<FillMaskResult[]>;
  async fillMask(text: string | readonly string[], given?: FillMaskOptions): Promise<FillMaskResult | FillMaskResult[]> {
    const { signal, onProgress, ...options } = readOptions<FillMaskOptions>('fillMask', fillMaskTable, given);
    const asked = Array.isArray(text) ? readTexts('fillMask', text) : textOf(text);
    const { number: model, generation } = await this.#model(signal);
    return this.#link.call('fillMask', { model, text: asked, options }, { signal, onProgress, generation });
  }

  async embed(given: readonly string[], asked?: EmbedOptions): Promise<Embeddings> {
    const { signal, onProgress, ...options } = readOptions<EmbedOptions>('embed', embedTable, asked);
    const texts = readTexts('embed', given);
    const { number: model, generation } = await this.#model(signal);
    return this.#link.call('embed', { model, texts, options }, { signal, onProgress, generation });
  }

  predict(text: string, options?: PredictOptions): Promise<MaskedAnswer>;
  predict(texts: readonly string[], options?: PredictOptions): Promise<MaskedAnswer[]>;
  async predict(text: string | readonly string[], given?: PredictOptions): Promise<MaskedAnswer | MaskedAnswer[]> {
    const { signal, onProgress, ...options } = readOptions<PredictOptions>('predict', predictTable, given);
    const asked = Array.isArray(text) ? readTexts('predict', text) : textOf(text);
    const { number: model, generation } = await this.#model(signal);
    return this.#link.call('predict', { model, text: asked, options }, { signal, onProgress, generation });
  }

  async fillJointly(given: string, asked?: JointOptions): Promise<JointFilling[]> {
    const { signal, onProgress, ...options } = readOptions<JointOptions>('fillJointly', jointTable, asked);
    const text = textOf(given);
    const { number: model, generation } = await this.#model(signal);
    return this.#link.call('fillJointly', { model, text, options }, { signal, onProgress, generation });
  }

  async distribution(given: string, asked?: DistributionOptions): Promise<Distribution> {
    const { signal, onProgress, ...options } = readOptions<DistributionOptions>('distribution', distributionTable, asked);
    const text = textOf(given);
    const { number: model, generation } = await this.#model(signal);
    return this.#link.call('distribution', { model, text, options }, { signal, onProgress, generation });
  }

  async vocabulary(): Promise<string[]> {
    const { number: model, generation } = await this.#model();
    return this.#link.call('vocabulary', { model }, { generation });
  }

  async surprisal(given: string, asked?: SurprisalOptions): Promise<Surprisal> {
    const { signal, onProgress, ...options } = readOptions<SurprisalOptions>('surprisal', surprisalTable, asked);
    const text = textOf(given);
    const { number: model, generation } = await this.#model(signal);
    return this.#link.call('surprisal', { model, text, options }, { signal, onProgress, generation });
  }

  async index(options: IndexOptions): Promise<VectorIndex> {
    const { signal, ...read } = readOptions<IndexOptions>('index', indexTable, options);
    const dim = requireDim(read);
    const { number: model, generation } = await this.#model(signal);
    const index = await this.#link.call('indexCreate', { model, dim }, { signal, generation });
    return new RemoteIndex(this.#link, generation, index, dim);
  }

  async tokenize(given: string, asked?: TokenizeOptions): Promise<Encoding> {
    const options = readOptions<TokenizeOptions>('tokenize', tokenizeTable, asked);
    const text = textOf(given);
    const { number: model, generation } = await this.#model();
    return this.#link.call('tokenize', { model, text, options }, { generation });
  }

  async estimate(given: readonly string[], asked?: EstimateOptions): Promise<CostEstimate> {
    const options = readOptions<EstimateOptions>('estimate', estimateTable, asked);
    const texts = readTexts('estimate', given);
    const { number: model, generation } = await this.#model();
    return this.#link.call('estimate', { model, texts, options }, { generation });
  }

  async report(): Promise<ModelReport> {
    const { number: model, generation } = await this.#model();
    return this.#link.call('report', { model }, { generation });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const loaded = this.#loaded;
    this.#loaded = null;
    this.#end.abort(disposedError());
    if (!loaded || !this.#link.isAlive(loaded.generation)) return;
    // Nothing to free if the load failed or the worker crashed meanwhile.
    const handle = await loaded.handle.catch(() => null);
    if (handle && this.#link.isAlive(loaded.generation))
      await this.#link.call('dispose', { model: handle.number }, { generation: handle.generation });
  }

  #model(signal?: AbortSignal): Promise<Handle> {
    if (this.#disposed) return Promise.reject(disposedError());
    return orAbort(this.#handle(this.#end.signal), signal);
  }

  async #handle(signal: AbortSignal): Promise<Handle> {
    if (this.#loaded && this.#link.isAlive(this.#loaded.generation)) return this.#loaded.handle;
    const { signal: _, onProgress, ...options } = this.#options;
    const generation = this.#link.start();
    const handle = this.#link.call('load', { ...this.#origin, options }, { signal, onProgress }).then(number => ({ generation, number }));
    const loaded = { generation, handle };
    this.#loaded = loaded;
    try {
      return await handle;
    } catch (error) {
      // The next call tries again.
      if (this.#loaded === loaded) this.#loaded = null;
      throw error;
    }
  }
}

function textOf(text: unknown): string {
  checkText(text);
  return text;
}

function disposedError(): DisposedError {
  return new DisposedError('This model was disposed. Load it again.');
}
