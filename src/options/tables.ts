/** The options of every call, for `readOptions`; the command line takes its choices and ranges from here. */

import { poolModes } from '../kernels/pool-modes.ts';
import { maxTopK } from '../kernels/topk-limit.ts';
import type { CalibrateOptions, FindOptions, ImportOptions, OpenOptions, PullOptions, TransferOptions } from '../library/types.ts';
import type {
  DistributionOptions,
  EmbedOptions,
  EstimateOptions,
  FillMaskOptions,
  IndexOptions,
  JointOptions,
  KernelVariants,
  LoadOptions,
  PredictOptions,
  SurprisalOptions,
  TokenizeOptions,
} from '../types.ts';
import type { TrainingCheckOptions, VerifyOptions } from '../verify/types.ts';
import type { Settings } from '../worker/protocol.ts';
import type { OptionTable } from './read.ts';
import { maxDim } from './vectors.ts';

export const signalRule = { kind: 'signal', instead: ['abortSignal', 'abort', 'controller'] } as const;
export const progressRule = { kind: 'function', instead: ['progress', 'progress_callback', 'callback', 'on_progress'] } as const;

/** Formats of weights, as a caller may ask for them. */
export const dtypes = ['f32', 'f16', 'q8', 'q4'] as const;
/** Features of an adapter that a caller may switch off. */
export const adapterFeatures = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

/** The model's own context is the real limit; it is checked where the model is known (encode.ts). */
const maxTokens = { kind: 'whole', min: 1, max: Number.MAX_SAFE_INTEGER, instead: ['max_length', 'max_seq_length', 'maxLength'] } as const;
const truncate = { kind: 'switch', instead: ['truncation'] } as const;

const wideOrNarrow = { kind: 'choice', of: ['wide', 'narrow'] } as const;
const threadsOrRows = { kind: 'choice', of: ['threads', 'rows'] } as const;

/** Kernels and their variants; a test holds the names to those of the kernels. */
export const variantsTable = {
  matmul: {
    kind: 'choice',
    of: ['lanes', 'rows', 'rows-alone', 'tile', 'tile-sliced', 'tile-small'],
    instead: ['gemm', 'linear'],
  },
  attention: { kind: 'choice', of: ['lanes', 'register', 'quad', 'tile'] },
  embed: { ...threadsOrRows, instead: ['embedding'] },
  layernorm: threadsOrRows,
  normalize: threadsOrRows,
  pool: { ...wideOrNarrow, instead: ['pooling'] },
  softmaxStats: { ...wideOrNarrow, instead: ['softmax'] },
  targetScores: { ...wideOrNarrow, instead: ['targets'] },
  topk: { kind: 'choice', of: ['select', 'tournament'] },
  watch: wideOrNarrow,
} as const satisfies OptionTable<KernelVariants>;

const variants = { kind: 'options', table: variantsTable, instead: ['kernels', 'variant'] } as const;

export const loadTable = {
  dtype: { kind: 'choice', of: [...dtypes, 'auto'], instead: ['precision', 'torch_dtype', 'quantized', 'type', 'format'] },
  storage: { kind: 'choice', of: ['f32', 'f16', 'auto'], instead: ['activations'] },
  without: { kind: 'choices', of: adapterFeatures, instead: ['features'] },
  variants,
  onProgress: progressRule,
  signal: signalRule,
} as const satisfies OptionTable<LoadOptions>;

export const fillMaskTable = {
  topK: { kind: 'whole', min: 1, max: maxTopK, instead: ['k', 'topn', 'num_predictions', 'limit'] },
  targets: { kind: 'words', instead: ['words', 'candidates', 'labels'] },
  truncate,
  signal: signalRule,
  onProgress: progressRule,
} as const satisfies OptionTable<FillMaskOptions>;

export const predictTable = fillMaskTable satisfies OptionTable<PredictOptions>;

export const jointTable = {
  topK: { kind: 'whole', min: 1, max: 50, instead: ['k', 'limit'] },
  beams: { kind: 'whole', min: 1, max: 64, instead: ['num_beams', 'beam', 'width'] },
  truncate,
  signal: signalRule,
  onProgress: progressRule,
} as const satisfies OptionTable<JointOptions>;

export const distributionTable = {
  mask: { kind: 'whole', min: 0, max: Number.MAX_SAFE_INTEGER, instead: ['index'] },
  truncate,
  signal: signalRule,
  onProgress: progressRule,
} as const satisfies OptionTable<DistributionOptions>;

export const surprisalTable = {
  mode: { kind: 'choice', of: ['fast', 'exact'] },
  topK: { kind: 'whole', min: 1, max: 50, instead: ['k', 'limit', 'alternatives'] },
  from: { kind: 'whole', min: 0, max: Number.MAX_SAFE_INTEGER, instead: ['start'] },
  to: { kind: 'whole', min: 0, max: Number.MAX_SAFE_INTEGER, instead: ['end'] },
  around: { kind: 'whole', min: 1, max: Number.MAX_SAFE_INTEGER, instead: ['window', 'context'] },
  signal: signalRule,
  onProgress: progressRule,
} as const satisfies OptionTable<SurprisalOptions>;

export const embedTable = {
  pooling: { kind: 'choice', of: [...poolModes, 'none'], instead: ['pooling_mode', 'pool'] },
  normalize: { kind: 'switch', instead: ['normalise', 'normalized', 'normalize_embeddings', 'norm'] },
  promptName: { kind: 'text', instead: ['prompt_name', 'default_prompt_name', 'task'] },
  prompt: { kind: 'text', mayBeEmpty: true, instead: ['prefix', 'instruction'] },
  maxTokens,
  signal: signalRule,
  onProgress: progressRule,
} as const satisfies OptionTable<EmbedOptions>;

export const indexTable = {
  dim: { kind: 'whole', min: 1, max: maxDim, instead: ['dims', 'dimension', 'dimensions', 'size'] },
  signal: signalRule,
} as const satisfies OptionTable<IndexOptions>;

export const searchTable = { signal: signalRule } as const satisfies OptionTable<{ signal?: AbortSignal }>;

export const tokenizeTable = { truncate, maxTokens } as const satisfies OptionTable<TokenizeOptions>;

export const estimateTable = {
  kind: { kind: 'choice', of: ['fill', 'embed', 'surprisal-fast', 'surprisal-exact'], instead: ['task', 'for'] },
  around: { kind: 'whole', min: 1, max: Number.MAX_SAFE_INTEGER, instead: ['window'] },
} as const satisfies OptionTable<EstimateOptions>;

/** Formats in which a model may be kept. */
export const keptDtypes = ['q4', 'q8', 'f16', 'f32', 'original'] as const;

const keptDtype = { kind: 'choice', of: keptDtypes, instead: ['precision', 'type', 'format', 'quantized'] } as const;
const revision = { kind: 'text', instead: ['branch', 'commit', 'tag', 'version'] } as const;

export const findTable = { revision, dtype: keptDtype } as const satisfies OptionTable<FindOptions>;

export const openTable = { onNotice: { kind: 'function' } } as const satisfies OptionTable<OpenOptions>;

export const transferTable = { signal: signalRule, onProgress: progressRule } as const satisfies OptionTable<TransferOptions>;

export const pullTable = {
  revision,
  dtype: keptDtype,
  token: { kind: 'text', instead: ['use_auth_token', 'accessToken', 'hf_token', 'auth'] },
  update: { kind: 'switch', instead: ['force_download', 'refresh', 'force'] },
  signal: signalRule,
  onProgress: progressRule,
} as const satisfies OptionTable<PullOptions>;

export const importTable = { name: { kind: 'text' }, dtype: keptDtype, ...transferTable } as const satisfies OptionTable<ImportOptions>;

export const calibrateTable = { name: { kind: 'text' }, ...transferTable } as const satisfies OptionTable<CalibrateOptions>;

export const verifyTable = {
  form: { kind: 'choice', of: ['full', 'short'] },
  without: { kind: 'choices', of: adapterFeatures, instead: ['features'] },
  variants,
  signal: signalRule,
  onProgress: progressRule,
} as const satisfies OptionTable<VerifyOptions>;

export const trainingCheckTable = { signal: signalRule, onProgress: progressRule } as const satisfies OptionTable<TrainingCheckOptions>;

export const settingsTable = {
  baseUrl: { kind: 'text' },
  hub: { kind: 'text', instead: ['endpoint', 'hubUrl', 'url'] },
  token: { kind: 'text', instead: ['use_auth_token', 'accessToken', 'hf_token', 'auth'] },
  keep: { kind: 'switch', instead: ['cache', 'useCache', 'save'] },
} as const satisfies OptionTable<Settings>;
