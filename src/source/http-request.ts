/** One HTTP request for a model file, with retries, time-outs and typed errors. */
import { AffinageError, InputError } from '../errors.ts';
import { abortError, sleep } from './abort.ts';
import { shownUrl } from './address.ts';
import {
  type ErrorHelp,
  giveUp,
  reasonOf,
  sourceError,
  stallError,
  statusError,
  type Target,
  TransientError,
  tooLate,
} from './http-errors.ts';

export interface HttpOptions extends ErrorHelp {
  /** Defaults to the global fetch. */
  fetch?: typeof globalThis.fetch;
  /** Name in messages; default the URL. */
  name?: string;
  /** Files up to this size are fetched whole in one request; reads of larger ones take windows of it. Default 32 MiB. */
  windowBytes?: number;
  /** Tries of each request before giving up. Default 4. */
  attempts?: number;
  /** Pause before the second try; doubles each time. Default 500 ms. */
  backoffMs?: number;
  /** A transfer that brings no byte for this long is broken off and tried again. Default 60 s. */
  stallMs?: number;
  /** The longest wait (Retry-After) that is accepted from a server; a longer one is an error. Default 30 s. */
  longestWaitMs?: number;
  /** Sent to the address itself as a bearer token; fetch drops it when a redirect leaves that origin. Never in an error or a log. */
  token?: string;
  /** As in fetch; `no-store` where the bytes are stored anyway, or where a repeated request must reach the server. Default `default`. */
  cache?: RequestCache;
  /** A small file (no weights) that has not come whole in this time is given up. Default 10 min. */
  smallFileMs?: number;
  /** In place of `token`: a whole Authorization header, from an address with user name and password. */
  authorization?: string;
  /** Called before each wait for another try. */
  onWait?: (waitMs: number, reason: string) => void;
}

/** A transfer must bring this many bytes in each `stallMs`, so that a server that sends one byte a second cannot block a load for ever. */
const leastBytesPerStall = 16_384;

/** Pauses between tries double up to this. */
const longestBackoffMs = 30_000;

/** Statuses that a caller handles itself: whole body, part, no such file, no such range. */
const answers = new Set([200, 206, 404, 410, 416]);

export interface Answer {
  status: number;
  headers: Headers;
  /** A redirect led to another origin, which sent this answer. */
  elsewhere: boolean;
  /** Host that sent the answer, after redirects. */
  host: string;
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
  /** More statuses that the caller handles itself. */
  handles?: readonly number[];
}

/** One try. Errors: AbortError, TransientError (worth another try), ModelSourceError (not), InputError for a token with impossible characters. */
export async function requestOnce(target: Target, init: RequestParts, options: HttpOptions, signal?: AbortSignal): Promise<Answer> {
  if (signal?.aborted) throw abortError(signal);
  checkToken(options.token);
  const stopper = new AbortController();
  const stop = () => stopper.abort(abortError(signal));
  signal?.addEventListener('abort', stop, { once: true });
  const stallMs = options.stallMs ?? 60_000;
  let stalled = false;
  /** Bytes since the timer was started. */
  let bytesInTime = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const startTimer = () => {
    clearTimeout(timer);
    bytesInTime = 0;
    timer = setTimeout(() => {
      stalled = true;
      stopper.abort();
    }, stallMs);
  };
  const beat = (bytes: number) => {
    bytesInTime += bytes;
    if (bytesInTime >= leastBytesPerStall) startTimer();
  };
  let late = false;
  const smallFileMs = options.smallFileMs ?? 600_000;
  const deadline = target.path.endsWith('.safetensors')
    ? undefined
    : setTimeout(() => {
        late = true;
        stopper.abort();
      }, smallFileMs);
  const end = () => {
    clearTimeout(timer);
    clearTimeout(deadline);
    signal?.removeEventListener('abort', stop);
  };
  const failure = (cause: unknown): Error => {
    if (signal?.aborted) return abortError(signal);
    if (late) return tooLate(target, smallFileMs);
    if (stalled) return stallError(stallMs, bytesInTime, cause);
    if (cause instanceof AffinageError) return cause;
    const found = options.diagnose?.(target.url, cause);
    const reason = reasonOf(cause);
    if (found?.isFinal)
      return sourceError(
        target,
        `${target.path} of ${target.source} could not be fetched: ${reason}. ${found.text} (${shownUrl(target.url)})`,
        null,
        cause,
      );
    return new TransientError(reason, null, null, { cause });
  };

  startTimer();
  let response: Response;
  try {
    const headers: Record<string, string> = init.range ? { Range: `bytes=${init.range[0]}-${init.range[1] - 1}` } : {};
    if (options.authorization) headers.Authorization = options.authorization;
    else if (options.token) headers.Authorization = `Bearer ${options.token}`;
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
  const sentBy = response.url === '' ? target.url : new URL(response.url);
  const elsewhere = sentBy.origin !== target.url.origin;
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
        beat(value.length);
        yield value;
      }
    } catch (cause) {
      throw failure(cause);
    } finally {
      cancel();
    }
  }
  return { status: response.status, headers: response.headers, elsewhere, host: sentBy.host, chunks: chunks(), cancel };
}

/** Runs `work` again after a TransientError, with growing pauses. After the last try it throws a ModelSourceError with the reason. */
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
    throw giveUp(target, error, attempt + 1, options);
  options.onWait?.(waitMs, error.message);
  await sleep(waitMs, signal);
}

/** Checked before fetch sees it, as fetch's error for a token with a line break would show the whole token. */
function checkToken(token: string | undefined): void {
  if (token === undefined || token === '' || /^[\x21-\x7e]+$/.test(token)) return;
  throw new InputError('The token holds a blank, a line break or another character that no token has. Copy it again.');
}
