/**
 * The Hugging Face hub and its mirrors. Every assumption about the hub is listed here and used in this file,
 * `hub-describe.ts` and `hub-headers.ts`; the local hub of the tests (`testing/hub-server.ts`) behaves according to the same list.
 *
 * Files
 * - `{hub}/{owner}/{name}/resolve/{revision}/{path}` answers GET and HEAD; a revision is a branch, a tag or a commit (40 hex digits),
 *   with its slashes escaped. At a commit a file never changes.
 * - Large files (LFS) are redirected (302) to a signed address on another origin, which answers ranges, allows every origin (CORS), and
 *   expires: then it says 403, and the first address gives a fresh one. Small files are redirected (307) within the hub.
 * - The redirect says `X-Repo-Commit`, `X-Linked-Etag` (sha256 of an LFS file, git blob id of a small one) and `X-Linked-Size` (LFS).
 *   A page cannot read the headers of a redirect, only of the last answer. There, `ETag` is the git blob id of a small file, but for a
 *   large one the storage's own id of the content, which may differ from one of its hosts to the next: it identifies nothing.
 * - Exposed to pages: those headers, `ETag`, `Content-Range`, `Link`, `X-Error-Code`, `X-Error-Message`; neither `Retry-After` nor `RateLimit`.
 *
 * API
 * - `/api/models/{id}/revision/{revision}`: `sha` (the commit), `gated` (false, or a word), `private`, `cardData.license`, `tags`.
 *   Readable for a gated model too, whose files then answer 401 or 403 with `X-Error-Code: GatedRepo`.
 * - `/api/models/{id}/tree/{commit}?recursive=true`: entries `{type, path, size, oid, lfs?: {oid, size}}`, in pages of 1000 joined by
 *   `Link: <…>; rel="next"`. `lfs.oid` is the sha256; `oid` is the git blob id, of an LFS file the id of its pointer.
 *
 * Refusals
 * - An unknown id answers 401 to who gives no token, as a private one does, and 404 (`RepoNotFound`) to who gives one.
 *   A wrong token is refused (401) for public models too. Unknown revision: 404 `RevisionNotFound`. Unknown file: 404 `EntryNotFound`.
 * - Too many requests: 429 with `RateLimit: "resolvers";r=0;t=<seconds>` over windows of 5 minutes.
 */
import { ModelSourceError } from '../errors.ts';
import { withoutSecrets } from './address.ts';
import { type HttpOptions, HttpSource } from './http.ts';

export const defaultHub = 'https://huggingface.co';

export interface HubId {
  /** `owner/name`. */
  id: string;
  /** Branch, tag or commit. */
  revision: string;
}

/** Reads `owner/name` or `owner/name@revision`; null when it cannot be one (the hub's own rules for names). */
export function parseHubId(text: string): HubId | null {
  const match = /^([\w.-]{1,96}\/[\w.-]{1,96})(?:@([\w./-]{1,200}))?$/.exec(text);
  if (!match) return null;
  const [, id = '', revision = 'main'] = match;
  const badName = id.split('/').some(part => /^[.-]|[.-]$|\.\.|--/.test(part));
  return badName || revision.split('/').some(part => part === '' || part === '.' || part === '..') ? null : { id, revision };
}

/** The id behind the address of a model's page on this hub (`…/owner/name`, `…/owner/name/tree/main`); null for any other address. */
export function hubIdOfPage(url: string, hub = defaultHub): HubId | null {
  const base = hub.replace(/\/+$/, '');
  if (!url.startsWith(`${base}/`)) return null;
  const [path = ''] = url.slice(base.length + 1).split(/[?#]/);
  const match = /^([^/]+\/[^/]+?)\/?(?:\/(?:tree|blob|resolve)\/([^/]+)(?:\/.*)?)?$/.exec(path);
  return match ? parseHubId(match[2] ? `${match[1]}@${match[2]}` : (match[1] ?? '')) : null;
}

/** The address under which a revision's files are, with a trailing slash. */
export function resolveBase(base: string, id: string, revision: string): string {
  return `${base}/${id}/resolve/${encodeURIComponent(revision)}/`;
}

/**
 * A model on the hub, by id or page address. `hub`: base URL, for mirrors.
 * Errors: ModelSourceError on an id that is none.
 */
export function hubSource(text: string, { hub = defaultHub, ...options }: HttpOptions & { hub?: string } = {}): HttpSource {
  const base = hub.replace(/\/+$/, '');
  const parsed = parseHubId(text) ?? hubIdOfPage(text, base);
  if (!parsed) {
    throw new ModelSourceError(
      `"${withoutSecrets(text)}" is neither "mini", an address (https://…), a folder, nor a hub id (owner/name or owner/name@revision). Check its spelling.`,
      { source: withoutSecrets(text) },
    );
  }
  const { id, revision } = parsed;
  const name = revision === 'main' ? id : `${id}@${revision}`;
  return new HttpSource(resolveBase(base, id, revision), {
    name,
    // The hub answers 401 for an unknown id as it does for a private one.
    remedy: `Check that ${base}/${id} opens in a browser without signing in${revision === 'main' ? '' : ` and has the revision ${revision}`}, and that it lists this file; a private or gated model must be downloaded first and opened as a folder.`,
    ...options,
  });
}

/** Opens what a string names, in the same way everywhere: an address, a page of the hub, or a hub id. */
export function openByName(source: string, options: HttpOptions & { hub?: string } = {}): HttpSource {
  const isAddress = /^https?:\/\//i.test(source);
  if (!isAddress || hubIdOfPage(source, options.hub)) return hubSource(source, options);
  // A token is for the hub; other hosts must not see it.
  const { hub: _, token: __, ...http } = options;
  return new HttpSource(source, http);
}
