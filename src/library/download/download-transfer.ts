/** Fetches the bytes of one file: in parts, with retries, never mixing two versions; or as one stream where the host sends no parts. */
import { ModelSourceError } from '../../errors.ts';
import { shownUrl } from '../../source/address.ts';
import { checkContent, contentRange, isWebPage, webPage } from '../../source/http-content.ts';
import { notFound, TransientError } from '../../source/http-errors.ts';
import { type Answer, type HttpOptions, pause, requestOnce } from '../../source/http-request.ts';
import { versionOf } from '../../source/hub-headers.ts';
import type { DownloadFile } from './download-file.ts';
import { chunkSize } from './journal.ts';

/** Called while the transfer runs. */
export interface TransferEvents {
  /** Bytes from the network, useful or not. */
  onNetwork(bytes: number): void;
  /** A chunk is in the storage. */
  onChunk(): Promise<void>;
  onNotice(text: string): void;
}

/** Memory for one chunk, reused for the next one: new buffers of megabytes would pile up until the garbage collector runs. */
export class ChunkMemory {
  #bytes = new Uint8Array(0);

  /** `length` bytes with arbitrary content, valid until the next `take`. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length);
    return this.#bytes.subarray(0, length);
  }
}

/**
 * Fetches a chunk and stores it. If the transfer breaks off, the received bytes are stored. With a host that ignores ranges it fetches
 * the rest of the file instead. Errors: ModelSourceError, those of the storage, the signal's reason.
 */
export async function fetchChunk(
  file: DownloadFile,
  chunk: number,
  options: HttpOptions,
  signal: AbortSignal,
  events: TransferEvents,
  memory: ChunkMemory,
): Promise<void> {
  if (file.sequential || file.chunks[chunk] !== null) return;
  const bytes = memory.take(chunkSize(file, chunk));
  const kept = await file.takePartial(chunk, bytes);
  let outcome: PartOutcome;
  try {
    outcome = await fetchPart(file, chunk * file.chunkBytes, bytes, kept, options, signal, events, have => file.inFlight.set(chunk, have));
    if (outcome === 'done') {
      if (chunk === 0) checkContent(file.target, bytes);
      await file.keepChunk(chunk, bytes);
    }
  } catch (error) {
    const have = file.inFlight.get(chunk) ?? 0;
    // Stored even if another chunk has failed first. If it cannot be stored, it is fetched again later.
    if (have > kept) await file.keepPartial(chunk, bytes.subarray(0, have)).catch(() => {});
    throw error;
  } finally {
    file.inFlight.delete(chunk);
  }
  if (outcome === 'done') return events.onChunk();
  if (outcome !== 'left') await fetchStream(file, outcome, options, signal, events);
}

/** `done`; `left`: another request is fetching the whole file; or an answer that is the whole file, from a host that ignored the range twice or refuses ranges. */
export type PartOutcome = 'done' | 'left' | Answer;

/**
 * Fills `into` with the bytes of the file from `start` on, of which the first `kept` are there. Retries, and goes on after a cut.
 * `onHave`: bytes there by now. Errors: ModelSourceError, the signal's reason.
 */
export async function fetchPart(
  file: DownloadFile,
  start: number,
  into: Uint8Array,
  kept: number,
  options: HttpOptions,
  signal: AbortSignal,
  events: Pick<TransferEvents, 'onNetwork'>,
  onHave: (bytes: number) => void,
): Promise<PartOutcome> {
  let have = kept;
  for (let attempt = 0; have < into.length; ) {
    const before = have;
    try {
      const from = start + have;
      // Firefox asks the storage behind a hub for permission (CORS preflight) before it sends a range. Some storages refuse: then ask without one.
      const plain = !file.answered && attempt % 3 === 2;
      const answer = await ask(file, from, plain ? null : start + into.length, options, signal);
      let skip = answer.status === 200 ? from : 0;
      if (answer.status === 206) file.ignoredRanges = 0;
      else if (file.sizeBytes > into.length) {
        if ((++file.ignoredRanges > 1 || plain) && !file.sequential) {
          file.sequential = true;
          return answer;
        }
        answer.cancel();
        if (file.sequential) return 'left';
        throw new TransientError('the server sent the whole file instead of a part');
      }
      for await (const piece of answer.chunks) {
        events.onNetwork(piece.length);
        const dropped = Math.min(skip, piece.length);
        skip -= dropped;
        const part = piece.subarray(dropped);
        if (have + part.length > into.length) throw new TransientError('the server sent more bytes than it announced');
        into.set(part, have);
        have += part.length;
        onHave(have);
      }
      const sentEnd = contentRange(answer.headers)?.end ?? 0;
      // A server may send less than was asked for, if its headers say so.
      const asAnnounced = have > before && start + have === sentEnd;
      if (have < into.length && !asAnnounced)
        throw new TransientError(`the transfer stopped after ${start + have} of ${file.sizeBytes} bytes`);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (have > before && !error.isTooSlow) attempt = 0;
      await pause(file.target, options, signal, attempt++, error);
    }
  }
  return 'done';
}

/** The rest of a file whose host sends it only whole: chunks that are there are skipped, the others filled in order. */
async function fetchStream(
  file: DownloadFile,
  first: Answer,
  options: HttpOptions,
  signal: AbortSignal,
  events: TransferEvents,
): Promise<void> {
  const { path, target } = file;
  events.onNotice(
    `${shownUrl(target.url)} is only sent in full: after an interruption it is downloaded again from its beginning, and what is kept is skipped.`,
  );
  let answer: Answer | null = first;
  let chunk = file.missingChunks[0] ?? 0;
  let bytes = new Uint8Array(chunkSize(file, chunk));
  let have = await file.takePartial(chunk, bytes);
  try {
    for (let attempt = 0; file.missingChunks.length > 0; ) {
      const before = chunk * file.chunkBytes + have;
      try {
        // Where no request with a range was answered, ask for the whole file without one.
        answer ??= await ask(file, before, file.answered ? file.sizeBytes : null, options, signal);
        let at = answer.status === 206 ? before : 0;
        for await (const piece of answer.chunks) {
          events.onNetwork(piece.length);
          for (let offset = 0; offset < piece.length; ) {
            const wanted = chunk * file.chunkBytes + have;
            if (file.missingChunks.length === 0) throw new TransientError('the server sent more bytes than it announced');
            const count = Math.min(piece.length - offset, at < wanted ? wanted - at : bytes.length - have);
            if (at === wanted) {
              bytes.set(piece.subarray(offset, offset + count), have);
              have += count;
              file.inFlight.set(chunk, have);
            }
            at += count;
            offset += count;
            file.streamedBytes = at;
            if (have < bytes.length) continue;
            if (chunk === 0) checkContent(target, bytes);
            await file.keepChunk(chunk, bytes);
            file.inFlight.delete(chunk);
            await events.onChunk();
            const next = file.missingChunks[0];
            if (next === undefined) break;
            chunk = next;
            bytes = new Uint8Array(chunkSize(file, chunk));
            have = await file.takePartial(chunk, bytes);
          }
          if (file.missingChunks.length === 0) break;
        }
        if (file.missingChunks.length > 0)
          throw new TransientError(`the transfer of ${path} stopped after ${at} of ${file.sizeBytes} bytes`);
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        answer = null;
        if (chunk * file.chunkBytes + have > before && !error.isTooSlow) attempt = 0;
        await pause(target, options, signal, attempt++, error);
      }
    }
  } catch (error) {
    await file.keepPartial(chunk, bytes.subarray(0, have)).catch(() => {});
    throw error;
  } finally {
    file.inFlight.delete(chunk);
    file.streamedBytes = null;
    answer?.cancel();
  }
}

/**
 * One request for bytes [from, end), or without a range. The answer is that part, or 200: the whole file.
 * Errors: TransientError, ModelSourceError, the signal's reason.
 */
async function ask(file: DownloadFile, from: number, end: number | null, options: HttpOptions, signal: AbortSignal): Promise<Answer> {
  const { target } = file;
  const answer = await requestOnce(target, { range: end === null ? undefined : [from, end], handles: [401, 403] }, options, signal);
  file.answered ||= end !== null;
  const problem = problemOf(file, answer, from, end ?? file.sizeBytes, options);
  if (!problem) return answer;
  answer.cancel();
  throw problem;
}

function problemOf(file: DownloadFile, answer: Answer, from: number, end: number, options: HttpOptions): Error | null {
  const { target, sizeBytes } = file;
  const { status, headers } = answer;
  if (status === 404 || status === 410) return notFound(target, status, options);
  if (status === 403 && answer.elsewhere) return new TransientError('the signed address of the storage was refused (403)', 403);
  if (status === 401 || status === 403) return refused(file, status, Boolean(options.token));
  if (isWebPage(headers)) return webPage(target, answer.host);
  // With an announced hash the bytes are fixed, so an answer about another file is an error worth a retry. Without one the file has changed.
  const other = (text: string) => (file.announced ? new TransientError(text, status === 416 ? 416 : null) : changed(file));
  if (status === 416) return other('the server says that the file ends earlier');
  const range = status === 206 ? contentRange(headers) : null;
  if (range && range.total !== sizeBytes) return other(`the server says that the file has ${range.total} bytes instead of ${sizeBytes}`);
  if (range && (range.start !== from || range.end > end || range.end <= from))
    return new TransientError(`the server sent another part than bytes ${from} to ${end - 1}`);
  const version = versionOf(headers);
  if (!file.announced && version !== null) {
    file.version ??= version;
    if (file.version !== version) return changed(file);
  }
  return null;
}

/** The file has changed on the host: drops what is stored of it, so that two versions never mix. */
function changed(file: DownloadFile): ModelSourceError {
  file.forget();
  file.changed = true;
  return new ModelSourceError(
    `${file.path} of ${file.target.source} changed on the server while it was downloaded. Start the download again: this file is downloaded again, the others are kept. (${shownUrl(file.target.url)})`,
    { path: file.path, source: file.target.source, url: shownUrl(file.target.url), changed: true },
  );
}

function refused(file: DownloadFile, status: number, hasToken: boolean): ModelSourceError {
  const { path, source, url } = file.target;
  const remedy = hasToken
    ? 'The token may no longer read it: check it, and that its account accepted the terms on the page of the model.'
    : 'It is private or gated: accept its terms on its page where it has any, and give a token that may read it.';
  const details = { path, source, url: shownUrl(url), status, needsToken: true };
  return new ModelSourceError(`The server refuses ${path} of ${source} (${status}). ${remedy} (${shownUrl(url)})`, details);
}
