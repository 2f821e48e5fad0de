/** The Hugging Face hub and its mirrors. Every assumption about the hub is in this file. */
import { ModelSourceError } from '../errors.ts';
import { type HttpOptions, HttpSource } from './http.ts';

const defaultHub = 'https://huggingface.co';

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

/**
 * A model on the hub, by id or page address. `hub`: base URL, for mirrors.
 * Errors: ModelSourceError on an id that is none.
 */
export function hubSource(text: string, { hub = defaultHub, ...options }: HttpOptions & { hub?: string } = {}): HttpSource {
  const base = hub.replace(/\/+$/, '');
  const parsed = parseHubId(text) ?? hubIdOfPage(text, base);
  if (!parsed) {
    throw new ModelSourceError(
      `"${text.slice(0, 200)}" is neither "mini", an address (https://…), a folder, nor a hub id (owner/name or owner/name@revision). Check its spelling.`,
      { source: text.slice(0, 200) },
    );
  }
  const { id, revision } = parsed;
  const name = revision === 'main' ? id : `${id}@${revision}`;
  return new HttpSource(`${base}/${id}/resolve/${encodeURIComponent(revision)}/`, {
    name,
    // The hub answers 401 for an unknown id as it does for a private one.
    remedy: `Check that ${base}/${id} opens in a browser without signing in${revision === 'main' ? '' : ` and has the revision ${revision}`}, and that it lists this file; a private or gated model must be downloaded first and opened as a folder.`,
    ...options,
  });
}

/** What every place does alike with a string: an address, a page of the hub, or a hub id. */
export function openByName(source: string, options: HttpOptions & { hub?: string } = {}): HttpSource {
  const isAddress = /^https?:\/\//i.test(source);
  if (!isAddress || hubIdOfPage(source, options.hub)) return hubSource(source, options);
  const { hub: _, ...http } = options;
  return new HttpSource(source, http);
}
