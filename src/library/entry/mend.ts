/** Repairs broken chunks of a kept model by fetching again only the bytes that each chunk is made from. */
import { AffinageError, ModelFileError, ModelSourceError, StorageError } from '../../errors.ts';
import { quantizedSource } from '../../quantize/quantized-source.ts';
import type { ModelSource } from '../../source/source.ts';
import { sha256Hex } from '../keeping/hash.ts';
import type { Storage } from '../keeping/storage.ts';
import { noteDamage } from './damage.ts';
import { converter, type KeptFile, type Manifest } from './manifest.ts';
import { lockName, manifestPath, modelFile } from './places.ts';
import { rangeText } from './transfer.ts';

export interface MenderOptions {
  storage: Storage;
  /** The origin's files, at the commit that was kept. Errors: ModelSourceError. */
  openOrigin(manifest: Manifest): Promise<ModelSource>;
  onNotice?: (text: string) => void;
  /** The caller has the entry's lock already. */
  holdsLock?: boolean;
}

/** Repairs the chunks of one entry. The origin is opened once, when the first broken chunk is found. */
export class Mender {
  readonly #key: string;
  readonly #manifest: Manifest;
  readonly #options: MenderOptions;
  #origin: Promise<ModelSource> | undefined;

  constructor(key: string, manifest: Manifest, options: MenderOptions) {
    this.#key = key;
    this.#manifest = manifest;
    this.#options = options;
  }

  /**
   * Returns the right bytes of a chunk, writes them back and reports it. When they cannot be fetched the entry is marked as damaged.
   * Errors: ModelFileError naming file, chunk and remedy; the signal's reason.
   */
  async chunk(file: KeptFile, chunk: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { storage, onNotice } = this.#options;
    const where = `${file.path} of ${this.#manifest.name} is damaged at ${rangeText(chunk, file.chunkBytes, file.sizeBytes)}`;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#trueBytes(file, chunk, where, signal);
    } catch (error) {
      if (error instanceof ModelFileError) await noteDamage(storage, this.#key, { path: file.path, chunk }, true);
      throw error;
    }
    const written = await this.#writeBack(file, chunk, bytes);
    if (written === null) await noteDamage(storage, this.#key, { path: file.path, chunk }, false);
    const what = `${where}; downloaded again`;
    onNotice?.(written === null ? `${what} and repaired.` : `${what}, but it could not be written: ${written}`);
    return bytes;
  }

  async #trueBytes(file: KeptFile, chunk: number, where: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const manifest = this.#manifest;
    const fail = (text: string, cause?: unknown) =>
      new ModelFileError(`${where}. ${text}`, { path: file.path, chunk, key: this.#key, name: manifest.name }, { cause });
    const { origin } = manifest;
    if (origin.kind === 'files' && !origin.copyOf) throw fail('It was imported from files: import it again.');
    if (manifest.converter && (manifest.converter.name !== converter.name || manifest.converter.version !== converter.version))
      throw fail('Another version of affinage converted it, so the part cannot be made again: remove the model and pull it again.');
    const start = chunk * file.chunkBytes;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      const opened = await (await this.#open(signal)).open(file.path, signal);
      if (opened.sizeBytes !== file.sizeBytes) throw fail('Its origin has changed: remove the model and pull it again.');
      bytes = await opened.read(start, Math.min(file.sizeBytes, start + file.chunkBytes), signal);
    } catch (error) {
      if (error instanceof ModelSourceError)
        throw fail(`It could not be fetched again (${error.message}) Go online and load it again, or pull it again.`, error);
      if (error instanceof AffinageError && !(error instanceof ModelFileError) && !(error instanceof StorageError))
        throw fail(`Its origin has changed (${error.message}) Remove the model and pull it again.`, error);
      throw error;
    }
    if ((await sha256Hex(bytes)) !== file.chunks[chunk]) throw fail('Its origin has changed: remove the model and pull it again.');
    return bytes;
  }

  async #open(signal?: AbortSignal): Promise<ModelSource> {
    this.#origin ??= this.#openConverted(signal);
    // Try to open the origin again at the next broken chunk: it may be reachable then.
    this.#origin.catch(() => {
      this.#origin = undefined;
    });
    return this.#origin;
  }

  async #openConverted(signal?: AbortSignal): Promise<ModelSource> {
    const origin = await this.#options.openOrigin(this.#manifest);
    const { dtype } = this.#manifest;
    return dtype === 'original' || !this.#manifest.converter ? origin : quantizedSource(origin, { dtype, signal });
  }

  /** Null when the chunk was written back, else the reason why not. A read-only folder is no error: the bytes are still used. */
  async #writeBack(file: KeptFile, chunk: number, bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
    const { storage: place, holdsLock } = this.#options;
    const write = async (storage: Storage) => {
      // Another tab has removed the model meanwhile, so there is nothing to write into.
      if ((await storage.size(manifestPath(this.#key))) === null) return;
      const out = await storage.open(modelFile(this.#key, file.path), 'write');
      try {
        if ((await out.size()) > file.sizeBytes) await out.truncate(file.sizeBytes);
        await out.write(chunk * file.chunkBytes, bytes);
        await out.flush();
      } finally {
        await out.close();
      }
    };
    try {
      await (holdsLock ? write(place) : place.lock(lockName(this.#key), write));
      return null;
    } catch (error) {
      if (error instanceof StorageError) return error.message;
      throw error;
    }
  }
}
