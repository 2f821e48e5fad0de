/**
 * Changes to the index: one tab at a time, written down on this device. The tab that changes it holds a Web Lock; another one says so instead
 * of overwriting, and reads everything again when the first has finished.
 */
import { appState, patch } from '../store/store.ts';

const NAME = 'affinage-index';

let held = 0;
let taken: Promise<boolean> | null = null;
let release: (() => void) | null = null;
/** What another tab changed while this one was changing the index is read afterwards. */
let missed = false;
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(NAME);
let readAgain: () => Promise<void> = async () => undefined;

channel?.addEventListener('message', () => {
  patch('search', { busyElsewhere: false });
  if (held > 0) missed = true;
  else void readAgain();
});

/** `reload` is called when another tab has changed the index. */
export function onChangedElsewhere(reload: () => Promise<void>): void {
  readAgain = reload;
}

/** Runs a change. False: another tab is changing the index, nothing was done, and the view says so. */
export async function edit(change: () => Promise<void>): Promise<boolean> {
  held++;
  taken ??= lock();
  const mine = await taken;
  try {
    patch('search', { busyElsewhere: !mine });
    if (mine) await change();
    return mine;
  } finally {
    held--;
    if (held === 0) {
      taken = null;
      release?.();
      release = null;
      if (mine) channel?.postMessage('changed');
      if (missed) void readAgain();
      missed = false;
    }
  }
}

/** Takes the lock until `release`; at once or not at all. */
function lock(): Promise<boolean> {
  // Without locks (an insecure page) there is no storage to protect either.
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise(resolve => {
    void navigator.locks.request(NAME, { ifAvailable: true }, lock => {
      if (!lock) return resolve(false);
      return new Promise<void>(done => {
        release = done;
        resolve(true);
      });
    });
  });
}

/** Writes something down. A failure is said once, and from then on the index lives in this page alone. */
export async function keep(write: () => Promise<void>): Promise<void> {
  if (appState().search.keeping !== 'kept') return;
  try {
    await write();
  } catch (error) {
    patch('search', { keeping: error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'unavailable' });
  }
}
