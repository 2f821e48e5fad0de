/** The model as a caller holds it: requests in a queue, recovery from a lost device, disposal. */

import { type Caller, forCaller } from '../options/caller.ts';
import { checkText, readOptions, readTexts } from '../options/read.ts';
import { embedTable, estimateTable, fillMaskTable, tokenizeTable } from '../options/tables.ts';
import { adapterReport } from './adapter-report.ts';
import { embedTexts } from './embed.ts';
import { encodeText } from './encode.ts';
import { estimateCost } from './estimate.ts';
import { fillMasks } from './fillmask.ts';
import { disposedError, type Loaded } from './open.ts';
import type {
  CostEstimate,
  Embeddings,
  EmbedOptions,
  Encoding,
  EstimateOptions,
  FillMaskOptions,
  FillMaskResult,
  Model,
  ModelReport,
  TokenizeOptions,
} from './types.ts';

/** A model in this thread. `reopen` loads it again after its device was lost. */
export class LocalModel implements Model {
  #loaded: Loaded;
  #reopen: () => Promise<Loaded>;
  #name: string;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(name: string, loaded: Loaded, reopen: () => Promise<Loaded>) {
    this.#name = name;
    this.#loaded = loaded;
    this.#reopen = reopen;
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

  /** Needs no GPU, so it does not wait for running requests. */
  async tokenize(text: string, options?: TokenizeOptions): Promise<Encoding> {
    const read = readOptions<TokenizeOptions>('tokenize', tokenizeTable, options);
    checkText(text);
    if (this.#disposed) throw disposedError();
    return encodeText(this.#loaded, text, read);
  }

  /** Needs no GPU work, so it does not wait for running requests. */
  async estimate(texts: readonly string[], options?: EstimateOptions): Promise<CostEstimate> {
    const { kind = 'fill' } = readOptions<EstimateOptions>('estimate', estimateTable, options);
    const given = readTexts('estimate', texts);
    if (this.#disposed) throw disposedError();
    return estimateCost(this.#loaded, given, kind);
  }

  async report(): Promise<ModelReport> {
    if (this.#disposed) throw disposedError();
    const { gpu, config, dtype, storage, variants, times, tokenizer, deviceCheck, notes } = this.#loaded;
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
      notes: [...notes],
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
        if (this.#loaded.gpu.lostError) this.#loaded = await this.#reopen();
        const started = performance.now();
        const answer = await work(this.#loaded, own);
        this.#loaded.times.lastRunMs = performance.now() - started;
        return answer;
      }),
    );
    this.#queue = result.catch(() => {});
    return result;
  }
}
