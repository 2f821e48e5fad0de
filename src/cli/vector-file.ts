/** Writes vectors to a file that appears under its name only when it is complete. */
import { statSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import { draftPaths, sweepDrafts, syncFolder } from '../node/drafts.ts';
import type { Embeddings } from '../types.ts';
import { UsageError } from './args.ts';
import { vectorJson } from './format.ts';
import { fileError } from './lines.ts';
import { littleEndian, npyHeader } from './npy.ts';

export type VectorFormat = 'jsonl' | 'npy';

export function vectorFormat(path: string, pooling: string | undefined): VectorFormat {
  const format = /\.(jsonl|ndjson|npy)$/i.exec(path)?.[1]?.toLowerCase();
  if (format === undefined) throw new UsageError(`--output must end in .jsonl or .npy, not "${path}"`);
  if (format === 'npy' && pooling === 'none')
    throw new UsageError('--pooling none gives each text its own number of rows, which .npy cannot hold; use --output with .jsonl');
  return format === 'npy' ? 'npy' : 'jsonl';
}

/** One JSON value for each text: its vector, or with `none` the list of its tokens' vectors. */
export function* vectorsAsJson({ data, dim, offsets }: Embeddings, perToken: boolean): Generator<string> {
  for (let text = 0; text + 1 < offsets.length; text++) {
    const rows: string[] = [];
    for (let row = offsets[text]!; row < offsets[text + 1]!; row++) rows.push(vectorJson(data.subarray(row * dim, (row + 1) * dim)));
    yield perToken ? `[${rows.join(',')}]` : (rows[0] ?? '[]');
  }
}

export class VectorFile {
  #rows = 0;
  #dim = 0;

  private constructor(
    readonly path: string,
    /** The file to write; for a link the file that it leads to. */
    readonly target: string,
    readonly draft: string,
    readonly format: VectorFormat,
    readonly perToken: boolean,
    readonly file: FileHandle,
  ) {}

  /**
   * Opens the draft at once, so that a folder that cannot be written is found before any work; removes what killed runs left there.
   * `force`: an existing file of that name is replaced at the end. Errors: InputError.
   */
  static async create(path: string, format: VectorFormat, { perToken = false, force = false } = {}): Promise<VectorFile> {
    try {
      const asked = resolve(path);
      const there = statSync(asked, { throwIfNoEntry: false });
      if (there && !there.isFile()) throw new InputError(`${path} cannot be written: it is no plain file. Give another name.`, { path });
      if (there && !force) throw new InputError(`${path} exists already. Give another name, or --force to replace it.`, { path });
      const target = there ? await realpath(asked) : asked;
      sweepDrafts(dirname(target));
      const draft = draftPaths(target).partial;
      return new VectorFile(path, target, draft, format, perToken, await open(draft, 'wx'));
    } catch (error) {
      throw fileError(error, path, 'written');
    }
  }

  async write(vectors: Embeddings): Promise<void> {
    try {
      if (this.format === 'npy') {
        if (this.#dim === 0) {
          this.#dim = vectors.dim;
          await this.file.writeFile(npyHeader(0, vectors.dim));
        }
        await this.file.writeFile(littleEndian(vectors.data));
      } else {
        // Text by text: a long text with a vector for each token is large.
        for (const json of vectorsAsJson(vectors, this.perToken)) await this.file.writeFile(`${json}\n`);
      }
    } catch (error) {
      throw fileError(error, this.path, 'written');
    }
    this.#rows += vectors.rows;
  }

  /** The row of a text that has no vector: null, in .npy NaN. `dim` as in the other rows. */
  async writeMissing(dim: number): Promise<void> {
    if (this.format === 'npy')
      return this.write({ data: new Float32Array(dim).fill(Number.NaN), rows: 1, dim, offsets: Uint32Array.of(0, 1) });
    try {
      await this.file.writeFile('null\n');
    } catch (error) {
      throw fileError(error, this.path, 'written');
    }
    this.#rows++;
  }

  /** Writes the final count into the header, waits until the file is on the disk, and renames it to its name. */
  async finish(dim: number): Promise<void> {
    try {
      if (this.format === 'npy') {
        const header = npyHeader(this.#rows, this.#dim || dim);
        await this.file.write(header, 0, header.length, 0);
      }
      await this.file.sync();
      await this.file.close();
      await rename(this.draft, this.target);
      await syncFolder(dirname(this.target));
    } catch (error) {
      throw fileError(error, this.path, 'written');
    }
  }

  /** Removes what was written so far. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {});
    await rm(this.draft, { force: true });
  }
}
