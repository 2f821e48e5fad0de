/** Where vectors go: a file that appears under its name only when it is complete. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { Embeddings } from '../engine/types.ts';
import { UsageError } from './args.ts';
import { vectorJson } from './format.ts';
import { fileError } from './lines.ts';
import { littleEndian, npyHeader } from './npy.ts';

export type VectorFormat = 'jsonl' | 'npy';

export function vectorFormat(path: string, pooling: string): VectorFormat {
  const format = /\.(jsonl|npy)$/i.exec(path)?.[1]?.toLowerCase();
  if (format === undefined) throw new UsageError(`--output must end in .jsonl or .npy, not "${path}"`);
  if (format === 'npy' && pooling === 'none')
    throw new UsageError('--pooling none gives each text its own number of rows, which .npy cannot hold; use --output with .jsonl');
  return format as VectorFormat;
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
    readonly draft: string,
    readonly format: VectorFormat,
    readonly perToken: boolean,
    readonly file: FileHandle,
  ) {}

  /** Opens the draft at once, so that a folder that cannot be written is known before any work. Errors: InputError. */
  static async create(path: string, format: VectorFormat, perToken: boolean): Promise<VectorFile> {
    const draft = `${path}.${process.pid}.partial`;
    try {
      return new VectorFile(path, draft, format, perToken, await open(draft, 'w'));
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

  /** Puts the final count into the header and the file under its name. */
  async finish(dim: number): Promise<void> {
    try {
      if (this.format === 'npy') {
        const header = npyHeader(this.#rows, this.#dim || dim);
        await this.file.write(header, 0, header.length, 0);
      }
      await this.file.close();
      await rename(this.draft, this.path);
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
