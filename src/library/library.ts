/**
 * The library of models: fetched once, verified, converted, stored, and read again without the network. A model exists once its manifest
 * is written, which happens last, so every model in it is whole. Several tabs or processes may use one place at once.
 */

import { InputError, ModelFileError, ModelSourceError } from '../errors.ts';
import { forCaller } from '../options/caller.ts';
import { readName, readOptions, readSource, shown } from '../options/read.ts';
import { findTable, importTable, openTable, pullTable, transferTable } from '../options/tables.ts';
import type { ModelSink } from '../quantize/copy.ts';
import type { QuantizeRows } from '../quantize/quantized-source.ts';
import { withoutSecrets } from '../source/address.ts';
import type { HttpOptions } from '../source/http.ts';
import { defaultHub } from '../source/hub.ts';
import type { ModelSource } from '../source/source.ts';
import { downloadState } from './download/journal.ts';
import { checkEntry, menderOf } from './entry/check.ts';
import { type LibraryContext, readEntry, removeAll } from './entry/context.ts';
import { defaultChunkBytes, type Manifest, readManifest } from './entry/manifest.ts';
import { isAsked, looksLikeKey, parseName } from './entry/names.ts';
import { downloadFolder, lockName, modelFolder, modelsFolder, pullsFolder } from './entry/places.ts';
import { readPullState } from './entry/pull-state.ts';
import { VerifiedSource } from './entry/verified-source.ts';
import { exportModel } from './export.ts';
import { importModel } from './import.ts';
import type { Storage } from './keeping/storage.ts';
import { pullModel } from './pull.ts';
import type {
  FindOptions,
  ImportOptions,
  KeptDtype,
  LibraryModel,
  LibrarySpace,
  ModelLibrary,
  OpenOptions,
  PullOptions,
  TransferOptions,
} from './types.ts';

export interface LibraryOptions {
  storage: Storage;
  /** Base URL of the hub; default the public one. */
  hub?: string;
  /** `token`: for private and gated models, sent to the hub's own origin only. */
  http?: HttpOptions;
  /** False: no request is ever made. Default true. */
  online?: boolean;
  /** Of affinage; written into manifests. */
  version: string;
  /** Default 4 MiB. */
  chunkBytes?: number;
  /** In place of the quantizer on the CPU; must give the same bytes. */
  quantizeRows?: QuantizeRows;
}

export class Library implements ModelLibrary {
  readonly #context: LibraryContext;

  constructor(options: LibraryOptions) {
    const { storage, hub = defaultHub, http = {}, online = true, version, chunkBytes = defaultChunkBytes, quantizeRows } = options;
    this.#context = { storage, hub: hub.replace(/\/+$/, ''), http, online, version, chunkBytes, quantizeRows };
  }

  /** Every entry, newest first: whole ones, damaged ones, and pulls that can go on. Files of others are ignored. Errors: StorageError. */
  async list(): Promise<LibraryModel[]> {
    const { storage } = this.#context;
    const keys = new Set<string>();
    for (const path of await storage.list(modelsFolder)) keys.add(path.split('/')[0] ?? '');
    for (const path of await storage.list(pullsFolder)) keys.add(path.replace(/(\.damaged)?\.json$|\.set-aside$/, ''));
    const found = await Promise.all([...keys].filter(looksLikeKey).map(key => this.#entry(key)));
    return found.filter(entry => entry !== null).sort((a, b) => b.savedAt - a.savedAt || (a.key < b.key ? -1 : 1));
  }

  /**
   * The entry that a name stands for: key, hub id (main unless it says otherwise), page, address, name of an import. A whole one
   * goes before a partial one, then the newest. Null when there is none. Never asks the network. Errors: StorageError.
   */
  async find(name: string, options?: FindOptions): Promise<LibraryModel | null> {
    const { revision, dtype } = readOptions<FindOptions>('find', findTable, options);
    const asked = parseName(readName('find', 'the name of a model', name), this.#context.hub, revision);
    const rank = { ready: 0, damaged: 1, partial: 2 };
    const found = (await this.list())
      .filter(entry => (dtype === undefined || entry.dtype === dtype) && isAsked(entry, asked))
      .sort((a, b) => rank[a.state] - rank[b.state]);
    return found[0] ?? null;
  }

  /** Every entry of a name; of a hub id every revision, unless it or `revision` names one. Errors: StorageError. */
  async findAll(name: string, options?: FindOptions): Promise<LibraryModel[]> {
    const { revision, dtype } = readOptions<FindOptions>('findAll', findTable, options);
    const asked = parseName(readName('findAll', 'the name of a model', name), this.#context.hub, revision);
    const isAny = asked.kind === 'hub' && revision === undefined && !name.includes('@') && !/\/(tree|blob|resolve)\//.test(name);
    return (await this.list()).filter(entry => (dtype === undefined || entry.dtype === dtype) && isAsked(entry, asked, isAny));
  }

  async space(): Promise<LibrarySpace> {
    const { storage } = this.#context;
    return { ...(await storage.space()), place: storage.name };
  }

  /** Asks that the browser does not clear the models by itself; true where it will not. */
  persist(): Promise<boolean> {
    return this.#context.storage.persist();
  }

  async pull(name: string, options?: PullOptions): Promise<LibraryModel> {
    const { update = false, dtype = 'q4', ...read } = readOptions<PullOptions>('pull', pullTable, options);
    readName('pull', 'the name of a model', name);
    return forCaller(read, async own => {
      const found = update ? null : await this.find(name, { revision: read.revision, dtype });
      if (found?.state === 'ready') return found;
      if (!this.#context.online) await this.#pointToCopy(name, read.revision);
      return pullModel(this.#context, name, { ...read, ...own, update, dtype });
    });
  }

  /** Offline, an import that claims to be a copy of the model may be the one that the user means. Names it in the error; only the user can decide. */
  async #pointToCopy(name: string, revision?: string): Promise<void> {
    const asked = parseName(name, this.#context.hub, revision);
    const isCopy = ({ origin, ...entry }: LibraryModel) =>
      origin.kind === 'files' && origin.copyOf !== undefined && isAsked({ ...entry, origin: origin.copyOf }, asked);
    const copy = (await this.list()).find(isCopy);
    if (!copy) return;
    throw new ModelSourceError(
      `${withoutSecrets(name)} is not in the library, and the network is switched off (HF_HUB_OFFLINE). The import "${copy.name}" says that it is a copy of it: to use that, name it.`,
      { source: withoutSecrets(name), copy: copy.name },
    );
  }

  /**
   * A kept model to read. Every chunk is hashed before it is used; a broken one is fetched again when it is read.
   * Errors: ModelSourceError when the key is unknown or not whole, ModelFileError, StorageError; when reading: ModelFileError for what cannot be repaired.
   */
  async open(key: string, options?: OpenOptions): Promise<ModelSource> {
    const { onNotice } = readOptions<OpenOptions>('open', openTable, options);
    const { manifest } = await this.#whole(key);
    const mender = menderOf(this.#context, key, manifest, { onNotice });
    return VerifiedSource.kept(this.#context.storage, key, manifest, (file, chunk, signal) => mender.chunk(file, chunk, signal));
  }

  async check(key: string, options?: TransferOptions): Promise<LibraryModel> {
    const read = readOptions<TransferOptions>('check', transferTable, options);
    const { manifest } = await this.#whole(key);
    return forCaller(read, own => checkEntry(this.#context, key, manifest, own));
  }

  /** Waits for a pull of it in another tab or process. No error for an unknown key. Errors: StorageError. */
  async remove(key: string, options?: TransferOptions): Promise<void> {
    const read = readOptions<TransferOptions>('remove', transferTable, options);
    if (!looksLikeKey(readName('remove', 'the key of an entry', key))) throw unknownKey(key);
    const { storage } = this.#context;
    await forCaller(read, ({ signal, onProgress }) => {
      const onWait = (holder: string) =>
        onProgress?.({
          stage: 'files',
          done: 0,
          total: 0,
          unit: 'items',
          notice: `waiting: another tab or process is using this model (${holder})`,
        });
      return storage.lock(lockName(key), held => removeAll(held, key), { signal, onWait });
    });
  }

  /**
   * Keeps a model from picked files, a folder or any other source. It is first opened as loading would open it, so that wrong or
   * truncated files are refused before anything is copied. It gets a name of its own; an export gets the name of its origin only if the hub
   * announces the same hashes. Errors: those of loading; InputError for a name that a hub could have; StorageError, StorageFullError.
   */
  async importFrom(source: ModelSource, options?: ImportOptions): Promise<LibraryModel> {
    const read = readOptions<ImportOptions>('importFrom', importTable, options);
    const files = readSource('importFrom', source);
    if (typeof files === 'string')
      throw new InputError(`importFrom takes an open source of files, not ${shown(files)}. A model of that name is fetched by pull.`);
    return forCaller(read, own => importModel(this.#context, files, { ...read, ...own }));
  }

  /** Writes a kept model as a plain folder: its files, then the manifest. Every chunk is verified on the way. */
  async export(key: string, sink: ModelSink, options?: TransferOptions): Promise<LibraryModel> {
    const read = readOptions<TransferOptions>('export', transferTable, options);
    if (typeof sink !== 'object' || sink === null || typeof sink.create !== 'function')
      throw new InputError(`export needs a sink with a function create, not ${shown(sink)}.`);
    const { manifest, entry } = await this.#whole(key);
    await forCaller(read, async own => exportModel(await this.open(key), manifest, sink, own));
    return entry;
  }

  async #whole(key: string): Promise<{ entry: LibraryModel; manifest: Manifest }> {
    const found = looksLikeKey(readName('the library', 'the key of an entry', key)) ? await readEntry(this.#context, key) : null;
    if (!found) throw unknownKey(key);
    return found;
  }

  async #entry(key: string): Promise<LibraryModel | null> {
    try {
      const manifest = await readManifest(this.#context.storage, key);
      if (manifest) return (await readEntry(this.#context, key))?.entry ?? null;
    } catch (error) {
      if (!(error instanceof ModelFileError)) throw error;
      // It has a manifest, but a damaged one: what the model was is unknown, and it can only be removed.
      const dtype = (/-(q4|q8|f16|f32|original)-[0-9a-f]{10}$/.exec(key)?.[1] ?? 'original') as KeptDtype;
      const bytes = (await this.#context.storage.size(`${modelsFolder}/${key}/model.safetensors`)) ?? 0;
      return {
        key,
        name: key,
        origin: { kind: 'files', name: key },
        state: 'damaged',
        dtype,
        bytes,
        download: null,
        licence: null,
        savedAt: 0,
        announced: false,
      };
    }
    const state = await readPullState(this.#context.storage, key);
    // An interrupted import cannot go on without its files, so it is not listed.
    if (!state || state === 'damaged' || state.origin.kind === 'files') return null;
    const { name, origin, dtype, licence, announced, startedAt, downloaded, totalBytes } = state;
    const folder = dtype === 'original' ? modelFolder(key) : downloadFolder(key);
    const doneBytes = downloaded ? totalBytes : ((await downloadState(this.#context.storage, folder))?.doneBytes ?? 0);
    const kept = state.files.reduce((sum, file) => sum + Math.min(file.sizeBytes, file.chunks.length * file.chunkBytes), 0);
    const download = { doneBytes, totalBytes };
    return { key, name, origin, state: 'partial', dtype, bytes: doneBytes + kept, download, licence, savedAt: startedAt, announced };
  }
}

function unknownKey(key: string): ModelSourceError {
  return new ModelSourceError(`The library has no complete model ${key.slice(0, 200)}. Pull it, or look at the list for its name.`, {
    key: key.slice(0, 200),
  });
}
