/**
 * Downloads a model's files into a folder of a storage. Chunks are fetched several at once and written at their places in the files.
 * Each chunk is hashed, and each file is hashed as a whole at the end. An interrupted download goes on from its journal (`journal.ts`).
 */

import { StorageFullError } from '../../errors.ts';
import { abortError } from '../../source/abort.ts';
import type { HttpOptions } from '../../source/http-request.ts';
import type { RemoteModelInfo } from '../../source/remote.ts';
import type { OnProgress, Progress } from '../../types.ts';
import type { Storage } from '../keeping/storage.ts';
import { DownloadFile } from './download-file.ts';
import { ChunkMemory, fetchChunk, type TransferEvents } from './download-transfer.ts';
import { verifyFile } from './download-verify.ts';
import { type Journal, journalName, readJournal, writeJournal } from './journal.ts';
import { Rate } from './rate.ts';

export interface DownloadOptions extends HttpOptions {
  /** Aborting pauses the download: the next call goes on from what is stored. */
  signal?: AbortSignal;
  /** Stages `download`, then `verify`; bytes. */
  onProgress?: OnProgress;
  /** Requests at a time. Default 4. */
  connections?: number;
  /** Bytes of a request, and of what is hashed at a time. Default 4 MiB. */
  chunkBytes?: number;
}

/** A file that is whole and verified. */
export interface DownloadedFile {
  path: string;
  sizeBytes: number;
  /** Of the whole file. */
  sha256: string;
  chunkBytes: number;
  /** sha256 of each chunk. */
  chunks: string[];
}

export interface DownloadResult {
  files: DownloadedFile[];
  /** False when the host announced no hash for some file: then only its size was checked against the host. */
  announced: boolean;
  /** Bytes that came from the network in this call. */
  fetchedBytes: number;
}

/** Shortest and longest time between two writes of the journal. A crash loses only what arrived since the last one. */
const journalEveryMs = { least: 200, most: 1000 };
/** Shortest time between two progress calls. */
const progressEveryMs = 100;

/**
 * Downloads every file of `remote` into `folder`, or goes on with an interrupted download: chunks that the journal lists are hashed again
 * and kept if right, unless the host announces another file now. The caller holds a lock on the folder. To cancel, it removes the folder;
 * when all is done it removes the journal (`journalName`).
 * The token goes to the files' own origin only. Errors: ModelSourceError (`details.changed`: the host's file changed meanwhile, call again
 * with a new description), ModelFileError, StorageFullError (with `neededBytes` and `freeBytes`; the state can go on), StorageError; the
 * signal's reason.
 */
export async function download(
  remote: RemoteModelInfo,
  storage: Storage,
  folder: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const job = new Download(remote, storage, folder, options);
  try {
    await job.prepare();
    await job.fetchAll();
    return await job.verifyAll();
  } finally {
    await job.end();
  }
}

class Download implements TransferEvents {
  readonly files: DownloadFile[];
  readonly total: number;
  readonly http: HttpOptions;
  readonly rate = new Rate();
  fetchedBytes = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #journalAfter = 0;
  #journalTurn: Promise<void> = Promise.resolve();
  /** Whether the journal on disk is older than the state in memory. */
  #behind = false;

  constructor(
    readonly remote: RemoteModelInfo,
    readonly storage: Storage,
    readonly folder: string,
    readonly options: DownloadOptions,
  ) {
    const { signal: _, onProgress: __, connections: ___, chunkBytes = 4 * 2 ** 20, ...http } = options;
    this.files = remote.files.map(file => new DownloadFile(file, remote.name, chunkBytes, storage, folder));
    this.total = remote.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    this.http = {
      attempts: 8,
      stallMs: 30_000,
      // The hub counts requests over five minutes.
      longestWaitMs: 300_000,
      // The bytes are stored here already, and a chunk that arrived broken must not come from the browser's cache again.
      cache: 'no-store',
      ...http,
      onWait: (waitMs, reason) => {
        if (waitMs >= 2000) this.onNotice(`waiting ${Math.ceil(waitMs / 1000)} s: ${reason}`);
        http.onWait?.(waitMs, reason);
      },
    };
  }

  /** Confirms what is stored already, and checks that the rest fits. */
  async prepare(): Promise<void> {
    const { storage, folder, remote } = this;
    const { signal } = this.options;
    if (signal?.aborted) throw abortError(signal);
    this.#tell(true);
    const journal = await readJournal(storage, folder);
    if (journal === 'damaged') this.onNotice('the journal of the interrupted download is damaged: it starts from the beginning');
    const known = new Map(journal && journal !== 'damaged' ? journal.files.map(file => [file.path, file]) : []);
    const wanted = new Set(this.files.map(file => file.path));
    for (const path of await storage.list(folder)) {
      if (!wanted.has(path) && path !== journalName) await storage.remove(`${folder}/${path}`);
    }
    for (const [i, file] of this.files.entries()) {
      const old = known.get(file.path);
      const had = old?.chunks.some(chunk => chunk !== null) || old?.partial.length;
      if (!old || !file.isSame(old)) {
        if (had)
          this.onNotice(`${file.path} may have changed on the host since the download was interrupted: it starts from the beginning`);
        await storage.remove(`${folder}/${file.path}`);
        continue;
      }
      // The stored chunks fix the length of a chunk for this file.
      const same = old.chunkBytes === file.chunkBytes ? file : new DownloadFile(file.remote, remote.name, old.chunkBytes, storage, folder);
      this.files[i] = same;
      await same.confirm(old, signal, () => this.#tell());
    }
    await this.#checkSpace();
    this.#behind = true;
    await this.#writeJournal();
  }

  async fetchAll(): Promise<void> {
    await this.#fetch(this.files);
    await this.#writeJournal();
  }

  async verifyAll(): Promise<DownloadResult> {
    const files: DownloadedFile[] = [];
    const stop = linked(this.options.signal);
    let before = 0;
    this.#behind = true;
    try {
      for (const file of this.files) {
        const sha256 = await verifyFile(file, {
          options: this.http,
          signal: stop.signal,
          events: this,
          onHashed: bytes => this.#tellVerified(before + bytes, file.path),
          refill: () => this.#fetch([file]),
        });
        before += file.sizeBytes;
        this.#tellVerified(before, file.path);
        const { path, sizeBytes, chunkBytes } = file;
        files.push({ path, sizeBytes, sha256, chunkBytes, chunks: file.chunks.filter(hash => hash !== null) });
      }
    } finally {
      stop.end();
    }
    return { files, announced: this.files.every(file => file.announced), fetchedBytes: this.fetchedBytes };
  }

  /** Saves the state, after success as after a failure. */
  async end(): Promise<void> {
    try {
      await this.#keepJournal();
    } finally {
      for (const file of this.files) await file.close();
    }
  }

  /** If the disk is full, deletes one stored chunk to make room for the journal. If it still cannot be written, the earlier journal stays. */
  async #keepJournal(): Promise<void> {
    for (let tries = 0; tries < 4; tries++) {
      try {
        return await this.#writeJournal({ flushed: true });
      } catch (error) {
        if (!(error instanceof StorageFullError)) return;
        let freed = false;
        for (const file of this.files.toReversed()) freed ||= await file.dropTail().catch(() => false);
        if (!freed) return;
      }
    }
  }

  onNetwork(bytes: number): void {
    this.fetchedBytes += bytes;
    this.rate.add(bytes);
    this.#tell();
  }

  async onChunk(): Promise<void> {
    this.#behind = true;
    this.#tell();
    if (performance.now() >= this.#journalAfter) await this.#writeJournal();
  }

  onNotice(notice: string): void {
    this.#tell(true, notice);
  }

  /** Fetches the missing chunks of these files. The first failure stops the other transfers; what they received is stored. */
  async #fetch(files: readonly DownloadFile[]): Promise<void> {
    const stop = linked(this.options.signal);
    const tasks = files.flatMap(file => file.missingChunks.map(chunk => ({ file, chunk }))).values();
    const failures: unknown[] = [];
    const work = async () => {
      const memory = new ChunkMemory();
      for (const { file, chunk } of tasks) {
        if (stop.signal.aborted) return;
        try {
          await fetchChunk(file, chunk, this.http, stop.signal, this, memory);
        } catch (error) {
          failures.push(error);
          stop.abort();
        }
      }
    };
    const count = Math.max(1, this.options.connections ?? 4);
    await Promise.all(Array.from({ length: count }, work));
    stop.end();
    this.#behind ||= failures.length > 0;
    if (this.options.signal?.aborted) throw abortError(this.options.signal);
    if (failures.length > 0) throw failures[0];
    this.#tell(true);
  }

  async #checkSpace(): Promise<void> {
    const { freeBytes } = await this.storage.space();
    const neededBytes = this.total - this.#done();
    if (freeBytes === null || neededBytes <= freeBytes) return;
    const [need, free] = [neededBytes, freeBytes].map(bytes => `${Math.ceil(bytes / 1e6)} MB`);
    throw new StorageFullError(
      `${this.remote.name} needs ${need} more, and ${this.storage.name} has ${free}. Delete another model, free space, or run without keeping it.`,
      { neededBytes, freeBytes },
    );
  }

  /**
   * One write at a time. The journal may list chunks that the operating system has not yet written to its disk. Only a power cut loses
   * those, and their hashes then show it. `flushed` waits for the disk first, which takes seconds on a busy one.
   */
  #writeJournal({ flushed = false } = {}): Promise<void> {
    const write = async () => {
      if (!this.#behind) return;
      this.#behind = false;
      const started = performance.now();
      const { name, commit } = this.remote;
      const journal: Journal = { version: 1, name, commit, files: this.files.map(file => file.toJournal()) };
      const claims = structuredClone(journal);
      try {
        if (flushed) for (const file of this.files) await file.flush();
        await writeJournal(this.storage, this.folder, claims);
      } catch (error) {
        this.#behind = true;
        throw error;
      }
      // On slow storage the journal takes at most a twentieth of the time.
      const ended = performance.now();
      const pause = Math.min(journalEveryMs.most, 20 * (ended - started));
      this.#journalAfter = ended + Math.max(journalEveryMs.least, pause);
    };
    const turn = this.#journalTurn.then(write);
    this.#journalTurn = turn.catch(() => {});
    return turn;
  }

  #done(): number {
    return this.files.reduce((sum, file) => sum + file.doneBytes, 0);
  }

  #tell(now = false, notice?: string): void {
    const { onProgress } = this.options;
    if (!onProgress || !this.#due(now)) return;
    const done = this.#done();
    const progress: Progress = { stage: 'download', done, total: this.total, unit: 'bytes' };
    const pace = this.rate.bytesPerSecond();
    const eta = this.rate.etaMs(this.files.reduce((sum, file) => sum + file.comingBytes, 0));
    if (pace !== null && this.fetchedBytes > 0) progress.bytesPerSecond = pace;
    if (eta !== null && this.fetchedBytes > 0) progress.etaMs = eta;
    const current = this.files.find(file => file.inFlight.size > 0)?.path;
    if (current !== undefined) progress.detail = current;
    if (notice !== undefined) progress.notice = notice;
    onProgress(progress);
  }

  #tellVerified(done: number, detail: string): void {
    if (this.#due(done === this.total)) this.options.onProgress?.({ stage: 'verify', done, total: this.total, unit: 'bytes', detail });
  }

  #due(now: boolean): boolean {
    const time = performance.now();
    if (!now && time - this.#toldAt < progressEveryMs) return false;
    this.#toldAt = time;
    return true;
  }
}

/** A controller that aborts when `signal` does, or on its own. `end` removes its listener from the signal. */
function linked(signal: AbortSignal | undefined): { signal: AbortSignal; abort(): void; end(): void } {
  const controller = new AbortController();
  const stop = () => controller.abort(signal ? abortError(signal) : undefined);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  return { signal: controller.signal, abort: () => controller.abort(), end: () => signal?.removeEventListener('abort', stop) };
}
