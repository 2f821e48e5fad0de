/** Turns the name of a model into the place it comes from, and an origin into the key of its entry. */
import { InputError } from '../../errors.ts';
import { hubIdOfPage, parseHubId } from '../../source/hub.ts';
import { sha256Hex } from '../keeping/hash.ts';
import type { KeptDtype, LibraryModel, Origin } from '../types.ts';
import { manifestVersion } from './manifest.ts';

/** What a name asks for, by its text alone: no host was asked yet. */
export type Asked = { text: string } & (
  | { kind: 'hub'; hub: string; id: string; revision: string }
  | { kind: 'url'; address: string }
  | { kind: 'other' }
);

/** `owner/name[@revision]`, the address of its page on this hub, another address, or any other name (that of an import, a key). */
export function parseName(name: string, hub: string, revision?: string): Asked {
  const base = hub.replace(/\/+$/, '');
  const id = hubIdOfPage(name, base) ?? parseHubId(name);
  if (id) return { text: name, kind: 'hub', hub: base, id: id.id, revision: revision ?? id.revision };
  if (/^https?:\/\//i.test(name)) return { text: name, kind: 'url', address: plainAddress(name) };
  return { text: name, kind: 'other' };
}

/** The folder of an address, without query and fragment: these may hold a signature, which must not be stored and is no part of the name. */
function plainAddress(text: string): string {
  try {
    const url = new URL(text);
    url.pathname = url.pathname.replace(/\/(config\.json|tokenizer\.json|model\.safetensors)$/, '/').replace(/\/?$/, '/');
    return `${url.origin}${url.pathname}`;
  } catch {
    return text;
  }
}

/** Whether an entry is what was asked: its key or name; same place and id, and the revision (unless any will do) by name or by commit. */
export function isAsked({ origin, name, key }: Pick<LibraryModel, 'origin' | 'name' | 'key'>, asked: Asked, anyRevision = false): boolean {
  if (asked.kind === 'other') return asked.text === key || asked.text === name;
  // An import is never found under the name of a hub's model, whatever its manifest says.
  if (asked.kind === 'url') return origin.kind === 'url' && origin.address === asked.address;
  if (origin.kind !== 'hub' || origin.hub !== asked.hub || origin.id.toLowerCase() !== asked.id.toLowerCase()) return false;
  const { revision } = asked;
  return anyRevision || origin.revision === revision || (/^[0-9a-f]{7,40}$/.test(revision) && origin.commit?.startsWith(revision) === true);
}

/**
 * The name of an import: the given one, else the last part of its source's. Errors: InputError for a given name that could be a hub's
 * model or an address: under such a name only files are kept that its host announced.
 */
export function ownName(given: string | undefined, source: string): string {
  const isForeign = (text: string) => parseHubId(text) !== null || /^https?:\/\//i.test(text);
  const name = given?.trim() ?? '';
  if (name === '')
    return (
      source
        .replace(/[/\\]+$/, '')
        .split(/[/\\]/)
        .at(-1)
        ?.trim() || 'model'
    );
  if (!isForeign(name)) return name;
  throw new InputError(
    `"${name.slice(0, 200)}" is the name of a model on a hub, or an address. Give what you import a name of its own, without a slash.`,
    {
      name: name.slice(0, 200),
    },
  );
}

/** What people see: `owner/name`, with a revision that is not main; an address; the name of an import. */
export function nameOf(origin: Origin): string {
  if (origin.kind === 'hub') return origin.revision === 'main' ? origin.id : `${origin.id}@${origin.revision}`;
  return origin.kind === 'url' ? origin.address : origin.name;
}

/**
 * Key of an entry: readable, a plain file name, and different for another place, commit or format. `identity` distinguishes entries of
 * the same origin: the announced hashes of a host without commits, the time of an import.
 */
export async function keyOf(origin: Origin, dtype: KeptDtype, identity: string): Promise<string> {
  const place = origin.kind === 'hub' ? [origin.hub, origin.id, origin.commit ?? origin.revision] : [nameOf(origin)];
  const all = JSON.stringify([manifestVersion, origin.kind, ...place, dtype, identity]);
  const hash = await sha256Hex(new TextEncoder().encode(all));
  const readable = nameOf(origin)
    .replace(/^https?:\/\//i, '')
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 80);
  return `${readable || 'model'}-${dtype}-${hash.slice(0, 10)}`;
}

/** Recognises the folders that affinage made among others. */
export const looksLikeKey = (name: string): boolean => /^[A-Za-z0-9][\w.-]*-(q4|q8|f16|f32|original)-[0-9a-f]{10}$/.test(name);
