/** The hub's API: a model's commit, licence and list of files. The assumptions about it are listed in `hub.ts`. */
import { ModelSourceError } from '../errors.ts';
import { shownUrl } from './address.ts';
import { collect, isWebPage, webPage } from './http-content.ts';
import type { Target } from './http-errors.ts';
import { type Answer, requestOnce, withRetries } from './http-request.ts';
import { defaultHub, resolveBase } from './hub.ts';
import type { Listing, Place } from './hub-place.ts';
import { parseJsonText } from './json-text.ts';
import { checkPath } from './path.ts';
import type { RemoteFile } from './remote.ts';

type Hub = NonNullable<Place['hub']>;

/** Most pages of a file list that are read: 20 000 entries. */
const mostPages = 20;

/** The tree of a model at the commit its revision stands for. Null where the host has no such API. Errors: ModelSourceError. */
export async function apiListing(place: Place, hub: Hub): Promise<Listing | null> {
  const api = `${hub.base}/api/models/${hub.id}`;
  let info: unknown;
  try {
    info = await json(place, hub, new URL(`${api}/revision/${encodeURIComponent(hub.revision)}`));
  } catch (error) {
    // A mirror may have files only, or allow pages of other origins to read files only. Then go on without the API; the hub itself always has one.
    const unreachable = error instanceof ModelSourceError && error.details.status === undefined;
    if (unreachable && hub.base !== defaultHub) return null;
    throw error;
  }
  const commit = text(property(info, 'sha'));
  if (!commit || !/^[0-9a-f]{40}$/.test(commit)) return null;
  const files = new Map<string, RemoteFile>();
  let page: URL | null = new URL(`${api}/tree/${commit}?recursive=true`);
  for (let n = 0; page && n < mostPages; n++) {
    let next: string | null = null;
    const entries = await json(place, hub, page, headers => {
      next = nextLink(headers);
    });
    if (!Array.isArray(entries)) return null;
    for (const entry of entries) {
      const file = remoteFile(entry, resolveBase(hub.base, hub.id, commit));
      if (file) files.set(file.path, file);
    }
    page = next === null ? null : nextPage(page, next);
  }
  // The file list of a gated model is public. Whether this token may read the files shows only by asking for one.
  if (property(info, 'gated')) await probeGate(place, hub, commit);
  return {
    commit,
    licence: licenceOf(info),
    paths: [...files.keys()],
    find: path => Promise.resolve(files.get(path) ?? null),
  };
}

/** JSON of the API; undefined where the host has none (404 without the hub's own error code, or a web page). Errors: ModelSourceError. */
async function json(place: Place, hub: Hub, url: URL, onHeaders?: (headers: Headers) => void): Promise<unknown> {
  const target: Target = { url, path: 'the description', source: place.name };
  return withRetries(target, place.options, place.signal, async () => {
    const answer = await requestOnce(target, { handles: [400, 401, 403, 405, 501] }, place.options, place.signal);
    if (answer.status !== 200) {
      answer.cancel();
      // A static host may refuse paths that it does not have. Only a hub gives the reason in a header.
      const isHub = hub.base === defaultHub || answer.headers.has('X-Error-Code') || answer.headers.has('X-Error-Message');
      const refusal = isHub ? refusalOf(place, hub, answer) : null;
      if (refusal) throw refusal;
      return undefined;
    }
    // The hub never answers with a web page here: it comes from a sign-in page or a filter of the network.
    if (isWebPage(answer.headers) && (hub.base === defaultHub || answer.elsewhere)) {
      answer.cancel();
      throw webPage(target, answer.host);
    }
    onHeaders?.(answer.headers);
    const bytes = await collect(answer, 64 * 2 ** 20, target);
    try {
      return parseJsonText(bytes);
    } catch {
      return undefined;
    }
  });
}

async function probeGate(place: Place, hub: Hub, commit: string): Promise<void> {
  const url = new URL(`${resolveBase(hub.base, hub.id, commit)}config.json`);
  const target: Target = { url, path: 'config.json', source: place.name };
  await withRetries(target, place.options, place.signal, async () => {
    const answer = await requestOnce(target, { range: [0, 1], handles: [401, 403] }, place.options, place.signal);
    answer.cancel();
    const refusal = refusalOf(place, hub, answer);
    if (refusal && answer.status !== 404) throw refusal;
  });
}

/** The error for a refusal of the hub, with its meaning and remedy. Null when the answer is no refusal, or not from a hub. */
export function refusalOf(place: Place, hub: Hub, answer: Pick<Answer, 'status' | 'headers'>): ModelSourceError | null {
  const { status, headers } = answer;
  const code = headers.get('X-Error-Code');
  const hasToken = Boolean(place.options.token);
  const page = `${hub.base}/${hub.id}`;
  const make = (text: string, needsToken: boolean, gated = false) =>
    new ModelSourceError(text, {
      source: place.name,
      path: hub.id,
      url: shownUrl(place.base),
      status,
      ...(needsToken && { needsToken }),
      ...(gated && { gated }),
      ...(code && { code }),
    });
  if (code === 'GatedRepo') {
    const then = hasToken
      ? 'with the account of this token, and let the token read gated models'
      : 'with your account there, then give a token of that account';
    return make(`${hub.id} is given out only to who has accepted its terms (${status}). Open ${page} and accept them ${then}.`, true, true);
  }
  if (code === 'RevisionNotFound')
    return make(`${hub.id} has no revision "${hub.revision}" (${status}). See ${page}/tree/main for those it has.`, false);
  if (status === 401 && hasToken)
    return make(
      `${hub.base} refuses the token for ${hub.id} (401): it is mistyped or expired. Make a new one at ${hub.base}/settings/tokens.`,
      true,
    );
  if (status === 401 || code === 'RepoNotFound') {
    const remedy = hasToken
      ? 'or the token may not read it. Check both'
      : 'or it is private. Check the spelling; for a private model give a token that may read it';
    return make(`${hub.base} knows no ${hasToken ? 'model' : 'public model'} ${hub.id} (${status}): the id is misspelt, ${remedy}.`, true);
  }
  if (status === 403) {
    const remedy = hasToken ? 'The token may not read it: check its rights.' : 'Give a token that may read it.';
    return make(`${hub.base} refuses ${hub.id} (403). ${remedy}`, true);
  }
  return null;
}

/** The next page's address: only the query is taken from the link, so that the token cannot be led to another host. */
function nextPage(page: URL, link: string): URL {
  const url = new URL(page);
  url.search = new URL(link, page).search;
  return url;
}

function nextLink(headers: Headers): string | null {
  return /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('Link') ?? '')?.[1] ?? null;
}

function remoteFile(entry: unknown, base: string): RemoteFile | null {
  const path = text(property(entry, 'path'));
  const size = property(entry, 'size');
  if (property(entry, 'type') !== 'file' || !path || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  const lfs = property(entry, 'lfs');
  const sha256 = hex(property(lfs, 'oid'), 64);
  // For an LFS file git's id is that of the pointer file, not of the bytes.
  const gitOid = lfs ? null : hex(property(entry, 'oid'), 40);
  const url = base + checkPath(path).split('/').map(encodeURIComponent).join('/');
  return { path, url, sizeBytes: size, sha256, gitOid, etag: null };
}

function licenceOf(info: unknown): string | null {
  const named = property(property(info, 'cardData'), 'license');
  const first: unknown = Array.isArray(named) ? named[0] : named;
  if (text(first)) return text(first);
  const tags = property(info, 'tags');
  const tag = Array.isArray(tags) ? tags.find(tag => typeof tag === 'string' && tag.startsWith('license:')) : undefined;
  return typeof tag === 'string' ? tag.slice('license:'.length) : null;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function hex(value: unknown, length: number): string | null {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value) ? value : null;
}
