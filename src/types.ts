/**
 * The public shapes of affinage: what `loadModel` takes and what a model answers.
 * Two classes implement `Model`: `LocalModel` computes in this thread (`inference/local-model.ts`), `RemoteModel` asks a worker
 * (`client/remote-model.ts`). So requests and answers hold only what `postMessage` can send.
 */
import type { ModelSource } from './source/source.ts';

/** Format of the weights on the GPU. `auto`: the format of the file (q8 or q4 where stored so, else f16). */
export type Dtype = 'f32' | 'f16' | 'q8' | 'q4';

/** Storage of the activations between kernels. Sums, softmax, norms and the residual stream are f32 always. */
export type StorageType = 'f32' | 'f16';

export interface Progress {
  /**
   * Fetching a model: `download`: bytes from the network; `verify`: bytes hashed; `quantize`: bytes of the original converted.
   * Loading it: `files`: bytes read of the model; `compile`: pipelines; `tune`: variants measured; `check`: the first check of an adapter.
   * `run`: work of one request.
   */
  stage: 'download' | 'verify' | 'quantize' | 'files' | 'compile' | 'tune' | 'check' | 'run';
  done: number;
  /** 0 while unknown. */
  total: number;
  /** Bytes for `files`, count otherwise. */
  unit: 'bytes' | 'items';
  /** What is being read or done: a file, a kernel. */
  detail?: string;
  /** Of a pull: how much of the whole job is done, 0 … 1. It never falls, so that one bar can show it. */
  overall?: number;
  /** Of a download: bytes a second lately, and the time left; absent while unknown. */
  bytesPerSecond?: number;
  etaMs?: number;
  /** Something that the user should know although it did no harm, such as `storage full, running without saving`. */
  notice?: string;
}
export type OnProgress = (progress: Progress) => void;

/**
 * Kernels that exist in several variants, and the names of these. All variants of a kernel give the same numbers; which is fastest depends
 * on the adapter.
 */
export interface KernelVariants {
  matmul?: 'lanes' | 'rows' | 'rows-alone' | 'tile' | 'tile-sliced' | 'tile-small';
  attention?: 'lanes' | 'register' | 'quad' | 'tile';
  embed?: 'threads' | 'rows';
  layernorm?: 'threads' | 'rows';
  normalize?: 'threads' | 'rows';
  pool?: 'wide' | 'narrow';
  softmaxStats?: 'wide' | 'narrow';
  targetScores?: 'wide' | 'narrow';
  topk?: 'select' | 'tournament';
  watch?: 'wide' | 'narrow';
}

export interface LoadOptions {
  dtype?: Dtype | 'auto';
  /** `auto`: f16 on a hardware adapter with shader-f16 unless dtype is f32; else f32. */
  storage?: StorageType | 'auto';
  /** Leave out adapter features on purpose (tests, diagnosis). */
  without?: readonly ('shader-f16' | 'subgroups' | 'timestamp-query')[];
  /**
   * Variants of kernels to use instead of those that would be chosen here (tests, diagnosis, comparing speeds). They are checked as all
   * others are, not timed and not remembered. One that computes wrong numbers here is a GpuError, one that this adapter cannot run a
   * ConfigError. A matmul variant for few rows leaves the larger products to another; a note says so.
   */
  variants?: KernelVariants;
  /** If it throws, or rejects while the request runs, the request rejects with that error. The model can still be used. This holds for every `onProgress`. */
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** A source a caller may name: hub id, URL of a folder, local folder (Node), or an open source (picked files). */
export type SourceLike = string | ModelSource;

/** Hugging Face's fill-mask schema, plus the rank for asked words. */
export interface Prediction {
  /** Probability under the softmax over the whole vocabulary. */
  score: number;
  token: number;
  token_str: string;
  /** The text as given, with this one mask replaced. */
  sequence: string;
  /** Only for `targets`: 1 = the model's first choice. */
  rank?: number;
  /** Only for `targets`: the word as asked, and how many tokens it has. Over 1, `score` is that of its first token, `token_str`. */
  target?: string;
  target_tokens?: number;
}

export interface FillMaskOptions {
  /** Default 5. With `targets`, at most their number is given. */
  topK?: number;
  /** Words to score instead of the best k. A word of several tokens is scored by its first token; `token_str` says so. */
  targets?: readonly string[];
  /** Texts longer than the context are cut instead of refused. */
  truncate?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** One text: a list for one mask, a list of lists for several (in reading order). */
export type FillMaskResult = Prediction[] | Prediction[][];

/** By the names of sentence-transformers; `mean_sqrt_len_tokens`: the sum over √count; `weightedmean`: weighted by the position from 1. */
export type Pooling = 'mean' | 'cls' | 'max' | 'mean_sqrt_len_tokens' | 'weightedmean' | 'lasttoken' | 'none';

export interface EmbedOptions {
  /**
   * How the tokens of a text become one vector; `none`: a vector a token. Default: what the model's sentence-transformers folder
   * says (modules.json), else `mean` (over every token, [CLS] and [SEP] included). The layers that such a folder puts after
   * the pooling are applied after this one too, except for `none`.
   */
  pooling?: Pooling;
  /** Whether each vector is scaled to length 1. Default: what the folder says; without a folder true, but false for `none`. */
  normalize?: boolean;
  /** The name of a prompt of the model (`query`, `document` …), which is put before every text. Default: the model's own default prompt. */
  promptName?: string;
  /** A prompt as text, instead of one of the model's; empty: none. */
  prompt?: string;
  /**
   * Cut every text to this many tokens, special ones and the prompt included; at most the model's context. Default: the folder's `max_seq_length`, and what was
   * cut is said (`cut` of the answer); without one a text over the context is an error.
   */
  maxTokens?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

export interface Embeddings {
  /** Row-major [rows, dim]; one row a text, or one a token with pooling `none`. */
  data: Float32Array<ArrayBuffer>;
  rows: number;
  /** Numbers of a vector: the hidden size, unless the model's folder says otherwise (`ModelReport.embedding.dim`). */
  dim: number;
  /** [texts + 1]: rows offsets[i] … offsets[i + 1] belong to text i. */
  offsets: Uint32Array<ArrayBuffer>;
  /** Texts (from 0) that were longer than the model's own limit and were cut to it, as sentence-transformers does; absent where there are none. */
  cut?: { texts: number[]; maxTokens: number /** Where the limit stands. */; limit: string };
}

/** How a model makes a vector of a text unless a request says otherwise. */
export interface EmbeddingReport {
  /** `modules.json`, or the defaults of affinage where there is none. */
  from: 'modules.json' | 'defaults';
  /** Numbers of a vector. */
  dim: number;
  /** Several poolings stand side by side in the vector. */
  pooling: Exclude<Pooling, 'none'>[];
  /** The layers after the pooling, in order: `Dense 768→256 tanh`, `LayerNorm 768`, `Normalize`. */
  layers: string[];
  /** The numbers of a vector are cut to `dim`. */
  truncated: boolean;
  /** Texts are cut to so many tokens; null: only the context counts. */
  maxTokens: number | null;
  lowerCase: boolean;
  prompts: Record<string, string>;
  defaultPrompt: string | null;
  /** The tokens of a prompt count in the pooling. */
  includePrompt: boolean;
  /** `cosine`, `dot` …; null: not said. */
  similarity: string | null;
  /** Why `embed` needs `pooling` for this model; null where it does not. */
  refused: string | null;
}

export interface TokenizeOptions {
  truncate?: boolean;
  maxTokens?: number;
}

export interface EstimateOptions {
  /** Which request: `fillMask` (the default) or `embed`. */
  kind?: 'fill' | 'embed';
}

export interface Encoding {
  ids: number[];
  tokens: string[];
  /** UTF-16 code units of the text, [start, end); [0, 0] for a special token that the text does not hold. */
  offsets: [number, number][];
}

/** What the GPU panel and `affinage info` show. Sizes in bytes, times in ms. */
export interface AdapterReport {
  vendor: string;
  architecture: string;
  description: string;
  /** A software adapter: correct but slow. */
  software: boolean;
  features: { shaderF16: boolean; subgroups: boolean; timestampQuery: boolean };
  subgroupSize: { min: number; max: number } | null;
  limits: Record<string, number>;
}

export interface VariantReport {
  kernel: keyof KernelVariants;
  /** What tells the tasks of a kernel apart: `q4 many`, the weight format and the class of row counts; `16×64`, heads and their size. */
  shape: string;
  /** Kernel and shape in one text, to be shown: `matmul q4 many`. */
  task: string;
  chosen: string;
  /** Every candidate measured: ms, or why it was refused. `remembered` when the choice came from an earlier load. */
  candidates: { variant: string; ms: number | null; refused?: string }[];
  remembered: boolean;
  /** Asked for by `LoadOptions.variants`: checked, not timed. */
  forced?: true;
}

export interface ModelReport {
  name: string;
  architecture: { layers: number; hidden: number; heads: number; intermediate: number; vocab: number; context: number; parameters: number };
  dtype: Dtype;
  storage: StorageType;
  adapter: AdapterReport;
  variants: VariantReport[];
  gpuBytes: { weights: number; activations: number; total: number; peak: number };
  /** Last request, and load. */
  times: { loadMs: number; compileMs: number; tuneMs: number; lastRunMs: number | null; lastTokens: number | null };
  /** The tokenizer's mask token, for a page's mask button; empty where it has none. */
  maskToken: string;
  embedding: EmbeddingReport;
  /** What the load had to assume, in plain sentences: shown by `affinage info` and by the page. */
  notes: string[];
  /** The check of this adapter that ran, now or earlier, before its first model was ready. Absent where none runs by itself. */
  deviceCheck?: DeviceCheckNote;
}

/** That an adapter was checked (src/verify), when, and how thoroughly. A failed check fails the load instead. */
export interface DeviceCheckNote {
  passed: boolean;
  /** Milliseconds since 1970. */
  at: number;
  form: 'full' | 'short';
}

/** What a request of so many tokens costs on this adapter: operations and bytes summed over its kernels, and time by the speed measured so far. */
export interface CostEstimate {
  /** Tokens of the longest text, and of all texts. */
  longestTokens: number;
  totalTokens: number;
  flops: number;
  /** Bytes moved, each tensor counted once a kernel. */
  bytes: number;
  /** GPU memory during the request, in bytes. `total` includes the weights, which are on the GPU already. */
  gpuBytes: { weights: number; activations: number; total: number };
  /** Expected ms; null before anything ran here. */
  ms: number | null;
}

/** A loaded model. Requests queue; each may be aborted; `dispose` frees everything. */
export interface Model {
  fillMask(text: string, options?: FillMaskOptions): Promise<FillMaskResult>;
  fillMask(texts: readonly string[], options?: FillMaskOptions): Promise<FillMaskResult[]>;
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Embeddings>;
  tokenize(text: string, options?: TokenizeOptions): Promise<Encoding>;
  /** What `fillMask` (kind `fill`) or `embed` of these texts would cost, without running it. Texts over the context count at its length. */
  estimate(texts: readonly string[], options?: EstimateOptions): Promise<CostEstimate>;
  report(): Promise<ModelReport>;
  dispose(): Promise<void>;
}
