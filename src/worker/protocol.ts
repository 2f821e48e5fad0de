/** Types of the messages between a client and its worker. Everything here survives a structured clone. */

import type { ErrorData } from '../errors.ts';
import type { CalibrateOptions, ImportOptions, LibraryModel, LibrarySpace, PullOptions, TransferOptions } from '../library/types.ts';
import type { PickedFile } from '../source/files.ts';
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
  JointFilling,
  JointOptions,
  LoadOptions,
  MaskedAnswer,
  ModelReport,
  Neighbours,
  PredictOptions,
  Progress,
  Surprisal,
  SurprisalOptions,
  TokenizeOptions,
} from '../types.ts';
import type { DeviceCheck, TrainingCheck, VerifyOptions } from '../verify/types.ts';

/** Where the worker finds models by name. The page sends it, as the worker does not know the page's address. */
export interface Settings {
  /** Address of the page: `mini` and relative names start there. */
  baseUrl?: string;
  /** Base URL of the hub, for mirrors. */
  hub?: string;
  /** For private and gated models: in memory only, sent to the hub's own origin only. */
  token?: string;
  /** False: a model from the hub is read for this load and not stored. Default true. */
  keep?: boolean;
}

export type SourceData = { name: string } | { files: readonly PickedFile[] };

/** Options without the members that cannot be cloned: the signal becomes a `cancel` message, progress comes back as messages. */
type Plain<T> = Omit<T, 'signal' | 'onProgress'>;

/** Kind of call → its parameters and result. `model` is the number that `load` gave. */
export interface Calls {
  load: { params: { source: SourceData; settings: Settings; options: Plain<LoadOptions> }; result: number };
  fillMask: {
    params: { model: number; text: string | readonly string[]; options: Plain<FillMaskOptions> };
    result: FillMaskResult | FillMaskResult[];
  };
  predict: {
    params: { model: number; text: string | readonly string[]; options: Plain<PredictOptions> };
    result: MaskedAnswer | MaskedAnswer[];
  };
  fillJointly: { params: { model: number; text: string; options: Plain<JointOptions> }; result: JointFilling[] };
  distribution: { params: { model: number; text: string; options: Plain<DistributionOptions> }; result: Distribution };
  surprisal: { params: { model: number; text: string; options: Plain<SurprisalOptions> }; result: Surprisal };
  /** An index has a number, as a model has. */
  indexCreate: { params: { model: number; dim: number }; result: number };
  /** Rows that the index then holds. */
  indexAdd: { params: { index: number; vectors: Float32Array<ArrayBuffer> }; result: number };
  indexSearch: { params: { index: number; queries: Float32Array<ArrayBuffer>; k: number }; result: Neighbours };
  indexDispose: { params: { index: number }; result: null };
  vocabulary: { params: { model: number }; result: string[] };
  embed: { params: { model: number; texts: readonly string[]; options: Plain<EmbedOptions> }; result: Embeddings };
  tokenize: { params: { model: number; text: string; options: TokenizeOptions }; result: Encoding };
  estimate: { params: { model: number; texts: readonly string[]; options: EstimateOptions }; result: CostEstimate };
  report: { params: { model: number }; result: ModelReport };
  dispose: { params: { model: number }; result: null };
  listModels: { params: { settings: Settings }; result: LibraryModel[] };
  librarySpace: { params: { settings: Settings }; result: LibrarySpace };
  pull: { params: { settings: Settings; name: string; options: Plain<PullOptions> }; result: LibraryModel };
  checkFiles: { params: { settings: Settings; key: string; options: Plain<TransferOptions> }; result: LibraryModel };
  removeModel: { params: { settings: Settings; key: string }; result: null };
  importModel: { params: { settings: Settings; files: readonly PickedFile[]; options: Plain<ImportOptions> }; result: LibraryModel };
  /** `texts`: what it is calibrated on; null: the built-in ones. */
  calibrateModel: {
    params: { settings: Settings; key: string; texts: readonly string[] | null; options: Plain<CalibrateOptions> };
    result: LibraryModel;
  };
  /** Into the folder, or as files for the page to save one by one. */
  exportModel: { params: { settings: Settings; key: string; folder: FileSystemDirectoryHandle | null }; result: readonly PickedFile[] };
  verify: { params: { settings: Settings; options: Plain<VerifyOptions> }; result: DeviceCheck };
  verifyTraining: { params: { settings: Settings }; result: TrainingCheck[] };
}
export type Kind = keyof Calls;

export type Call = { [K in Kind]: { type: 'call'; id: number; kind: K; params: Calls[K]['params'] } }[Kind];
export type ToWorker = Call | { type: 'cancel'; id: number };

export type FromWorker =
  | { type: 'result'; id: number; value: Calls[Kind]['result'] }
  | { type: 'error'; id: number; error: ErrorData }
  | { type: 'progress'; id: number; progress: Progress }
  /** Addresses that the worker asked for; no answer to a call. */
  | { type: 'requests'; addresses: readonly string[] };
