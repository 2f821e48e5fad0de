/** What an answer's headers and first bytes say about its content. */
import { ModelSourceError } from '../errors.ts';
import { shownUrl } from './address.ts';
import { notFound, sourceError, type Target } from './http-errors.ts';
import { type Answer, type HttpOptions, requestOnce, withRetries } from './http-request.ts';

/** `bytes 0-99/1000` as start, end (exclusive) and total; null when absent, unreadable, or of unknown total. */
export function contentRange(headers: Headers): { start: number; end: number; total: number } | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('Content-Range') ?? '');
  return match ? { start: Number(match[1]), end: Number(match[2]) + 1, total: Number(match[3]) } : null;
}

/** The whole body of an answer, unpacked. Errors: TransientError; ModelSourceError over `limit` bytes, read or announced. */
export async function collect(answer: Answer, limit = Number.POSITIVE_INFINITY, target?: Target): Promise<Uint8Array<ArrayBuffer>> {
  const tooLong = () => {
    const what = target ? `${target.path} of ${target.source}` : 'the file';
    return new ModelSourceError(
      `The server sends more than ${limit} bytes for ${what}, where a short file was expected. Check the address.`,
    );
  };
  if (Number(answer.headers.get('Content-Length')) > limit) {
    answer.cancel();
    throw tooLong();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.chunks) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) throw tooLong();
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** A short text file, whole. Errors: ModelSourceError. */
export async function readText(target: Target, options: HttpOptions, signal?: AbortSignal): Promise<string> {
  const bytes = await withRetries(target, options, signal, async () => {
    const answer = await requestOnce(target, {}, options, signal);
    if (answer.status === 200) return collect(answer, 64 * 2 ** 20, target);
    answer.cancel();
    throw notFound(target, answer.status, options);
  });
  checkContent(target, bytes);
  return new TextDecoder().decode(bytes);
}

/** A web page by its type: what hosts send in place of a file, with status 200. */
export function isWebPage(headers: Headers): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(headers.get('Content-Type') ?? '');
}

/** The error for a web page in place of a file. `host`: the one that sent it, after redirects. */
export function webPage(target: Target, host = target.url.host): ModelSourceError {
  const by = host === target.url.host ? '' : ` of ${host}`;
  return sourceError(
    target,
    `A web page${by} came instead of ${target.path} of ${target.source}: the address is wrong, or the host or your network asks you to sign in first. Open ${shownUrl(target.url)} in a browser: sign in there if it asks, else give the address of the folder that holds config.json.`,
    200,
  );
}

/** Refuses what some hosts send in place of a file: a web page with another content type, or a Git LFS pointer. */
export function checkContent(target: Target, bytes: Uint8Array): void {
  const head = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().toLowerCase();
  if (head.startsWith('<!doctype html') || head.startsWith('<html')) throw webPage(target);
  if (head.startsWith('version https://git-lfs')) {
    throw sourceError(
      target,
      `${target.path} of ${target.source} is a Git LFS pointer, not the file itself. Give an address that serves the file (on a hub: …/resolve/main/). (${shownUrl(target.url)})`,
      200,
    );
  }
}
