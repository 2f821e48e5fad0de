/** Errors of requests for model files, each with the remedy in its text. */
import { ModelSourceError } from '../errors.ts';
import { shownUrl } from './address.ts';

/** What a request is for: named in every error. */
export interface Target {
  url: URL;
  path: string;
  source: string;
}

/** What the caller can add to error texts; HttpOptions includes these. */
export interface ErrorHelp {
  /** What to do when the server answers 404, 401 or 403; the last sentence of the error's text. */
  remedy?: string;
  /** For a request without an answer: the cause as seen from this machine (a proxy, a certificate) and its remedy, in place of the general advice. */
  diagnose?: (url: URL, cause: unknown) => { text: string; isFinal: boolean };
}

/** A failed request that may succeed when it is tried again. */
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

  /** Some bytes came, but too few for the time. */
  isTooSlow = false;
}

export function sourceError(target: Target, text: string, status: number | null, cause?: unknown): ModelSourceError {
  const details = { source: target.source, path: target.path, url: shownUrl(target.url), ...(status === null ? {} : { status }) };
  return new ModelSourceError(text, details, cause === undefined ? undefined : { cause });
}

export function stallError(stallMs: number, bytes: number, cause: unknown): TransientError {
  const seconds = stallMs / 1000;
  const error = new TransientError(bytes === 0 ? `no data for ${seconds} s` : `only ${bytes} bytes in ${seconds} s`, null, null, { cause });
  error.isTooSlow = bytes > 0;
  return error;
}

export function tooLate(target: Target, smallFileMs: number): ModelSourceError {
  return sourceError(
    target,
    `${target.path} of ${target.source} was not complete after ${Math.round(smallFileMs / 1000)} s, which is far too long for so small a file. Try again later or use another mirror. (${shownUrl(target.url)})`,
    null,
  );
}

export function giveUp(target: Target, error: TransientError, tries: number, options: ErrorHelp): ModelSourceError {
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
  const advice =
    options.diagnose?.(target.url, error.cause).text ??
    'Check the address and the connection; from a page, the server must also allow other origins (CORS).';
  return sourceError(target, `${where} could not be fetched${times}: ${error.message}. ${advice} (${shownUrl(target.url)})`, null, error);
}

export function statusError(target: Target, response: Response, elsewhere: boolean, options: ErrorHelp): Error {
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
  if (status === 407) {
    const advice =
      options.diagnose?.(target.url, new Error('Proxy Authentication Required')).text ??
      'Give the proxy your name and password in the system settings.';
    return sourceError(target, `A proxy refused ${target.path} of ${target.source} (407). ${advice} (${shownUrl(target.url)})`, status);
  }
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

/** The error for 404 and 410 where the file is required. */
export function notFound(target: Target, status: number, options: ErrorHelp): ModelSourceError {
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

/** The hub's own header for it: `RateLimit: "resolvers";r=0;t=55`, r requests left, t seconds to wait. Pages cannot read it. */
function rateLimitMs(headers: Headers): number | null {
  const match = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('RateLimit') ?? '');
  return match ? (Number(match[1]) + 1) * 1000 : null;
}

/** Why fetch failed: Node hides the reason (ENOTFOUND …) in the cause, browsers give only a sentence. */
export function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.message) return cause.message;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof Error ? error.message : String(error);
}
