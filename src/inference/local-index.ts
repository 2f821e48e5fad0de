/** An index as its callers see it: checked input, and its requests in the queue of the model's. */
import { DisposedError } from '../errors.ts';
import type { Caller } from '../options/caller.ts';
import { readOptions } from '../options/read.ts';
import { searchTable } from '../options/tables.ts';
import { readCount, readVectors } from '../options/vectors.ts';
import type { Neighbours, VectorIndex } from '../types.ts';
import type { Loaded } from './open.ts';
import type { GpuVectorIndex } from './vector-index.ts';

/** Runs one request after those before it. They share the read-back, so none may overlap another. */
type Queue = <T>(caller: Caller, work: (loaded: Loaded, own: Caller) => Promise<T>) => Promise<T>;

export class LocalIndex implements VectorIndex {
  readonly #index: GpuVectorIndex;
  readonly #queue: Queue;
  #disposed = false;

  constructor(index: GpuVectorIndex, queue: Queue) {
    this.#index = index;
    this.#queue = queue;
  }

  get dim(): number {
    return this.#index.dim;
  }

  get rows(): number {
    return this.#index.rows;
  }

  async add(given: Float32Array<ArrayBuffer>): Promise<void> {
    const vectors = readVectors('add', given);
    return this.#ask({}, loaded => this.#index.add(loaded, vectors));
  }

  async search(given: Float32Array<ArrayBuffer>, k: number, options?: { signal?: AbortSignal }): Promise<Neighbours> {
    const { signal } = readOptions<{ signal?: AbortSignal }>('search', searchTable, options);
    const queries = readVectors('search', given);
    const count = readCount('search', k);
    return this.#ask({ signal }, (loaded, own) => this.#index.search(loaded, queries, count, own.signal));
  }

  /** Waits for the requests before it. A model that was disposed has freed its indexes. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    const freed = this.#ask({}, async () => this.#index.dispose()).catch(() => {});
    this.#disposed = true;
    await freed;
  }

  #ask<T>(caller: Caller, work: (loaded: Loaded, own: Caller) => Promise<T>): Promise<T> {
    if (this.#disposed) return Promise.reject(new DisposedError('This index was disposed. Make it anew, and add the vectors again.'));
    return this.#queue(caller, work);
  }
}
