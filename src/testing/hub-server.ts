/**
 * A local hub for tests: the routes, headers, redirects, refusals and CORS of the Hugging Face hub as its clients see them
 * (source/hub-api.ts lists what we rely on), on two ports, so that redirects to its storage cross origins as they do there.
 * It can misbehave on demand (`fault`), and keeps a log of every request.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HubFault, type HubRequest, rangeOf, sendFile, sendStatus } from './hub-server-body.ts';
import {
  entriesOf,
  HubContents,
  infoOf,
  type PublishOptions,
  type Refusal,
  type StoredFile,
  type Tree,
  xetHash,
} from './hub-server-contents.ts';

export type { HubFault, HubRequest } from './hub-server-body.ts';

export interface HubOptions {
  /** False: a mirror or static host without `/api`. Default true. */
  api?: boolean;
  /** False: files come from the hub's own origin, as many mirrors do. Default true. */
  redirects?: boolean;
  /** False: no X- headers and no ETag, as a plain static host. Default true. */
  announces?: boolean;
  /** Whether the storage answers CORS preflights; a plain GET with one range needs none. Default true. */
  cdnPreflight?: boolean;
  /** Entries on one page of a tree. Default 1000. */
  pageSize?: number;
}

/** As the hub answers; `Retry-After` and `RateLimit` are not among them: a page cannot read those. */
const exposed =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash';

const isFileRequest = (request: HubRequest) => request.route === 'cache' || request.route === 'object';

export class HubServer {
  /** Opens private repositories, and gated ones whose terms were accepted (`accept`). */
  readonly token = 'hf_localHubTestToken';
  /** Base addresses without a trailing slash. */
  url = '';
  cdnUrl = '';
  readonly log: HubRequest[] = [];
  readonly #faults: { fault: HubFault; seen: number }[] = [];
  readonly #contents = new HubContents(this.token);
  readonly #servers: Server[] = [];
  #signature = 1;
  #oldestSignature = 1;

  private constructor(readonly options: HubOptions) {}

  /** Starts on two free ports. Close it in any case. */
  static async start(options: HubOptions = {}): Promise<HubServer> {
    const hub = new HubServer(options);
    hub.url = await hub.#listen((request, response) => hub.#onHub(request, response));
    hub.cdnUrl = await hub.#listen((request, response) => hub.#onCdn(request, response));
    return hub;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(server => {
        server.closeAllConnections();
        return new Promise(resolve => server.close(resolve));
      }),
    );
  }

  /** Makes a commit with exactly these files the head of `main`; older commits stay. Returns its id. */
  publish(id: string, files: Readonly<Record<string, string | Uint8Array>>, options: PublishOptions = {}): string {
    return this.#contents.publish(id, files, options);
  }

  tag(id: string, name: string, commit: string): void {
    this.#contents.tag(id, name, commit);
  }

  /** The owner of `token` accepts the terms of a gated repository. */
  accept(id: string): void {
    this.#contents.accept(id);
  }

  /** Lets requests fail; the newest fault that matches acts. Returns its end. */
  fault(fault: HubFault): () => void {
    const entry = { fault, seen: 0 };
    this.#faults.unshift(entry);
    return () => {
      const at = this.#faults.indexOf(entry);
      if (at >= 0) this.#faults.splice(at, 1);
    };
  }

  clearFaults(): void {
    this.#faults.length = 0;
  }

  /** Signed addresses given out so far answer 403 from now on. */
  expireAddresses(): void {
    this.#oldestSignature = ++this.#signature;
  }

  /** The parts of a file that were asked for and sent, as `[start, sent bytes]`. */
  fetched(file: string, since = 0): [number, number][] {
    return this.log
      .slice(since)
      .filter(request => request.file === file && request.method === 'GET' && request.sentBytes > 0 && isFileRequest(request))
      .map(request => [request.status === 206 ? (request.range?.[0] ?? 0) : 0, request.sentBytes]);
  }

  async #listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
    const server = createServer(handle);
    this.#servers.push(server);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #entry(host: HubRequest['host'], request: IncomingMessage): HubRequest {
    const entry: HubRequest = {
      method: request.method ?? 'GET',
      host,
      route: 'other',
      url: request.url ?? '/',
      id: null,
      file: null,
      range: rangeOf(request),
      origin: request.headers.origin ?? null,
      hadToken: request.headers.authorization !== undefined,
      status: 0,
      sentBytes: 0,
    };
    this.log.push(entry);
    return entry;
  }

  /** The fault for this request, after its delay; null when none. */
  async #faultFor(entry: HubRequest): Promise<HubFault | null> {
    for (const state of this.#faults) {
      const { on = isFileRequest, skip = 0, times = Number.POSITIVE_INFINITY } = state.fault;
      if (!on(entry)) continue;
      const nth = state.seen++;
      if (nth < skip || nth >= skip + times) continue;
      state.fault.run?.();
      if (state.fault.delayMs) await new Promise(resolve => setTimeout(resolve, state.fault.delayMs));
      return state.fault;
    }
    return null;
  }

  async #onHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#entry('hub', request);
    const cors: Record<string, string> = {
      'Access-Control-Allow-Origin': entry.origin ?? this.url,
      'Access-Control-Expose-Headers': exposed,
      Vary: 'Origin',
    };
    if (entry.method === 'OPTIONS') {
      entry.route = 'preflight';
      return sendStatus(entry, response, 204, {
        ...cors,
        'Access-Control-Allow-Methods': 'GET,HEAD,OPTIONS',
        'Access-Control-Allow-Headers': 'Authorization, Range, Content-Type',
        'Access-Control-Max-Age': '86400',
      });
    }
    const url = new URL(entry.url, this.url);
    const path = url.pathname;
    const id = '([^/]+/[^/]+)';
    const info = new RegExp(`^/api/models/${id}/revision/([^/]+)$`).exec(path);
    const tree = new RegExp(`^/api/models/${id}/tree/([^/]+)$`).exec(path);
    const cache = new RegExp(`^/api/resolve-cache/models/${id}/([^/]+)/(.+)$`).exec(path);
    const resolve = new RegExp(`^/${id}/resolve/([^/]+)/(.+)$`).exec(path);
    // Without redirects the file itself is sent at its resolve address.
    const direct = resolve && this.options.redirects === false;
    entry.route = info ? 'info' : tree ? 'tree' : cache || direct ? 'cache' : resolve ? 'resolve' : 'other';
    const match = info ?? tree ?? cache ?? resolve;
    entry.id = match?.[1] ?? null;
    entry.file = match?.[3] === undefined ? null : decodeURIComponent(match[3]);
    const fault = await this.#faultFor(entry);
    // What a fault does to a body happens where the body is sent; an answer without one is replaced here.
    if (fault?.status !== undefined && entry.route !== 'cache')
      return sendStatus(entry, response, fault.status, { ...cors, ...fault.headers });
    const refuse = (refusal: Refusal, commit?: string) => this.#refuse(entry, response, cors, refusal, commit);
    if (!match || ((info || tree) && this.options.api === false)) return refuse({ status: 404, code: null, message: 'Not Found' });
    const revision = decodeURIComponent(match[2] ?? '');
    const found = this.#contents.find(entry.id ?? '', revision, request.headers.authorization, Boolean(info ?? tree));
    if ('status' in found) return refuse(found);
    const { repository, commit, files } = found;
    if (info) return this.#sendJson(entry, response, cors, infoOf(entry.id ?? '', commit, repository, files));
    if (tree) return this.#sendTree(entry, response, cors, url, files);
    const file = files.get(entry.file ?? '');
    if (!file) return refuse({ status: 404, code: 'EntryNotFound', message: 'Entry not found' }, commit);
    this.#sendEntry(entry, response, cors, commit, file, fault, Boolean(cache));
  }

  /** A resolved file: redirected or sent from here. */
  #sendEntry(
    entry: HubRequest,
    response: ServerResponse,
    cors: Record<string, string>,
    commit: string,
    file: StoredFile,
    fault: HubFault | null,
    fromCache: boolean,
  ): void {
    const { redirects = true, announces = true } = this.options;
    const etag = `"${file.lfs ? file.sha256 : file.oid}"`;
    const headers: Record<string, string> = { ...cors, 'Content-Type': 'text/plain; charset=utf-8' };
    if (announces) {
      headers['X-Repo-Commit'] = commit;
      if (!fromCache) headers['X-Linked-Etag'] = etag;
      if (file.lfs) Object.assign(headers, { 'X-Linked-Size': String(file.bytes.length), 'X-Xet-Hash': xetHash(file.sha256) });
    }
    if (fromCache || !redirects) {
      sendFile(entry, response, file.bytes, announces ? { ...headers, ETag: etag } : headers, fault);
      return;
    }
    const path = (entry.file ?? '').split('/').map(encodeURIComponent).join('/');
    // The name travels in the signed query there; here it lets the log tell which file was fetched.
    const signed = `?Expires=1999999999&Signature=${this.#signature}&response-content-disposition=${encodeURIComponent(entry.file ?? '')}`;
    const location = file.lfs
      ? `${this.cdnUrl}/xet-bridge-us/${xetHash(file.sha256)}${signed}`
      : `/api/resolve-cache/models/${entry.id}/${commit}/${path}?etag=${encodeURIComponent(etag)}`;
    entry.status = file.lfs ? 302 : 307;
    const body = `Redirecting to ${location}`;
    response
      .writeHead(entry.status, { ...headers, Location: location, 'Cache-Control': 'no-store', 'Content-Length': body.length })
      .end(entry.method === 'HEAD' ? undefined : body);
  }

  #refuse(entry: HubRequest, response: ServerResponse, cors: Record<string, string>, refusal: Refusal, commit?: string): void {
    const { status, code, message } = refusal;
    const told = this.options.announces === false ? {} : { 'X-Error-Message': message, ...(code && { 'X-Error-Code': code }) };
    sendStatus(entry, response, status, { ...cors, ...told, ...(commit && { 'X-Repo-Commit': commit }) });
  }

  #sendJson(entry: HubRequest, response: ServerResponse, headers: Record<string, string>, value: unknown): void {
    entry.status = 200;
    response.writeHead(200, { ...headers, 'Content-Type': 'application/json; charset=utf-8' });
    response.end(entry.method === 'HEAD' ? undefined : JSON.stringify(value));
  }

  #sendTree(entry: HubRequest, response: ServerResponse, cors: Record<string, string>, url: URL, files: Tree): void {
    const all = entriesOf(files, url.searchParams.get('recursive') === 'true');
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const to = from + (this.options.pageSize ?? 1000);
    const next = new URL(url);
    next.searchParams.set('cursor', String(to));
    const link: Record<string, string> = to < all.length ? { Link: `<${next.href}>; rel="next"` } : {};
    this.#sendJson(entry, response, { ...cors, ...link }, all.slice(from, to));
  }

  async #onCdn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#entry('cdn', request);
    const cors = {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Range, Content-Type, Content-Disposition, ETag, X-Cache',
    };
    if (entry.method === 'OPTIONS') {
      entry.route = 'preflight';
      if (this.options.cdnPreflight === false) return sendStatus(entry, response, 403, {});
      return sendStatus(entry, response, 204, {
        ...cors,
        'Access-Control-Allow-Methods': 'GET, HEAD',
        'Access-Control-Allow-Headers': 'Range',
      });
    }
    const url = new URL(entry.url, this.cdnUrl);
    const key = /^\/xet-bridge-us\/([0-9a-f]{64})$/.exec(url.pathname)?.[1] ?? '';
    const bytes = this.#contents.objects.get(key);
    entry.route = 'object';
    entry.file = url.searchParams.get('response-content-disposition');
    const fault = await this.#faultFor(entry);
    if (!bytes || Number(url.searchParams.get('Signature')) < this.#oldestSignature) return sendStatus(entry, response, 403, cors);
    const headers = { ...cors, 'Content-Type': 'application/octet-stream', 'Cache-Control': 'public, max-age=31536000' };
    // The storage's own id of the content, not its sha256.
    sendFile(entry, response, bytes, { ...headers, ETag: `"${key}"` }, fault);
  }
}
