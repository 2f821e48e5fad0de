/**
 * The engine's worker of the page in one file, in the place of ../page-worker.ts: its code is text in the page, started from a blob, as a
 * page opened from the disk may load no other file. A worker from a blob has the policy of the page.
 */
import type { WorkerLike } from '../../../client/link.ts';
import type { EmbeddedMessage } from '../../../worker/single.worker.ts';
import EngineWorker from '../../../worker/single.worker.ts?worker&inline';
import { watchWorkerRequests } from '../../lib/requests.ts';
import { embeddedFiles } from './embedded-files.ts';

/** A new engine worker, which has been given the embedded model. */
export function pageWorker(): WorkerLike {
  const worker = new EngineWorker({ name: 'affinage' });
  watchWorkerRequests(worker);
  worker.postMessage({ type: 'embedded', files: embeddedFiles() } satisfies EmbeddedMessage);
  return worker;
}
