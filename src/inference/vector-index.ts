/** Vectors on the GPU in f16, and exact search among them: dot products by a kernel, the best k picked on the host. */
import { DeviceLostError, InputError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { makeStep, type Step } from '../gpu/step.ts';
import { groupQueries, packQueries, packRows, rowDots, tileRows, tileWords } from '../kernels/row-dots.ts';
import type { Neighbours } from '../types.ts';
import { nearestRows } from './nearest.ts';
import type { Loaded } from './open.ts';

/** Buffers grow from this size to the largest binding that every adapter has. */
const firstBytes = 4 * 2 ** 20;
const largestBytes = 128 * 2 ** 20;
/** Scores that are read back at once. */
const readBackBytes = 32 * 2 ** 20;
/** Rows that are packed at once, which bounds what the host holds. */
const rowsAtOnce = 4096;
/** The largest number that f16 holds. */
const largestHalf = 65504;

interface Shard {
  buffer: GPUBuffer;
  /** Rows that it has room for, whole tiles, and those that it holds. */
  room: number;
  rows: number;
  firstRow: number;
}

export class GpuVectorIndex {
  readonly #shards: Shard[] = [];
  /** The words of the last tile, which is written again while it fills. */
  readonly #tail: Uint32Array<ArrayBuffer>;
  #rows = 0;
  /** Of queries and scores, made anew where they are too small. */
  #room: { groups: number; rows: number; queries: GPUBuffer; scores: GPUBuffer; steps: Step[] } | null = null;

  constructor(
    readonly gpu: Gpu,
    readonly dim: number,
    /** For tests. */
    readonly shardBytes = largestBytes,
  ) {
    this.#tail = new Uint32Array(tileWords(dim));
  }

  get rows(): number {
    return this.#rows;
  }

  /** Appends rows, rounded to f16. Errors: InputError for numbers that f16 cannot hold; OutOfMemoryError, after which the index holds the rows from before this call. */
  async add(loaded: Loaded, vectors: Float32Array): Promise<void> {
    this.#requireDevice(loaded);
    this.#check(vectors, 'vectors');
    const largest = vectors.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest > largestHalf)
      throw new InputError(
        `The vectors hold ${largest}; the index stores numbers up to ${largestHalf}. Scale the vectors, for example to length 1.`,
        {
          largest,
        },
      );
    const { dim } = this;
    await this.#makeRoom(this.#rows + vectors.length / dim);
    for (let at = 0; at < vectors.length; ) {
      const shard = this.#shards.find(({ rows, room }) => rows < room)!;
      const count = Math.min(rowsAtOnce, shard.room - shard.rows, (vectors.length - at) / dim);
      const inTail = shard.rows % tileRows;
      const tiles = Math.ceil((inTail + count) / tileRows);
      const words = new Uint32Array(tiles * tileWords(dim));
      if (inTail > 0) words.set(this.#tail);
      packRows(vectors.subarray(at, at + count * dim), dim, words, inTail);
      this.gpu.device.queue.writeBuffer(shard.buffer, 4 * tileWords(dim) * Math.floor(shard.rows / tileRows), words);
      this.#tail.set(words.subarray((tiles - 1) * tileWords(dim)));
      shard.rows += count;
      this.#rows += count;
      at += count * dim;
    }
  }

  /** The `k` rows with the largest dot products for each query; of equal ones the lower row first. Errors: InputError, the signal's reason, those of the GPU. */
  async search(loaded: Loaded, queries: Float32Array, k: number, signal?: AbortSignal): Promise<Neighbours> {
    this.#requireDevice(loaded);
    this.#check(queries, 'queries');
    const { dim } = this;
    const total = this.#rows;
    const count = queries.length / dim;
    const found: Neighbours = {
      rows: new Uint32Array(count * k).fill(0xffff_ffff),
      scores: new Float32Array(count * k).fill(-Infinity),
      k,
    };
    if (total === 0 || count === 0) return found;
    const { runner, staging } = loaded.session;
    const { queue } = this.gpu.device;
    const atOnce = Math.max(1, Math.min(Math.ceil(count / groupQueries), Math.floor(readBackBytes / (16 * total))));
    const { queries: into, scores, steps } = await this.#reserve(atOnce, total);
    for (let first = 0; first < count; first += atOnce * groupQueries) {
      const part = queries.subarray(first * dim, Math.min(count, first + atOnce * groupQueries) * dim);
      const asked = part.length / dim;
      const groups = Math.ceil(asked / groupQueries);
      queue.writeBuffer(into, 0, packQueries(part, dim));
      for (let group = 0; group < groups; group++) {
        for (const [s, { rows, firstRow }] of this.#shards.entries()) {
          if (rows > 0) await runner.run([steps[s]!], { rows, firstRow, total, group }, { signal });
        }
      }
      const data = new Float32Array(await staging.readNow([{ buffer: scores, offset: 0, bytes: 16 * total * groups }]));
      signal?.throwIfAborted();
      for (let q = 0; q < asked; q++) {
        const column = data.subarray(
          Math.floor(q / groupQueries) * total * groupQueries,
          (Math.floor(q / groupQueries) + 1) * total * groupQueries,
        );
        nearestRows(column, groupQueries, q % groupQueries, k, found, first + q);
      }
    }
    return found;
  }

  dispose(): void {
    this.gpu.memory.free(this.#room?.queries, this.#room?.scores, ...this.#shards.map(({ buffer }) => buffer));
    this.#shards.length = 0;
    this.#room = null;
    this.#rows = 0;
  }

  #requireDevice({ gpu }: Loaded): void {
    if (gpu === this.gpu && !gpu.lostError) return;
    throw new DeviceLostError(
      'The vectors of this index were on a GPU device that is lost. Make the index anew, and add the vectors again.',
    );
  }

  #check(values: Float32Array, what: string): void {
    if (values.length % this.dim !== 0)
      throw new InputError(`The ${what} are ${values.length} numbers, which is no multiple of the ${this.dim} of a vector of this index.`, {
        numbers: values.length,
        dim: this.dim,
      });
    const bad = values.findIndex(value => !Number.isFinite(value));
    if (bad >= 0)
      throw new InputError(
        `Number ${bad % this.dim} of vector ${Math.floor(bad / this.dim)} of the ${what} is ${values[bad]}. Leave that vector out.`,
        {
          vector: Math.floor(bad / this.dim),
        },
      );
  }

  /** Buffers for `rows` rows in all, each twice as large as the one before, up to the largest. */
  async #makeRoom(rows: number): Promise<void> {
    const tileBytes = 4 * tileWords(this.dim);
    const made: Shard[] = [];
    let room = this.#shards.reduce((sum, shard) => sum + shard.room, 0);
    try {
      while (room < rows) {
        const wanted = Math.min(this.shardBytes, firstBytes * 2 ** (this.#shards.length + made.length));
        const tiles = Math.max(1, Math.floor(wanted / tileBytes));
        const buffer = await this.gpu.checked('the index', () =>
          this.gpu.memory.storage('activations', `index ${room}`, tiles * tileBytes),
        );
        made.push({ buffer, room: tiles * tileRows, rows: 0, firstRow: room });
        room += tiles * tileRows;
      }
    } catch (error) {
      this.gpu.memory.free(...made.map(({ buffer }) => buffer));
      throw error;
    }
    if (made.length === 0) return;
    this.#shards.push(...made);
    this.#forget();
  }

  async #reserve(groups: number, rows: number) {
    const held = this.#room;
    if (held && held.groups >= groups && held.rows >= groups * rows) return held;
    this.#forget();
    const room = this.#shards.reduce((sum, shard) => sum + shard.room, 0);
    const scored = Math.max(groups * rows, Math.min(room, 2 * rows));
    const { memory } = this.gpu;
    const kernel = rowDots({ dim: this.dim });
    const made = await this.gpu.checked('the scores of the index', async () => {
      const queries = memory.storage('activations', 'queries', 32 * Math.ceil(this.dim / 2) * groups);
      const scores = memory.storage('activations', 'scores', 16 * scored);
      const steps = await Promise.all(this.#shards.map(({ buffer }) => makeStep(this.gpu, kernel, [buffer, queries, scores])));
      return { groups, rows: scored, queries, scores, steps };
    });
    this.#room = made;
    return made;
  }

  #forget(): void {
    this.gpu.memory.free(this.#room?.queries, this.#room?.scores);
    this.#room = null;
  }
}
