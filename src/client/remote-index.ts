import { readOptions } from '../options/read.ts';
import { searchTable } from '../options/tables.ts';
import { readCount, readVectors } from '../options/vectors.ts';
import type { Neighbours, VectorIndex } from '../types.ts';
import type { Link } from './link.ts';

/** `VectorIndex` over messages. It lives in one worker: when that has crashed, its calls are WorkerCrashedErrors and it must be made anew. */
export class RemoteIndex implements VectorIndex {
  #rows = 0;
  #disposed = false;

  constructor(
    readonly link: Link,
    readonly generation: number,
    readonly number: number,
    readonly dim: number,
  ) {}

  get rows(): number {
    return this.#rows;
  }

  async add(given: Float32Array<ArrayBuffer>): Promise<void> {
    const vectors = readVectors('add', given);
    this.#rows = await this.link.call('indexAdd', { index: this.number, vectors }, { generation: this.generation });
  }

  async search(given: Float32Array<ArrayBuffer>, k: number, options?: { signal?: AbortSignal }): Promise<Neighbours> {
    const { signal } = readOptions<{ signal?: AbortSignal }>('search', searchTable, options);
    const params = { index: this.number, queries: readVectors('search', given), k: readCount('search', k) };
    return this.link.call('indexSearch', params, { signal, generation: this.generation });
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.link.isAlive(this.generation)) await this.link.call('indexDispose', { index: this.number }, { generation: this.generation });
  }
}
