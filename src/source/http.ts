/** A model in a folder on an HTTP server: small files in one request, large ones by byte ranges. */
import { ModelSourceError } from '../errors.ts';
import { abortError, orAbort } from './abort.ts';
import { shownUrl, takeCredentials, withoutSecrets } from './address.ts';
import { checkRange } from './files.ts';
import { checkContent, collect, contentRange, isWebPage, webPage } from './http-content.ts';
import { notFound, sourceError, type Target, TransientError } from './http-errors.ts';
import { type Answer, type HttpOptions, pause, requestOnce, withRetries } from './http-request.ts';
import { checkPath } from './path.ts';
import type { ModelSource, SourceFile } from './source.ts';

export type { HttpOptions } from './http-request.ts';

const defaultWindowBytes = 32 * 2 ** 20;
/** Limit for every file but weights. It ends bodies that never stop, or that unpack to an endless size. */
const smallFileBytes = 64 * 2 ** 20;

/** Files under the folder `base`. A query of the address (a signature) is kept for every file. Errors: ModelSourceError. */
export class HttpSource implements ModelSource {
  readonly name: string;
  readonly #base: URL;
  readonly #options: HttpOptions;

  constructor(base: string, options: HttpOptions = {}) {
    const shown = withoutSecrets(base);
    let url: URL;
    try {
      url = new URL(base);
    } catch {
      // Without the cause: its text repeats the address, which may hold a password.
      throw new ModelSourceError(`"${shown}" is not an address. Give the https:// address of the folder that holds config.json.`, {
        source: shown,
      });
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new ModelSourceError(`"${shown}" cannot be fetched: only http and https addresses can.`, { source: shown });
    }
    const authorization = takeCredentials(url);
    // The address of a file of the model stands for its folder.
    url.pathname = url.pathname.replace(/\/(config\.json|tokenizer\.json|model\.safetensors)$/, '/').replace(/\/?$/, '/');
    url.hash = '';
    this.#base = url;
    this.#options = authorization ? { ...options, authorization } : options;
    this.name = options.name ?? shownUrl(url);
  }

  /** The folder's address, with a trailing slash and without a name and password. */
  get base(): URL {
    return new URL(this.#base);
  }

  /** The header that a name and password in the address stand for. */
  get authorization(): string | undefined {
    return this.#options.authorization;
  }

  /** Asks for one byte with GET: servers and signed addresses answer that like the real read, which is not so for HEAD. */
  async has(path: string, signal?: AbortSignal): Promise<boolean> {
    const target = this.#target(path);
    const answer = await withRetries(target, this.#options, signal, () => requestOnce(target, { range: [0, 1] }, this.#options, signal));
    answer.cancel();
    if (answer.status === 404 || answer.status === 410) return false;
    // A host of a single-page app answers every unknown path with its page.
    return !isWebPage(answer.headers);
  }

  async open(path: string, signal?: AbortSignal): Promise<SourceFile> {
    const target = this.#target(path);
    return withRetries(target, this.#options, signal, () => HttpFile.open(target, this.#options, signal));
  }

  #target(path: string): Target {
    const url = new URL(this.#base);
    url.pathname += checkPath(path).split('/').map(encodeURIComponent).join('/');
    return { url, path, source: this.name };
  }
}

class HttpFile implements SourceFile {
  readonly path: string;
  /** Newest first, at most two, as reads come mostly in file order. */
  #windows: Window[] = [];

  private constructor(
    readonly target: Target,
    readonly options: HttpOptions,
    readonly sizeBytes: number,
    readonly etag: string | null,
    first: Window,
  ) {
    this.path = target.path;
    this.#windows = [first];
  }

  /** One request: the whole file if it fits a window, else its first window. Errors: TransientError too. */
  static async open(target: Target, options: HttpOptions, signal?: AbortSignal): Promise<HttpFile> {
    const windowBytes = options.windowBytes ?? defaultWindowBytes;
    let answer = await requestOnce(target, { range: [0, windowBytes] }, options, signal);
    if (answer.status === 416) {
      answer.cancel();
      // An empty file answers 416 too; a plain GET is right for both.
      answer = await requestOnce(target, {}, options, signal);
    }
    if (answer.status !== 200 && answer.status !== 206) {
      answer.cancel();
      throw notFound(target, answer.status, options);
    }
    if (isWebPage(answer.headers)) {
      answer.cancel();
      throw webPage(target, answer.host);
    }
    const etag = answer.headers.get('ETag');
    const range = answer.status === 206 ? contentRange(answer.headers) : null;
    if (range) {
      const end = Math.min(windowBytes, range.total);
      if (range.start !== 0 || range.end !== end) {
        answer.cancel();
        throw wrongRange(target, 0, end, answer.headers);
      }
      const file = new HttpFile(target, options, range.total, etag, new Window(0, end, signal));
      void file.#fill(file.#windows[0]!, answer);
      return file;
    }
    // The server ignored the range, so the body is the whole file. If CORS hides Content-Range, a body shorter than asked for is the whole file too.
    const limit = target.path.endsWith('.safetensors') ? undefined : smallFileBytes;
    const bytes = await collect(answer, limit, target);
    checkContent(target, bytes);
    const isWhole = answer.status === 200 || bytes.length < windowBytes;
    const sizeBytes = isWhole ? bytes.length : await sizeByHead(target, options, signal);
    return new HttpFile(target, options, sizeBytes, etag, Window.filled(bytes));
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end, this.target.source);
    if (signal?.aborted) throw abortError(signal);
    const out = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const window = this.#windowAt(at, signal);
      const upTo = Math.min(end, window.end);
      try {
        await orAbort(window.reach(upTo), signal);
      } catch (error) {
        // The reader that started this window was aborted; this reader starts a new one.
        if (window.signal?.aborted && !signal?.aborted) continue;
        throw error;
      }
      out.set(window.bytes.subarray(at - window.start, upTo - window.start), at - start);
      at = upTo;
    }
    return out;
  }

  #windowAt(at: number, signal?: AbortSignal): Window {
    const found = this.#windows.find(window => !window.failed && window.start <= at && at < window.end);
    if (found) return found;
    const window = new Window(at, Math.min(this.sizeBytes, at + (this.options.windowBytes ?? defaultWindowBytes)), signal);
    this.#windows = [window, ...this.#windows.filter(w => !w.failed)].slice(0, 2);
    void this.#fill(window, null);
    return window;
  }

  /** Fetches a window's bytes; after a broken connection it goes on from there. Never rejects: errors reach the readers through the window. */
  async #fill(window: Window, first: Answer | null): Promise<void> {
    const { target, options } = this;
    let answer = first;
    for (let attempt = 0; ; ) {
      const before = window.received;
      try {
        answer ??= await this.#ask(window);
        for await (const chunk of answer.chunks) {
          if (!window.add(chunk))
            throw sourceError(
              target,
              `${target.path} of ${target.source} is longer than the server announced. Try again later.`,
              answer.status,
            );
        }
        if (!window.complete)
          throw new TransientError(`the transfer stopped after ${window.start + window.received} of ${this.sizeBytes} bytes`);
        if (window.start === 0) checkContent(target, window.bytes);
        window.finish();
        return;
      } catch (error) {
        answer?.cancel();
        answer = null;
        if (!(error instanceof TransientError)) return window.fail(error);
        if (window.received > before && !error.isTooSlow) attempt = 0;
        try {
          await pause(target, options, window.signal, attempt++, error);
        } catch (final) {
          return window.fail(final);
        }
      }
    }
  }

  async #ask(window: Window): Promise<Answer> {
    const { target, options } = this;
    const [start, end] = [window.start + window.received, window.end];
    const answer = await requestOnce(target, { range: [start, end] }, options, window.signal);
    const range = contentRange(answer.headers);
    const etag = answer.headers.get('ETag');
    let problem: ModelSourceError | null = null;
    if (answer.status === 404 || answer.status === 410) problem = notFound(target, answer.status, options);
    else if (answer.status !== 206 || (range && (range.start !== start || range.end !== end)))
      problem = wrongRange(target, start, end, answer.headers, answer.status);
    else if ((range && range.total !== this.sizeBytes) || (etag && this.etag && etag !== this.etag)) {
      problem = sourceError(
        target,
        `${target.path} of ${target.source} changed on the server while it was read. Load the model again.`,
        answer.status,
      );
    }
    if (!problem) return answer;
    answer.cancel();
    throw problem;
  }
}

/** Bytes [start, end) of a file, filled in order; readers wait for the part they need. */
class Window {
  readonly bytes: Uint8Array<ArrayBuffer>;
  received = 0;
  failed = false;
  #waiting: { upTo: number; resolve: () => void; reject: (error: unknown) => void }[] = [];
  #error: unknown;
  #finished = false;

  constructor(
    readonly start: number,
    readonly end: number,
    readonly signal?: AbortSignal,
    bytes?: Uint8Array<ArrayBuffer>,
  ) {
    this.bytes = bytes ?? new Uint8Array(end - start);
  }

  static filled(bytes: Uint8Array<ArrayBuffer>): Window {
    const window = new Window(0, bytes.length, undefined, bytes);
    window.received = bytes.length;
    window.finish();
    return window;
  }

  get complete(): boolean {
    return this.received === this.bytes.length;
  }

  /** False when the chunk does not fit. */
  add(chunk: Uint8Array): boolean {
    if (this.received + chunk.length > this.bytes.length) return false;
    this.bytes.set(chunk, this.received);
    this.received += chunk.length;
    // The last bytes are released by finish(), after the content was checked.
    if (!this.complete) this.#wake();
    return true;
  }

  finish(): void {
    this.#finished = true;
    this.#wake();
  }

  fail(error: unknown): void {
    this.failed = true;
    this.#error = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** Resolves once the bytes before `upTo` (a position in the file) have arrived. */
  reach(upTo: number): Promise<void> {
    if (this.failed) return Promise.reject(this.#error);
    if (this.#has(upTo)) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ upTo, resolve, reject }));
  }

  #has(upTo: number): boolean {
    return this.#finished || upTo < this.start + this.received;
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ upTo }) => this.#has(upTo));
    this.#waiting = this.#waiting.filter(({ upTo }) => !this.#has(upTo));
    for (const { resolve } of ready) resolve();
  }
}

async function sizeByHead(target: Target, options: HttpOptions, signal?: AbortSignal): Promise<number> {
  const answer = await requestOnce(target, { method: 'HEAD' }, options, signal);
  answer.cancel();
  const length = answer.headers.get('Content-Length');
  if (answer.status === 200 && length !== null && /^\d+$/.test(length)) return Number(length);
  throw sourceError(
    target,
    `The server hides the size of ${target.path}. Let it send "Access-Control-Expose-Headers: Content-Range", or download the model and open its folder. (${shownUrl(target.url)})`,
    answer.status,
  );
}

function wrongRange(target: Target, start: number, end: number, headers: Headers, status = 206): ModelSourceError {
  const got = headers.get('Content-Range') ?? 'no Content-Range';
  return sourceError(
    target,
    `The server answered the wrong part of ${target.path} of ${target.source}: asked for bytes ${start}-${end - 1}, got ${status} with ${got}. Use another mirror, or download the model and open its folder. (${shownUrl(target.url)})`,
    status,
  );
}
