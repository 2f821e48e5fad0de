/** The one door between the engine and the place it runs in. */

import type { TuningStore } from '../runtime/tune/tune.ts';
import type { ModelSource } from '../source/source.ts';
import type { LoadOptions } from '../types.ts';

/** What the engine needs from where it runs; the browser and Node each give one. */
export interface Environment {
  /** WebGPU's entry point. Errors: NoAdapterError with the remedy of this place. */
  gpu(): Promise<GPU>;
  /** Goes around every wait for the GPU, where waiting needs care. */
  whileWaiting?: <T>(work: Promise<T>) => Promise<T>;
  /**
   * A source that a caller named by a string: hub id, URL, or (Node) folder. A place with a library of models fetches what is
   * missing into it, in the asked dtype, and answers with the kept, verified copy. Errors: ModelSourceError, StorageError; the signal's reason.
   */
  openSource(source: string, options?: Pick<LoadOptions, 'dtype' | 'signal' | 'onProgress'>): Promise<ModelSource>;
  /** A source that a caller opened already, as this place reads it: an export is checked against its manifest. Errors: ModelFileError. */
  openPicked?(source: ModelSource, signal?: AbortSignal): Promise<ModelSource>;
  /** Remembered kernel choices. Losing them costs a new measurement, so neither side throws. */
  tuning: TuningStore;
  /** Of the package; part of the tuning key. */
  version: string;
}
