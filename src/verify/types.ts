/** Options and results of "check this device". Everything but the options survives a structured clone. */

import type { ErrorData } from '../errors.ts';
import type { TrainingCheck } from '../training/check.ts';
import type { AdapterReport, KernelVariants, LoadOptions, OnProgress } from '../types.ts';

export type { TrainingCheck };

/**
 * `full`: every case of every kernel in every variant that this adapter can run, and the whole embedded model.
 * `short`: one or two small cases a kernel, in the variants that a model would use here, and the embedded model on a few sentences.
 */
export type CheckForm = 'full' | 'short';

export interface VerifyOptions {
  form: CheckForm;
  /** Adapter features to switch off, for diagnosis. */
  without?: LoadOptions['without'];
  /** The embedded model runs with these variants (LoadOptions.variants); the kernels are checked in all of theirs in any case. */
  variants?: LoadOptions['variants'];
  signal?: AbortSignal;
  /** Stage `check`, in items. */
  onProgress?: OnProgress;
}

export interface TrainingCheckOptions {
  signal?: AbortSignal;
  /** Stage `check`, in items: kernels first, then training itself. */
  onProgress?: OnProgress;
}

/** How far one output was from its reference. */
export interface CheckError {
  /** Normalised mean squared error Σ(a-b)² / Σb²; null where a number was not finite. */
  nmse: number | null;
  /** Largest |a-b|; null where a number was not finite. */
  maxAbs: number | null;
  /** Largest nmse that passes. */
  bound: number;
}

/** One case that gave wrong numbers, wrote where it must not, changed from run to run, or did not compile or run. */
export interface CaseFailure {
  /** The case's name: its sizes. */
  case: string;
  /** The fault, with the numbers. */
  why: string;
}

/** One variant of a kernel with one storage of activations. */
export interface VariantCheck {
  variant: string;
  storage: 'f32' | 'f16';
  /**
   * `passed`, `failed`; `skipped`: not tried, for the reason in `reason` (the adapter lacks a feature, the variant is not used here);
   * `avoided`: it failed here, and tuning on this adapter refuses it, so that no model uses it.
   */
  outcome: 'passed' | 'failed' | 'avoided' | 'skipped';
  /** Why it was skipped, or that tuning refuses it. */
  reason?: string;
  /** Cases run. */
  cases: number;
  /** The case with the largest error relative to its bound; null if nothing could be measured. */
  worst: (CheckError & { case: string }) | null;
  failures: CaseFailure[];
  /** Failed cases that are no fault: inputs with NaN or infinities, which WGSL allows an adapter to assume absent. */
  notes: CaseFailure[];
}

export interface KernelCheck {
  kernel: string;
  /** No variant failed. Avoided and skipped ones do not count. */
  passed: boolean;
  /** Cases run, over all variants. */
  cases: number;
  /** The worst over all variants that passed or failed. */
  worst: (CheckError & { case: string }) | null;
  variants: VariantCheck[];
}

/** The embedded model against PyTorch's answers for the same stored weights. */
export interface ModelCheck {
  /** Name of the model, and the format and storage that it ran in. */
  model: string;
  dtype: string;
  storage: 'f32' | 'f16';
  passed: boolean;
  sentences: number;
  /** Masked positions compared. */
  masks: number;
  /** The tokenizer gave the reference's ids for every sentence. */
  tokensEqual: boolean;
  /** Masks whose first choice, and whose best five (in any order), are the reference's. */
  top1: number;
  top5: number;
  /** Mean share of the reference's best five found among ours, 0 … 1. */
  top5Agreement: number;
  /** Worst of the probabilities of the reference's ten best, over all masks; and of the embeddings. */
  probabilities: CheckError;
  embeddings: CheckError;
  failures: CaseFailure[];
}

export interface DeviceCheck {
  form: CheckForm;
  /** Nothing failed, and everything that had to be run was run. */
  passed: boolean;
  /** Milliseconds since 1970. */
  at: number;
  durationMs: number;
  /** Of affinage. */
  version: string;
  /** The browser's user agent, or Node's version and platform. */
  platform: string;
  /** Null when no adapter could be opened. */
  adapter: AdapterReport | null;
  /** Features left out on purpose. */
  without: string[];
  /** Variants that the embedded model was made to use; absent where none were asked for. */
  forced?: KernelVariants;
  kernels: KernelCheck[];
  /** One for each storage of activations that models use here; fewer where the model could not be run: see `failures`. */
  models: ModelCheck[];
  /** Errors that stopped the check or a part of it: no adapter, a lost device, no memory, a model that does not load. */
  failures: { part: string; error: ErrorData }[];
}
