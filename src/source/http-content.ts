/** What an answer's headers and first bytes say about its content. */
import { ModelSourceError } from '../errors.ts';
import { type Answer, type HttpOptions, notFound, requestOnce, shownUrl, sourceError, type Target, withRetries } from './http-request.ts';

/** `bytes 0-99/1000` as start, end (exclusive) and total; null when absent, unreadable, or of unknown total. */
export function contentRange(headers: Headers): { start: number; end: number; total: number } | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('Content-Range') ?? '');
  return match ? { start: Number(match[1]), end: Number(match[2]) + 1, total: Number(match[3]) } : null;
}

/** The whole body of an answer. Errors: TransientError; ModelSourceError over `limit` bytes. */
export async function collect(answer: Answer, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.chunks) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit)
      throw new ModelSourceError(`The server sends more than ${limit} bytes where a short file was expected. Check the address.`);
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
    if (answer.status === 200) return collect(answer, 64 * 2 ** 20);
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

/** The error for it. */
export function webPage(target: Target): ModelSourceError {
  return sourceError(
    target,
    `The server answered with a web page instead of ${target.path} of ${target.source}: the address is wrong, or it asks to sign in. Give the address of the folder that holds config.json. (${shownUrl(target.url)})`,
    200,
  );
}

/** Refuses what hosts send in place of a file: a web page under another type, or a Git LFS pointer. */
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
