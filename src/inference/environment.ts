/** Everything that the engine needs from the place it runs in. */

import type { TuningStore } from '../runtime/tune/tune.ts';
import type { ModelSource } from '../source/source.ts';
import type { LoadOptions } from '../types.ts';

/** A browser and Node each make one. */
export interface Environment {
  /** WebGPU's entry point. Errors: NoAdapterError with the remedy of this place. */
  gpu(): Promise<GPU>;
  /** Called around every wait for the GPU, for places where a plain wait would use a whole core. */
  whileWaiting?: <T>(work: Promise<T>) => Promise<T>;
  /**
   * A source that a caller named by a string: hub id, URL, or (Node) folder. A place with a library of models fetches what is
   * missing into it, in the asked dtype, and returns the kept, verified copy. Errors: ModelSourceError, StorageError; the signal's reason.
   */
  openSource(source: string, options?: Pick<LoadOptions, 'dtype' | 'signal' | 'onProgress'>): Promise<ModelSource>;
  /** A source that a caller opened already, as this place reads it: an export is checked against its manifest. Errors: ModelFileError. */
  openPicked?(source: ModelSource, signal?: AbortSignal): Promise<ModelSource>;
  /** Remembered choices of variants. If they are lost, the variants are measured again, so neither function throws. */
  tuning: TuningStore;
  /** Of the package; part of the tuning key. */
  version: string;
}
