/** One HTTP request for a model file, with retries, time-outs and typed errors. */
import { InputError, ModelSourceError } from '../errors.ts';
import { abortError, sleep } from './abort.ts';

export interface HttpOptions {
  /** Defaults to the global fetch. */
  fetch?: typeof globalThis.fetch;
  /** Shown to people; default the URL. */
  name?: string;
  /** What to do when the server knows no such model (404, 401, 403); ends the error's text. */
  remedy?: string;
  /** Files up to this size are fetched whole in one request; reads of larger ones take windows of it. Default 32 MiB. */
  windowBytes?: number;
  /** Tries of each request before giving up. Default 4. */
  attempts?: number;
  /** Pause before the second try; doubles each time. Default 500 ms. */
  backoffMs?: number;
  /** A transfer that brings no byte for this long is broken off and tried again. Default 60 s. */
  stallMs?: number;
  /** The longest wait that a server may ask for (Retry-After) before we give up instead. Default 30 s. */
  longestWaitMs?: number;
  /** Sent to the address itself as a bearer token; fetch drops it when a redirect leaves that origin. Never in an error or a log. */
  token?: string;
  /** As of fetch; `no-store` where bytes are kept anyway, or where a second look must not see the first one again. Default `default`. */
  cache?: RequestCache;
  /** Told before each wait for another try. */
  onWait?: (waitMs: number, reason: string) => void;
}

/** A request that failed in a way that another try may mend. */
export class TransientError extends Error {
  override name = 'TransientError';
  constructor(
    message: string,
    readonly status: number | null = null,
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Pauses double up to this. */
const longestBackoffMs = 30_000;

/** What a request is for: named in every error. */
export interface Target {
  url: URL;
  path: string;
  source: string;
}

/** Answers that a caller handles itself: whole body, part, no such file, no such range. */
const answers = new Set([200, 206, 404, 410, 416]);

export interface Answer {
  status: number;
  headers: Headers;
  /** Sent by another origin than the one asked. */
  elsewhere: boolean;
  /** Chunks as they come; ends at the end of the body. Errors: TransientError on a cut or stalled transfer. */
  chunks: AsyncGenerator<Uint8Array, void, undefined>;
  /** Drops the rest of the body. */
  cancel(): void;
}

export interface RequestParts {
  /** Bytes [start, end). */
  range?: [number, number];
  method?: 'GET' | 'HEAD';
  /** `manual`: the redirect itself is the answer (in Node; a page may not read it). */
  redirect?: 'follow' | 'manual';
  /** Further statuses that the caller handles itself. */
  handles?: readonly number[];
}

/** One try. Errors: AbortError, TransientError (worth another try), ModelSourceError (not), InputError on a token that none can be. */
export async function requestOnce(target: Target, init: RequestParts, options: HttpOptions, signal?: AbortSignal): Promise<Answer> {
  if (signal?.aborted) throw abortError(signal);
  checkToken(options.token);
  const stopper = new AbortController();
  const stop = () => stopper.abort(abortError(signal));
  signal?.addEventListener('abort', stop, { once: true });
  const stallMs = options.stallMs ?? 60_000;
  let stalled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const beat = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      stopper.abort();
    }, stallMs);
  };
  const end = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  };
  const failure = (cause: unknown): Error => {
    if (signal?.aborted) return abortError(signal);
    if (stalled) return new TransientError(`no data for ${stallMs / 1000} s`, null, null, { cause });
    return new TransientError(reasonOf(cause), null, null, { cause });
  };

  beat();
  let response: Response;
  try {
    const headers: Record<string, string> = init.range ? { Range: `bytes=${init.range[0]}-${init.range[1] - 1}` } : {};
    if (options.token) headers.Authorization = `Bearer ${options.token}`;
    const { method = 'GET', redirect = 'follow' } = init;
    const send = options.fetch ?? globalThis.fetch;
    response = await send(target.url, {
      method,
      headers,
      redirect,
      cache: options.cache ?? 'default',
      signal: stopper.signal,
      referrerPolicy: 'no-referrer',
    });
  } catch (cause) {
    end();
    throw failure(cause);
  }
  const cancel = () => {
    end();
    stopper.abort();
  };
  const elsewhere = response.redirected && new URL(response.url).origin !== target.url.origin;
  const isRedirect = init.redirect === 'manual' && (response.type === 'opaqueredirect' || Math.floor(response.status / 100) === 3);
  if (!answers.has(response.status) && !isRedirect && !init.handles?.includes(response.status)) {
    cancel();
    throw statusError(target, response, elsewhere, options);
  }

  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = response.body?.getReader();
    try {
      while (reader) {
        const { done, value } = await reader.read();
        if (done) break;
        beat();
        yield value;
      }
    } catch (cause) {
      throw failure(cause);
    } finally {
      cancel();
    }
  }
  return { status: response.status, headers: response.headers, elsewhere, chunks: chunks(), cancel };
}

/** Runs `work` again after a TransientError, with growing pauses; then a ModelSourceError says why it stopped. */
export async function withRetries<T>(
  target: Target,
  options: HttpOptions,
  signal: AbortSignal | undefined,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      await pause(target, options, signal, attempt, error);
    }
  }
}

/** Waits before try `attempt + 2`, or throws the final ModelSourceError when no try is left. */
export async function pause(
  target: Target,
  options: HttpOptions,
  signal: AbortSignal | undefined,
  attempt: number,
  error: TransientError,
): Promise<void> {
  const waitMs = error.retryAfterMs ?? Math.min((options.backoffMs ?? 500) * 2 ** attempt, longestBackoffMs);
  if (attempt + 1 >= (options.attempts ?? 4) || (error.retryAfterMs !== null && waitMs > (options.longestWaitMs ?? 30_000)))
    throw giveUp(target, error, attempt + 1);
  options.onWait?.(waitMs, error.message);
  await sleep(waitMs, signal);
}

/** The URL without its query, which may hold a signature. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

export function sourceError(target: Target, text: string, status: number | null, cause?: unknown): ModelSourceError {
  const details = { source: target.source, path: target.path, url: shownUrl(target.url), ...(status === null ? {} : { status }) };
  return new ModelSourceError(text, details, cause === undefined ? undefined : { cause });
}

function giveUp(target: Target, error: TransientError, tries: number): ModelSourceError {
  const where = `${target.path} of ${target.source}`;
  const times = tries === 1 ? '' : ` after ${tries} tries`;
  if (error.status === 429) {
    const wait = error.retryAfterMs === null ? 'a few minutes' : `${Math.ceil(error.retryAfterMs / 1000)} s`;
    return sourceError(
      target,
      `The server limits how often ${where} may be fetched (429)${times}. Wait ${wait} and try again. (${shownUrl(target.url)})`,
      429,
      error,
    );
  }
  if (error.status !== null) {
    return sourceError(
      target,
      `The server failed on ${where} (${error.status})${times}. Try again later. (${shownUrl(target.url)})`,
      error.status,
      error,
    );
  }
  return sourceError(
    target,
    `${where} could not be fetched${times}: ${error.message}. Check the address and the connection; from a page, the server must also allow other origins (CORS). (${shownUrl(target.url)})`,
    null,
    error,
  );
}

function statusError(target: Target, response: Response, elsewhere: boolean, options: HttpOptions): Error {
  const { status } = response;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new TransientError(
      `status ${status}`,
      status,
      retryAfterMs(response.headers.get('Retry-After')) ?? rateLimitMs(response.headers),
    );
  }
  // A signed address of the storage behind the hub has expired: asking the hub again gives a fresh one.
  if (status === 403 && elsewhere) return new TransientError('the signed address of the storage was refused (403)', 403);
  if (status === 401 || status === 403) {
    const remedy =
      options.remedy ?? 'It is private, or not there: check the address, or download it where you have access and open the folder.';
    return sourceError(
      target,
      `The server refuses ${target.path} of ${target.source} (${status}). ${remedy} (${shownUrl(target.url)})`,
      status,
    );
  }
  return sourceError(
    target,
    `The server answered ${status} for ${target.path} of ${target.source}. Check the address. (${shownUrl(target.url)})`,
    status,
  );
}

/** 404 and 410, for those who need the file. */
export function notFound(target: Target, status: number, options: HttpOptions): ModelSourceError {
  const remedy = options.remedy ?? 'Check the address: it must be the folder that holds config.json.';
  return sourceError(target, `${target.path} is not there (${status}) in ${target.source}. ${remedy} (${shownUrl(target.url)})`, status);
}

/** Retry-After in ms: seconds or a date. Null when absent or unreadable. */
export function retryAfterMs(value: string | null, now = Date.now()): number | null {
  if (value === null) return null;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** The hub's own way of saying it: `RateLimit: "resolvers";r=0;t=55`, r requests left, t seconds to go. Pages cannot read it. */
function rateLimitMs(headers: Headers): number | null {
  const match = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('RateLimit') ?? '');
  return match ? (Number(match[1]) + 1) * 1000 : null;
}

/** Fetch would name the whole header in its error: a token with a line break must not get that far. */
function checkToken(token: string | undefined): void {
  if (token === undefined || token === '' || /^[\x21-\x7e]+$/.test(token)) return;
  throw new InputError('The token holds a blank, a line break or another character that no token has. Copy it again.');
}

/** Why fetch failed: Node hides the reason (ENOTFOUND …) in the cause, browsers give only a sentence. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.message) return cause.message;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof Error ? error.message : String(error);
}
