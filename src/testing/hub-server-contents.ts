/** What the local hub holds: repositories, commits and objects, and who may see them. */
import { createHash } from 'node:crypto';

export interface StoredFile {
  bytes: Uint8Array;
  lfs: boolean;
  sha256: string;
  /** Git id of the blob; of the pointer for an LFS file, as in git. */
  oid: string;
}
export type Tree = ReadonlyMap<string, StoredFile>;
export type Access = 'public' | 'private' | 'gated';

export interface Repository {
  access: Access;
  licence: string | null;
  commits: Map<string, Tree>;
  /** Branches and tags. */
  refs: Map<string, string>;
}

export interface PublishOptions {
  access?: Access;
  /** Goes into the card's data; null: none. */
  licence?: string | null;
  /** Which files are LFS objects; default weights. */
  lfs?: (path: string) => boolean;
}

/** A refusal as the hub words it: `code` is its `X-Error-Code`. */
export interface Refusal {
  status: number;
  code: string | null;
  message: string;
}

export class HubContents {
  readonly objects = new Map<string, Uint8Array>();
  readonly #repositories = new Map<string, Repository>();
  readonly #accepted = new Set<string>();

  constructor(readonly token: string) {}

  publish(id: string, files: Readonly<Record<string, string | Uint8Array>>, options: PublishOptions): string {
    const { access, licence, lfs = path => /\.(safetensors|bin|onnx|pt|h5|msgpack)$/.test(path) } = options;
    const repository = this.#repositories.get(id) ?? { access: 'public', licence: null, commits: new Map(), refs: new Map() };
    this.#repositories.set(id, repository);
    if (access) repository.access = access;
    if (licence !== undefined) repository.licence = licence;
    const tree = new Map<string, StoredFile>();
    for (const [path, content] of Object.entries(files)) {
      const bytes = Buffer.from(content);
      const sha256 = hash('sha256', bytes);
      const isLfs = lfs(path);
      const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes.length}\n`;
      tree.set(path, { bytes, lfs: isLfs, sha256, oid: gitOid(isLfs ? Buffer.from(pointer) : bytes) });
      this.objects.set(xetHash(sha256), bytes);
    }
    const commit = hash('sha1', `${id} ${repository.commits.size} ${[...tree].map(([path, file]) => path + file.oid).join()}`);
    repository.commits.set(commit, tree);
    repository.refs.set('main', commit);
    return commit;
  }

  tag(id: string, name: string, commit: string): void {
    this.#repositories.get(id)?.refs.set(name, commit);
  }

  accept(id: string): void {
    this.#accepted.add(id);
  }

  /** Who may see what, as the hub says it: an unknown id and a private one look alike without a token. */
  find(
    id: string,
    revision: string,
    authorization: string | undefined,
    isApi: boolean,
  ): Refusal | { repository: Repository; commit: string; files: Tree } {
    const repository = this.#repositories.get(id);
    if (authorization !== undefined && authorization !== `Bearer ${this.token}`)
      return { status: 401, code: null, message: 'Invalid credentials in Authorization header' };
    const signedIn = authorization !== undefined;
    if (!repository && signedIn) return { status: 404, code: 'RepoNotFound', message: 'Repository not found' };
    if (!repository || (repository.access === 'private' && !signedIn))
      return { status: 401, code: null, message: 'Invalid username or password.' };
    if (repository.access === 'gated' && !isApi && !(signedIn && this.#accepted.has(id))) {
      const message = `Access to model ${id} is restricted. ${signedIn ? 'Visit its page to ask for access.' : 'Please log in.'}`;
      return { status: signedIn ? 403 : 401, code: 'GatedRepo', message };
    }
    const commit = repository.refs.get(revision) ?? revision;
    const files = repository.commits.get(commit);
    return files ? { repository, commit, files } : { status: 404, code: 'RevisionNotFound', message: `Invalid rev id: ${revision}` };
  }
}

/** What `/api/models/{id}/revision/{rev}` answers, of what clients read. */
export function infoOf(id: string, commit: string, repository: Repository, files: Tree): unknown {
  const { licence, access } = repository;
  return {
    id,
    modelId: id,
    author: id.split('/')[0],
    sha: commit,
    private: access === 'private',
    gated: access === 'gated' ? 'manual' : false,
    disabled: false,
    tags: ['transformers', 'modernbert', ...(licence ? [`license:${licence}`] : [])],
    cardData: licence ? { license: licence, language: ['fr'] } : {},
    siblings: [...files.keys()].map(rfilename => ({ rfilename })),
  };
}

/** What `/api/models/{id}/tree/{rev}` answers, all pages in one. */
export function entriesOf(files: Tree, recursive: boolean): { path: string }[] {
  const above = (path: string) => path.split('/').slice(0, -1);
  const folders = new Set([...files.keys()].flatMap(path => above(path).map((_, i, parts) => parts.slice(0, i + 1).join('/'))));
  return [
    ...[...folders].map(path => ({ type: 'directory', oid: hash('sha1', path), size: 0, path })),
    ...[...files].map(([path, file]) => ({
      type: 'file',
      oid: file.oid,
      size: file.bytes.length,
      ...(file.lfs && { lfs: { oid: file.sha256, size: file.bytes.length, pointerSize: 134 }, xetHash: xetHash(file.sha256) }),
      path,
    })),
  ].filter(({ path }) => recursive || !path.includes('/'));
}

function hash(kind: 'sha1' | 'sha256', content: string | Uint8Array): string {
  return createHash(kind).update(content).digest('hex');
}

/** Git's id of a file: sha1 of `blob <length>\0` and the bytes. */
export function gitOid(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** The storage's own id of an object, which is not its sha256. */
export function xetHash(sha256: string): string {
  return hash('sha256', `xet ${sha256}`);
}
