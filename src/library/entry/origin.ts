/** Asks the host what a name stands for, and opens the origin's files again when a chunk is broken. */
import { AffinageError, ModelSourceError } from '../../errors.ts';
import { withoutSecrets } from '../../source/address.ts';
import { HttpSource } from '../../source/http.ts';
import { defaultHub, hubSource } from '../../source/hub.ts';
import { describeHub } from '../../source/hub-describe.ts';
import type { RemoteModelInfo } from '../../source/remote.ts';
import type { ModelSource } from '../../source/source.ts';
import type { HubOrigin, Origin } from '../types.ts';
import type { LibraryContext } from './context.ts';
import type { KeptFile, SourceRecord } from './manifest.ts';
import type { Asked } from './names.ts';

/** Small, so that repairing a chunk fetches little more than the chunk itself. */
const mendWindowBytes = 512 * 2 ** 10;

export interface Described {
  info: RemoteModelInfo;
  origin: Origin;
  sources: SourceRecord[];
  /** Every file was announced with a hash. */
  announced: boolean;
  /** Distinguishes two states of a host that has no commits. */
  identity: string;
  /** As given, perhaps with a signature: for this pull only, never stored. */
  address: string;
}

/** What the host says of the model now. `name` as given: an address may hold a signature. Errors: ModelSourceError, ModelFileError; the signal's reason. */
export async function describeAsked(
  { hub, http, online }: LibraryContext,
  asked: Asked,
  name: string,
  { token, signal }: { token?: string; signal?: AbortSignal },
): Promise<Described> {
  if (asked.kind === 'other') {
    throw new ModelSourceError(
      `"${withoutSecrets(name)}" is neither in the library, nor an address (https://…), nor a hub id (owner/name or owner/name@revision). Check its spelling.`,
      { source: withoutSecrets(name) },
    );
  }
  if (!online) {
    throw new ModelSourceError(
      `${withoutSecrets(name)} is not in the library, and the network is switched off (HF_HUB_OFFLINE). Pull it while online, or import it from files.`,
      { source: withoutSecrets(name) },
    );
  }
  const where = asked.kind === 'hub' ? asked.id : name;
  const revision = asked.kind === 'hub' ? asked.revision : undefined;
  const info = await describeHub(where, { ...http, ...(token && { token }), hub, revision, signal });
  const origin: Origin =
    asked.kind === 'hub'
      ? { kind: 'hub', hub, id: asked.id, revision: asked.revision, commit: info.commit }
      : { kind: 'url', address: asked.address };
  const sources = info.files.map(({ path, sizeBytes, sha256, gitOid }) => ({ path, sizeBytes, sha256, gitOid }));
  return {
    info,
    origin,
    sources,
    address: name,
    announced: info.files.every(({ sha256, gitOid }) => sha256 !== null || gitOid !== null),
    identity:
      info.commit === null
        ? JSON.stringify(info.files.map(({ path, sizeBytes, sha256, gitOid, etag }) => [path, sizeBytes, sha256 ?? gitOid ?? etag]))
        : '',
  };
}

/**
 * The origin's files as they were kept: at the commit, where there is one. The token goes to our own hub only: an imported
 * manifest may name any. Errors: ModelSourceError when offline or when there is no such place.
 */
export function openOrigin(context: LibraryContext, origin: Origin, options: { token?: string; address?: string } = {}): ModelSource {
  const { hub, http, online } = context;
  if (!online) throw new ModelSourceError('The network is switched off (HF_HUB_OFFLINE).', {});
  const { token = http.token, address } = options;
  const { windowBytes = mendWindowBytes } = http;
  const { token: _, ...plain } = http;
  if (origin.kind === 'hub') {
    const sent = origin.hub === hub ? { token } : {};
    return hubSource(`${origin.id}@${origin.commit ?? origin.revision}`, {
      ...plain,
      ...sent,
      windowBytes,
      hub: origin.hub,
      name: origin.id,
    });
  }
  // An imported manifest may name any hub. Only the hubs that a pull would ask are contacted.
  if (origin.kind === 'files' && origin.copyOf && isAskedHub(hub, origin.copyOf)) return openOrigin(context, origin.copyOf, options);
  if (origin.kind === 'url') return new HttpSource(address ?? origin.address, { ...plain, windowBytes });
  throw new ModelSourceError(`${origin.name} was imported from files.`, { source: origin.name });
}

/** The hubs that a pull would ask: the one that is set, and the public one. */
export const isAskedHub = (hub: string, origin: HubOrigin): boolean => origin.hub === hub || origin.hub === defaultHub;

/**
 * Whether every file has the hash that the hub announces for it at this commit. False also where the hub cannot be reached or announces
 * no hashes. `gitOid`: returns git's id of one of the files. Errors: the signal's reason.
 */
export async function isAnnounced(
  { hub, http, online }: LibraryContext,
  origin: HubOrigin,
  files: readonly KeptFile[],
  gitOid: (path: string) => Promise<string>,
  signal?: AbortSignal,
): Promise<boolean> {
  if (!online || origin.commit === null || !isAskedHub(hub, origin)) return false;
  const sent = origin.hub === hub ? {} : { token: undefined };
  let info: RemoteModelInfo;
  try {
    info = await describeHub(origin.id, { ...http, ...sent, hub: origin.hub, revision: origin.commit, signal });
  } catch (error) {
    if (error instanceof AffinageError) return false;
    throw error;
  }
  if (info.commit !== origin.commit) return false;
  const announced = new Map(info.files.map(file => [file.path, file]));
  for (const { path, sha256 } of files) {
    const file = announced.get(path);
    if (!file || !(file.sha256 ?? file.gitOid)) return false;
    if (file.sha256 !== null ? file.sha256 !== sha256 : file.gitOid !== (await gitOid(path))) return false;
  }
  return true;
}
