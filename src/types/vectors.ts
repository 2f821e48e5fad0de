/** Embeddings, and exact search among vectors. */
import type { OnProgress } from './progress.ts';

export interface IndexOptions {
  /** Numbers of a vector. */
  dim: number;
  signal?: AbortSignal;
}

/** The nearest rows to each query: [queries · k], best first. Fewer rows than k: the rest is row 4294967295 with score −∞. */
export interface Neighbours {
  rows: Uint32Array<ArrayBuffer>;
  scores: Float32Array<ArrayBuffer>;
  k: number;
}

/** Vectors on the GPU, stored in f16, and exact search among them by dot product. Rows are numbered in the order in which they were added. */
export interface VectorIndex {
  readonly dim: number;
  readonly rows: number;
  /** `vectors`: row-major [rows, dim]. Errors: OutOfMemoryError, InputError. */
  add(vectors: Float32Array<ArrayBuffer>): Promise<void>;
  /** `queries`: row-major [queries, dim]. */
  search(queries: Float32Array<ArrayBuffer>, k: number, options?: { signal?: AbortSignal }): Promise<Neighbours>;
  dispose(): Promise<void>;
}

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
