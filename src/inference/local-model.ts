/** The model as a caller holds it: requests in a queue, recovery from a lost device, disposal. */

import { NonFiniteError } from '../errors.ts';
import { type Caller, forCaller } from '../options/caller.ts';
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
  MaskedAnswer,
  Model,
  ModelReport,
  PredictOptions,
  Surprisal,
  SurprisalOptions,
  TokenizeOptions,
  VectorIndex,
} from '../types.ts';
import { adapterReport } from './adapter-report.ts';
import { distributionAt } from './distribution.ts';
import { embedTexts } from './embed.ts';
import { encodeText } from './encode.ts';
import { estimateCost } from './estimate.ts';
import { fillMasks } from './fillmask.ts';
import { f32Note } from './finite.ts';
import { fillMasksJointly } from './joint.ts';
import { LocalIndex } from './local-index.ts';
import { disposedError, type Loaded } from './open.ts';
import { predictMasks } from './predict.ts';
import { sentenceReport } from './sentence/sentence-report.ts';
import { surprisalOf } from './surprisal.ts';
import { GpuVectorIndex } from './vector-index.ts';

/** What a model needs of the loader that made it. */
export interface Recovery {
  /** Loads it again after its device was lost. */
  reopen(): Promise<Loaded>;
  /** Keeps activations in f32 from now on (widen.ts). */
  storeInF32(loaded: Loaded, signal?: AbortSignal): Promise<void>;
  /** Called when f32 has answered what f16 could not: adds a note to this load, and remembers it for later ones. */
  rememberF32(loaded: Loaded): Promise<void>;
}

/** A model in this thread. */
export class LocalModel implements Model {
  #loaded: Loaded;
  #recovery: Recovery;
  #name: string;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(name: string, loaded: Loaded, recovery: Recovery) {
    this.#name = name;
    this.#loaded = loaded;
    this.#recovery = recovery;
  }

  fillMask(text: string, options?: FillMaskOptions): Promise<FillMaskResult>;
  fillMask(texts: readonly string[], options?: FillMaskOptions): Promise<FillMaskResult[]>;
  async fillMask(text: string | readonly string[], options?: FillMaskOptions): Promise<FillMaskResult | FillMaskResult[]> {
    const read = readOptions<FillMaskOptions>('fillMask', fillMaskTable, options);
    const isList = Array.isArray(text);
    const texts = readTexts('fillMask', isList ? text : [text]);
    const results = await this.#request(read, (loaded, own) => fillMasks(loaded, texts, { ...read, ...own }));
    return isList ? results : results[0]!;
  }

  async embed(texts: readonly string[], options?: EmbedOptions): Promise<Embeddings> {
    const read = readOptions<EmbedOptions>('embed', embedTable, options);
    const given = readTexts('embed', texts);
    return this.#request(read, (loaded, own) => embedTexts(loaded, given, { ...read, ...own }));
  }

  predict(text: string, options?: PredictOptions): Promise<MaskedAnswer>;
  predict(texts: readonly string[], options?: PredictOptions): Promise<MaskedAnswer[]>;
  async predict(text: string | readonly string[], options?: PredictOptions): Promise<MaskedAnswer | MaskedAnswer[]> {
    const read = readOptions<PredictOptions>('predict', predictTable, options);
    const isList = Array.isArray(text);
    const texts = readTexts('predict', isList ? text : [text]);
    const answers = await this.#request(read, (loaded, own) => predictMasks(loaded, texts, { ...read, ...own }));
    return isList ? answers : answers[0]!;
  }

  async fillJointly(text: string, options?: JointOptions): Promise<JointFilling[]> {
    const read = readOptions<JointOptions>('fillJointly', jointTable, options);
    checkText(text);
    return this.#request(read, (loaded, own) => fillMasksJointly(loaded, text, { ...read, ...own }));
  }

  async distribution(text: string, options?: DistributionOptions): Promise<Distribution> {
    const read = readOptions<DistributionOptions>('distribution', distributionTable, options);
    checkText(text);
    return this.#request(read, (loaded, own) => distributionAt(loaded, text, { ...read, ...own }));
  }

  /** Needs no GPU, so it does not wait for running requests. */
  async vocabulary(): Promise<string[]> {
    if (this.#disposed) throw disposedError();
    const { tokenizer, config } = this.#loaded;
    return Array.from({ length: config.vocabSize }, (_, id) => tokenizer.tokenString(id));
  }

  async surprisal(text: string, options?: SurprisalOptions): Promise<Surprisal> {
    const read = readOptions<SurprisalOptions>('surprisal', surprisalTable, options);
    checkText(text);
    return this.#request(read, (loaded, own) => surprisalOf(loaded, text, { ...read, ...own }));
  }

  async index(options: IndexOptions): Promise<VectorIndex> {
    const read = readOptions<IndexOptions>('index', indexTable, options);
    const dim = requireDim(read);
    const index = await this.#request(read, async ({ gpu }) => new GpuVectorIndex(gpu, dim));
    return new LocalIndex(index, (caller, work) => this.#request(caller, work));
  }

  /** Needs no GPU, so it does not wait for running requests. */
  async tokenize(text: string, options?: TokenizeOptions): Promise<Encoding> {
    const read = readOptions<TokenizeOptions>('tokenize', tokenizeTable, options);
    checkText(text);
    if (this.#disposed) throw disposedError();
    return encodeText(this.#loaded, text, read);
  }

  /** Needs no GPU work, so it does not wait for running requests. */
  async estimate(texts: readonly string[], options?: EstimateOptions): Promise<CostEstimate> {
    const read = readOptions<EstimateOptions>('estimate', estimateTable, options);
    const given = readTexts('estimate', texts);
    if (this.#disposed) throw disposedError();
    return estimateCost(this.#loaded, given, read);
  }

  async report(): Promise<ModelReport> {
    if (this.#disposed) throw disposedError();
    const { gpu, config, dtype, storage, variants, times, tokenizer, deviceCheck, notes, sentence } = this.#loaded;
    return {
      name: this.#name,
      architecture: {
        layers: config.layers,
        hidden: config.hiddenSize,
        heads: config.heads,
        intermediate: config.intermediateSize,
        vocab: config.vocabSize,
        context: config.maxPositions,
        parameters: config.parameters,
      },
      dtype,
      storage,
      adapter: adapterReport(gpu.profile),
      variants,
      gpuBytes: gpu.memory.report,
      times: { ...times },
      maskToken: tokenizer.hasMask ? tokenizer.maskToken : '',
      embedding: sentenceReport(sentence, config.hiddenSize),
      notes: [...notes.list],
      ...(deviceCheck && { deviceCheck }),
    };
  }

  /** Waits for the running request, then frees everything. Later calls are refused; disposing twice is fine. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#queue;
    this.#loaded.gpu.memory.freeAll();
    this.#loaded.gpu.destroy();
  }

  /** Runs one request after those before it, on a device that is alive. */
  #request<T>(caller: Caller, work: (loaded: Loaded, own: Caller) => Promise<T>): Promise<T> {
    if (this.#disposed) return Promise.reject(disposedError());
    const result = this.#queue.then(() =>
      forCaller(caller, async own => {
        own.signal?.throwIfAborted();
        if (this.#loaded.gpu.lostError) this.#loaded = await this.#recovery.reopen();
        const started = performance.now();
        const answer = await this.#answer(own, work);
        this.#loaded.times.lastRunMs = performance.now() - started;
        return answer;
      }),
    );
    this.#queue = result.catch(() => {});
    return result;
  }
  /** Computes a request again in f32 if f16 storage cannot hold it; all later requests then run in f32 too. */
  async #answer<T>(own: Caller, work: (loaded: Loaded, own: Caller) => Promise<T>): Promise<T> {
    const loaded = this.#loaded;
    try {
      return await work(loaded, own);
    } catch (error) {
      if (!(error instanceof NonFiniteError) || loaded.storage !== 'f16') throw error;
      await this.#recovery.storeInF32(loaded, own.signal);
      const answer = await work(loaded, own);
      // Only after f32 has answered: with broken weights, f32 is not finite either.
      await this.#recovery.rememberF32(loaded);
      own.onProgress?.({ stage: 'run', done: 0, total: 0, unit: 'items', notice: f32Note });
      return answer;
    }
  }
}
