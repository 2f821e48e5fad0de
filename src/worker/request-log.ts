/** Tells the page what its worker asks of the network, which the page's own record of requests does not hold. */
import type { FromWorker } from './protocol.ts';

/** Sends the address of every request that this worker has made and makes, also of one that failed. */
export function tellRequests(port: { postMessage(message: FromWorker): void }): void {
  const tell = (list: PerformanceObserverEntryList) =>
    port.postMessage({ type: 'requests', addresses: list.getEntries().map(({ name }) => name) });
  new PerformanceObserver(tell).observe({ type: 'resource', buffered: true });
}
