/** A model on a host without the hub's API: what the headers of each file say. */

import { shownUrl } from './address.ts';
import { collect, contentRange, isWebPage } from './http-content.ts';
import { sourceError, type Target } from './http-errors.ts';
import { type Answer, requestOnce, withRetries } from './http-request.ts';
import { hex, refusalOf } from './hub-api.ts';
import { type Listing, type Place, targetOf } from './hub-place.ts';
import type { RemoteFile } from './remote.ts';

/** Bodies up to this are read to learn their size where the host says nothing reliable. */
const countedBytes = 64 * 2 ** 20;

/** Asks file by file. Errors: ModelSourceError. */
export async function probeListing(place: Place): Promise<Listing> {
  const known = new Map<string, Promise<Probe | null>>();
  const pages = new Map<string, string>();
  const probe = (path: string) => {
    const asked = known.get(path) ?? probeFile(place, path, pages);
    known.set(path, asked);
    return asked;
  };
  const config = await probe('config.json');
  return {
    commit: config?.commit ?? null,
    licence: await licenceOfCard(place, await probe('README.md')),
    paths: null,
    pages,
    find: async path => (await probe(path))?.file ?? null,
  };
}

interface Probe {
  file: RemoteFile;
  commit: string | null;
}

/** Asks for one byte with GET, which hosts answer like the real read; that is not so for HEAD. Null when the file does not exist. */
async function probeFile(place: Place, path: string, pages: Map<string, string>): Promise<Probe | null> {
  const target = targetOf(place, path);
  return withRetries(target, place.options, place.signal, async () => {
    const answer = await requestOnce(target, { range: [0, 1], handles: [401, 403] }, place.options, place.signal);
    if (answer.status === 401 || answer.status === 403) {
      answer.cancel();
      throw refusal(place, target, answer);
    }
    // A host of a single-page app answers every unknown path with its page.
    const isPage = isWebPage(answer.headers);
    if (answer.status === 404 || answer.status === 410 || isPage) {
      answer.cancel();
      if (isPage && answer.status < 300) pages.set(path, answer.host);
      const revision = place.hub && refusalOf(place, place.hub, answer);
      if (revision) throw revision;
      return null;
    }
    // Before the body is dropped, as counting its bytes may be the only way to learn the size.
    const sizeBytes = await sizeOf(place, target, answer);
    let headers = answer.headers;
    answer.cancel();
    if (answer.elsewhere && !headers.get('X-Linked-Etag')) headers = (await redirectHeaders(place, target)) ?? headers;
    return {
      file: { path, url: target.url.href, sizeBytes, ...announced(headers), etag: versionOf(answer.headers) },
      commit: commitOf(headers),
    };
  });
}

/** Hashes that a hub or a mirror of it announces. A plain `ETag` counts as a hash only together with `X-Repo-Commit`. */
function announced(headers: Headers): { sha256: string | null; gitOid: string | null } {
  const linked = headers.get('X-Linked-Etag') ?? (commitOf(headers) ? headers.get('ETag') : null);
  const id = linked?.trim().replace(/^W\//, '').replaceAll('"', '').toLowerCase();
  return { sha256: hex(id, 64), gitOid: hex(id, 40) };
}

function commitOf(headers: Headers): string | null {
  return hex(headers.get('X-Repo-Commit'), 40);
}

/** A text that changes when the file does: its ETag, else its date. Null where the host sends neither. */
export function versionOf(headers: Headers): string | null {
  const etag = headers.get('ETag')?.trim().replace(/^W\//, '');
  return etag ?? headers.get('Last-Modified');
}

/** The headers of the redirect, which hold the commit and the hash. Node can read them, a page cannot. */
async function redirectHeaders(place: Place, target: Target): Promise<Headers | null> {
  const answer = await requestOnce(
    target,
    { method: 'HEAD', redirect: 'manual', handles: [400, 401, 403, 405, 501, 0] },
    place.options,
    place.signal,
  );
  answer.cancel();
  return answer.headers.get('X-Linked-Etag') ? answer.headers : null;
}

async function sizeOf(place: Place, target: Target, answer: Answer): Promise<number> {
  const range = answer.headers.get('Content-Range');
  if (answer.status === 416) {
    if (range === 'bytes */0') return 0;
  } else if (answer.status === 206) {
    const total = contentRange(answer.headers)?.total;
    if (total !== undefined) return total;
  } else {
    const length = lengthOf(answer);
    // A short body may be compressed for the transfer, and its length is then not the file's.
    if (length !== null && length > countedBytes) return length;
    return (await collect(answer, countedBytes)).length;
  }
  answer.cancel();
  const head = await requestOnce(target, { method: 'HEAD' }, place.options, place.signal);
  head.cancel();
  const length = lengthOf(head);
  if (head.status === 200 && length !== null) return length;
  throw sourceError(
    target,
    `The server hides the size of ${target.path} of ${place.name}. Let it send "Access-Control-Expose-Headers: Content-Range", or download the model and open its folder. (${shownUrl(target.url)})`,
    answer.status,
  );
}

function lengthOf(answer: Answer): number | null {
  const length = answer.headers.get('Content-Length');
  return length !== null && /^\d+$/.test(length) ? Number(length) : null;
}

function refusal(place: Place, target: Target, answer: Answer): Error {
  const byHub = place.hub && refusalOf(place, place.hub, answer);
  return (
    byHub ??
    sourceError(
      target,
      `The server refuses ${target.path} of ${place.name} (${answer.status}). It is private, or not there: check the address, or download it where you have access and open the folder. (${shownUrl(target.url)})`,
      answer.status,
    )
  );
}

/** `license:` in the front matter of a card; null when there is none or it cannot be read. */
async function licenceOfCard(place: Place, card: Probe | null): Promise<string | null> {
  if (!card || card.file.sizeBytes === 0) return null;
  const target = targetOf(place, card.file.path);
  const end = Math.min(card.file.sizeBytes, 65_536);
  const bytes = await withRetries(target, place.options, place.signal, async () =>
    collect(await requestOnce(target, { range: [0, end] }, place.options, place.signal), countedBytes),
  );
  const matter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(new TextDecoder().decode(bytes))?.[1] ?? '';
  return /^license:[ \t]*["']?([\w.+-]+)/m.exec(matter)?.[1] ?? null;
}
