/**
 * The public shapes of affinage: what `loadModel` takes and what a model answers.
 * Two classes implement `Model`: `LocalModel` computes in this thread (`inference/local-model.ts`), `RemoteModel` asks a worker
 * (`client/remote-model.ts`). So requests and answers hold only what `postMessage` can send.
 */
import type { ModelSource } from './source/source.ts';
import type {
  Distribution,
  DistributionOptions,
  FillMaskOptions,
  FillMaskResult,
  JointFilling,
  JointOptions,
  MaskedAnswer,
  PredictOptions,
} from './types/masked.ts';
import type { OnProgress } from './types/progress.ts';
import type { Surprisal, SurprisalOptions } from './types/reading.ts';
import type { EmbeddingReport, Embeddings, EmbedOptions, IndexOptions, VectorIndex } from './types/vectors.ts';

export type * from './types/masked.ts';
export type * from './types/progress.ts';
export type * from './types/reading.ts';
export type * from './types/vectors.ts';

/** Format of the weights on the GPU. `auto`: the format of the file (q8 or q4 where stored so, else f16). */
export type Dtype = 'f32' | 'f16' | 'q8' | 'q4';

/** Storage of the activations between kernels. Sums, softmax, norms and the residual stream are f32 always. */
export type StorageType = 'f32' | 'f16';

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

export interface TokenizeOptions {
  truncate?: boolean;
  maxTokens?: number;
}

export interface EstimateOptions {
  /** Which request: `fillMask` and `predict` (the default), `embed`, or `surprisal` in its fast or exact mode. */
  kind?: 'fill' | 'embed' | 'surprisal-fast' | 'surprisal-exact';
  /** As `SurprisalOptions.around`; only for `surprisal-exact`. */
  around?: number;
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
  /** Every mask with its best words, asked words, what is left for the others, and entropy. */
  predict(text: string, options?: PredictOptions): Promise<MaskedAnswer>;
  predict(texts: readonly string[], options?: PredictOptions): Promise<MaskedAnswer[]>;
  /** Words for all masks of a text that fit together: beam search, the surest mask first. For 2 to 8 masks. */
  fillJointly(text: string, options?: JointOptions): Promise<JointFilling[]>;
  /** The whole vocabulary at one mask. */
  distribution(text: string, options?: DistributionOptions): Promise<Distribution>;
  /** Every token as text, by id, as `token_str` has it. */
  vocabulary(): Promise<string[]>;
  /** How surprising each token of a text is; texts over the context are read in overlapping windows. */
  surprisal(text: string, options?: SurprisalOptions): Promise<Surprisal>;
  /** An empty index on this model's GPU. */
  index(options: IndexOptions): Promise<VectorIndex>;
  tokenize(text: string, options?: TokenizeOptions): Promise<Encoding>;
  /** What `fillMask` (kind `fill`) or `embed` of these texts would cost, without running it. Texts over the context count at its length. */
  estimate(texts: readonly string[], options?: EstimateOptions): Promise<CostEstimate>;
  report(): Promise<ModelReport>;
  dispose(): Promise<void>;
}
