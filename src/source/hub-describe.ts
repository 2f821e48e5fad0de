/** What a hub, a mirror or a static host says about a model before it is downloaded: files, sizes, hashes, commit, licence. */
import { ModelFileError, ModelSourceError } from '../errors.ts';
import { shownUrl, withoutSecrets } from './address.ts';
import { HttpSource } from './http.ts';
import { readText, webPage } from './http-content.ts';
import type { Target } from './http-errors.ts';
import type { HttpOptions } from './http-request.ts';
import { defaultHub, hubIdOfPage, parseHubId, resolveBase } from './hub.ts';
import { apiListing } from './hub-api.ts';
import { probeListing } from './hub-headers.ts';
import { type Listing, type Place, targetOf } from './hub-place.ts';
import { parseJsonText } from './json-text.ts';
import { layoutOf, type ModelLayout, modulesFile, sentencePaths } from './modules.ts';
import { checkPath } from './path.ts';
import type { RemoteFile, RemoteModelInfo } from './remote.ts';

export interface DescribeOptions extends HttpOptions {
  /** Base address, for mirrors. Default https://huggingface.co. */
  hub?: string;
  /** Branch, tag or commit; default the one in the id (`owner/name@revision`), else main. */
  revision?: string;
  signal?: AbortSignal;
}

const small = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', 'README.md'];
const required = new Set(['config.json', 'tokenizer.json']);
const licenceFiles = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE'];
const indexFile = 'model.safetensors.index.json';
/** Formats that run code when they are read. */
const pickles = /\.(bin|pt|pth|ckpt|pkl|pickle|joblib)$/;

/**
 * Describes a model by hub id (`owner/name`, `owner/name@revision`), by the address of its page on the hub, or by the address of a folder
 * on any host. Uses the hub's API where there is one, else the headers of each file; announced hashes may then be null.
 * A token goes to the hub's own origin only, never to a plain address.
 * Errors: ModelSourceError with `status`, and `needsToken: true` where a token may help; ModelFileError on a hostile index.
 */
export async function describeHub(id: string, options: DescribeOptions = {}): Promise<RemoteModelInfo> {
  const place = placeOf(id, options);
  const listing = (place.hub && (await apiListing(place, place.hub))) ?? (await probeListing(place));
  const files = await chooseFiles(place, listing);
  const commit = listing.commit;
  return { name: place.name, commit, revision: place.hub?.revision ?? null, licence: listing.licence, files };
}

function placeOf(text: string, { hub = defaultHub, revision, signal, ...http }: DescribeOptions): Place {
  // Not from a cache: the present state is wanted.
  const options: HttpOptions = { cache: 'no-store', ...http };
  const base = hub.replace(/\/+$/, '');
  const isAddress = /^https?:\/\//i.test(text);
  const parsed = isAddress ? hubIdOfPage(text, base) : parseHubId(text);
  if (parsed) {
    const wanted = revision ?? parsed.revision;
    if (!parseHubId(`${parsed.id}@${wanted}`))
      throw new ModelSourceError(`"${wanted.slice(0, 200)}" cannot be a revision. Give a branch, a tag or a commit.`, {
        source: parsed.id,
      });
    return {
      name: parsed.id,
      base: new URL(resolveBase(base, parsed.id, wanted)),
      hub: { base, id: parsed.id, revision: wanted },
      options,
      signal,
    };
  }
  // The constructor throws an error for a wrong address.
  const source = isAddress ? new HttpSource(text) : null;
  if (!source) {
    const shown = withoutSecrets(text);
    throw new ModelSourceError(`"${shown}" is neither an address (https://…) nor a hub id (owner/name). Check its spelling.`, {
      source: shown,
    });
  }
  const { token: _, ...withoutToken } = options;
  const { authorization } = source;
  return { name: source.name, base: source.base, hub: null, options: { ...withoutToken, ...(authorization && { authorization }) }, signal };
}

/** Config, tokenizer, card, licences, and the weights: one file, or the shards that the index names. */
async function chooseFiles(place: Place, listing: Listing): Promise<RemoteFile[]> {
  const layout = await layoutAt(place, listing);
  const { folder } = layout;
  const licences = listing.paths ? listing.paths.filter(path => /^LICEN[CS]E(\.\w+)?$/i.test(path)) : licenceFiles;
  const wanted = new Set([...small.map(path => folder + path), 'README.md', ...sentencePaths(layout), ...licences]);
  const found = await Promise.all([...wanted].map(path => listing.find(path)));
  const files = found.filter(file => file !== null);
  for (const path of required) if (!files.some(file => file.path === folder + path)) throw absent(place, listing, folder + path);
  const whole = await listing.find(`${folder}model.safetensors`);
  if (whole) return [...files, whole];
  const index = await listing.find(folder + indexFile);
  if (!index) throw noWeights(place, listing);
  const shards = await Promise.all(
    (await shardsOf(place, index)).map(
      async path => (await listing.find(folder + path)) ?? Promise.reject(missing(place, path, indexFile)),
    ),
  );
  return [...files, index, ...shards];
}

/** Where the parts of a sentence-transformers folder lie. Errors: ConfigError, ModelFileError. */
async function layoutAt(place: Place, listing: Listing): Promise<ModelLayout> {
  const modules = await listing.find(modulesFile);
  if (!modules) return { folder: '', modules: null };
  const text = await readText({ url: new URL(modules.url), path: modules.path, source: place.name }, place.options, place.signal);
  return layoutOf(new TextEncoder().encode(text), place.name);
}

/** Shard names of an index, sorted. Errors: ModelFileError on one that is no index or names another kind of file. */
async function shardsOf(place: Place, index: RemoteFile): Promise<string[]> {
  const target: Target = { url: new URL(index.url), path: index.path, source: place.name };
  const text = await readText(target, place.options, place.signal);
  let map: unknown;
  try {
    const json = parseJsonText(new TextEncoder().encode(text));
    map = typeof json === 'object' && json !== null && 'weight_map' in json ? json.weight_map : null;
  } catch {
    map = null;
  }
  const names: unknown[] = typeof map === 'object' && map !== null ? [...new Set(Object.values(map))] : [];
  const details = { path: indexFile, source: place.name };
  if (names.length === 0 || names.length > 1000)
    throw new ModelFileError(`${indexFile} of ${place.name} is no index of shards: its "weight_map" is absent or unusable.`, details);
  return names
    .map(name => {
      if (typeof name === 'string' && name.endsWith('.safetensors')) return checkPath(name);
      const shown = String(name).slice(0, 200);
      throw new ModelFileError(
        `${indexFile} of ${place.name} names "${shown}", which is no safetensors file. Do not trust this model.`,
        details,
      );
    })
    .sort();
}

/** The error for a missing file; if a web page came in its place, the error says which host sent it. */
function absent(place: Place, listing: Listing, path: string): ModelSourceError {
  const host = listing.pages?.get(path);
  return host === undefined ? missing(place, path) : webPage(targetOf(place, path), host);
}

function missing(place: Place, path: string, because?: string): ModelSourceError {
  const why = because
    ? `which its ${because} names: the model is incomplete there. Try another revision or mirror`
    : path.endsWith('tokenizer.json')
      ? 'the fast tokenizer that affinage reads. Convert it with transformers (save_pretrained) or choose another model'
      : 'so it is no model of this kind. Check the id or the address: it must be the folder that holds config.json';
  const details = { source: place.name, path, url: shownUrl(place.base), status: 404 };
  return new ModelSourceError(`${place.name} has no ${path}, ${why}.`, details);
}

function noWeights(place: Place, listing: Listing): ModelSourceError {
  const unsafe = listing.paths?.filter(path => pickles.test(path)) ?? [];
  const details = { source: place.name, path: 'model.safetensors', url: shownUrl(place.base), status: 404, pickles: unsafe };
  if (unsafe.length === 0)
    return new ModelSourceError(
      `${place.name} has neither model.safetensors nor ${indexFile}. Choose a model with safetensors weights.`,
      details,
    );
  const list = unsafe.slice(0, 5).join(', ');
  return new ModelSourceError(
    `${place.name} keeps its weights only in a format that can run code when it is read (${list}), which affinage refuses. Choose a revision with safetensors weights, or convert them.`,
    details,
  );
}
