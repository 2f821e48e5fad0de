/** The requests that this page has made since it was opened, by itself and by its workers. */

export type Asker = 'page' | 'engine';

export interface Requested {
  address: string;
  from: Asker;
  /** How often it was asked for. */
  count: number;
  /** It is of the page's own origin. */
  own: boolean;
}

/** What stays listed; the counts go on. */
export const MOST_LISTED = 300;

export interface RequestLog {
  /** In the order of the first request to each address; at most `MOST_LISTED`. */
  list: readonly Requested[];
  own: number;
  other: number;
}

const empty: RequestLog = { list: [], own: 0, other: 0 };
let log = empty;
const listeners = new Set<() => void>();

export const requestLog = (): RequestLog => log;

/** Calls `listener` after each change; returns a function that stops it. */
export function onRequests(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Notes requests. Blobs and data addresses are memory of the page and no requests. */
export function noteRequests(addresses: readonly string[], from: Asker, self = location.href): void {
  const origin = new URL(self).origin;
  const list = [...log.list];
  let { own, other } = log;
  for (const address of addresses) {
    if (!URL.canParse(address) || /^(blob|data):/.test(address)) continue;
    const isOwn = new URL(address).origin === origin;
    if (isOwn) own++;
    else other++;
    const at = list.findIndex(each => each.address === address && each.from === from);
    const known = list[at];
    if (known) list[at] = { ...known, count: known.count + 1 };
    else if (list.length < MOST_LISTED) list.push({ address, from, count: 1, own: isOwn });
  }
  log = { list, own, other };
  for (const listener of listeners) listener();
}

/** Begins again; for tests. */
export function forgetRequests(): void {
  log = empty;
}

/** Notes what the page itself has asked for and asks for from now on. Returns a function that stops it. */
export function watchPageRequests(): () => void {
  // The document is no resource: it is the first request.
  noteRequests([location.href.replace(/#.*$/s, '')], 'page');
  const observer = new PerformanceObserver(list =>
    noteRequests(
      list.getEntries().map(({ name }) => name),
      'page',
    ),
  );
  observer.observe({ type: 'resource', buffered: true });
  return () => observer.disconnect();
}

/** Notes what a worker tells of its requests (worker/request-log.ts). */
export function watchWorkerRequests(worker: { addEventListener(type: 'message', listener: (event: Event) => void): void }): void {
  worker.addEventListener('message', event => {
    const { data } = event as MessageEvent<{ type?: unknown; addresses?: unknown } | null>;
    if (data?.type === 'requests' && Array.isArray(data.addresses)) {
      noteRequests(
        data.addresses.filter(each => typeof each === 'string'),
        'engine',
      );
    }
  });
}
