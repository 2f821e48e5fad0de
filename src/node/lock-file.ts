/**
 * Locks between processes: a file made with O_EXCL whose date is renewed while the lock is held. A holder that died leaves its file. It
 * is taken over at once if its process no longer runs on this machine, otherwise when its date was not renewed for a while.
 */
import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StorageError } from '../errors.ts';
import type { HoldOptions } from '../library/keeping/storage.ts';
import { sleep } from '../source/abort.ts';
import { isCode } from './folder.ts';
import { isGone, ownerOf, ownerPattern, ownerTag, thisOwner } from './owner.ts';

const touchMs = 5_000;
/**
 * A lock whose date did not change for this long has no living holder. The waiter measures this with its own clock and does not use the
 * file's date, as after a machine's sleep every date looks old.
 */
const defaultStaleMs = 60_000;
/** The same for a lock file without a readable holder: writing one takes far less time. */
const garbageMs = 2_000;
const firstPollMs = 20;
const longestPollMs = 250;

interface Options extends HoldOptions {
  ifAvailable?: boolean;
  /** Default 60 s; for tests. */
  staleMs?: number;
  /** Turns a system error into the caller's kind of error. */
  failure(error: unknown): Promise<unknown>;
}

/** Who holds a lock. `token` is new each time the lock is taken, so that a new holder is not mistaken for the old one. */
interface Holder {
  pid: number;
  host: string;
  token: string;
  /** More exactly than pid and host: see owner.ts. Absent in locks of an earlier version. */
  space?: string;
  start?: string;
}

/** A lock that is being written, or taken away. */
const asideName = new RegExp(`\\.lock\\.${ownerPattern}$`);

/**
 * Runs `work` while this process alone holds the lock `name`. Null with `ifAvailable` when another holds it. `assertHeld` throws a
 * StorageError once another has taken the lock over, as from a process that was stopped for longer than `staleMs`.
 */
export async function withLockFile<T>(
  folder: string,
  name: string,
  work: (assertHeld: () => Promise<void>) => Promise<T>,
  options: Options,
): Promise<T | null> {
  const { signal, ifAvailable = false, staleMs = defaultStaleMs, onWait } = options;
  // Names are free text, so the file name is a hash, with a readable part for people who look into the folder.
  const slug = name.replace(/[^\w.-]+/g, '-').slice(0, 60);
  const file = join(folder, `${slug}-${createHash('sha256').update(name).digest('hex').slice(0, 10)}.lock`);
  const { host: space, start } = thisOwner();
  const holder: Holder = { pid: process.pid, host: hostname(), token: randomBytes(8).toString('hex'), space, start };
  let seen: { mark: string; since: number } | undefined;
  let waitMs = firstPollMs;
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    let mark: string | null;
    try {
      if (await tryTake(folder, file, holder)) break;
      mark = await markOf(file);
      if (mark !== null && mark !== seen?.mark) seen = { mark, since: performance.now() };
      const patienceMs = mark !== null && (await readHolder(file)) === null ? Math.min(staleMs, garbageMs) : staleMs;
      if (mark !== null && seen && (performance.now() - seen.since > patienceMs || (await isAbandoned(file)))) {
        await takeAway(file, mark);
        continue;
      }
    } catch (error) {
      throw await options.failure(error);
    }
    if (mark === null) continue; // released between the two checks
    if (ifAvailable) return null;
    if (!told) onWait?.(await shownHolder(file));
    told = true;
    await sleep(waitMs, signal);
    waitMs = Math.min(longestPollMs, waitMs * 1.5);
  }
  const isHeld = async () => (await readHolder(file).catch(() => null))?.token === holder.token;
  const timer = setInterval(async () => {
    const now = new Date();
    // Only renewed if it is still ours. A folder that was deleted is noticed by the work itself.
    if (await isHeld()) await utimes(file, now, now).catch(() => {});
  }, touchMs);
  timer.unref();
  try {
    return await work(async () => {
      if (await isHeld()) return;
      throw new StorageError(
        `The lock ${file} was taken over by another process while this one was stopped. Nothing more is changed here; run it again to see what the other has made.`,
        { lostLock: true },
      );
    });
  } finally {
    clearInterval(timer);
    // Only removed if it is still ours: after a long pause another process may have taken it over.
    if (await isHeld()) await rm(file, { force: true }).catch(() => {});
  }
}

async function tryTake(folder: string, file: string, holder: Holder): Promise<boolean> {
  // Written under another name and then linked, so that the lock file never exists without its holder's name.
  const draft = `${file}.${ownerTag()}`;
  await mkdir(folder, { recursive: true });
  try {
    const handle = await open(draft, 'wx');
    try {
      await handle.writeFile(JSON.stringify(holder));
    } finally {
      await handle.close();
    }
    await link(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    if (!isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
    return await takeWithoutLinks(file, holder); // some file systems have no hard links
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

async function takeWithoutLinks(file: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(JSON.stringify(holder));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Changes with every touch and every holder; null when the lock is free. */
async function markOf(file: string): Promise<string | null> {
  try {
    const [text, info] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    return `${text} ${info.mtimeMs}`;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Removes the locks of processes that have ended, and their unfinished attempts to take one. */
export async function sweepLocks(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue; // a link, or a pipe that would be waited for
    const { name } = entry;
    const file = join(folder, name);
    const match = asideName.exec(name);
    if (match && isGone(ownerOf(match))) await rm(file, { force: true });
    if (!name.endsWith('.lock') || !(await isAbandoned(file))) continue;
    const mark = await markOf(file);
    if (mark !== null) await takeAway(file, mark);
  }
}

/** Whether its process is gone from this machine. */
async function isAbandoned(file: string): Promise<boolean> {
  const holder = await readHolder(file);
  if (!holder || holder.host !== hostname()) return false;
  return isGone({ pid: holder.pid, host: holder.space ?? thisOwner().host, start: holder.start ?? '' });
}

/** If two waiters see the same abandoned lock, only one succeeds in renaming it. If that was a new holder's lock, it is put back. */
async function takeAway(file: string, mark: string): Promise<void> {
  const aside = `${file}.${ownerTag()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const taken = await readFile(aside, 'utf8').catch(() => '');
  if (!mark.startsWith(`${taken} `)) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

/** Describes the holder in a message for the user who waits. */
async function shownHolder(file: string): Promise<string> {
  const holder = await readHolder(file).catch(() => null);
  if (!holder) return `a lock that names no process: ${file}`;
  const where = holder.host === hostname() ? '' : ` of the machine ${JSON.stringify(holder.host.slice(0, 100))}`;
  return `process ${holder.pid}${where}, by ${file}`;
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { pid, host, token, space, start } = value as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof token !== 'string') return null;
    return { pid, host, token, ...(typeof space === 'string' && { space }), ...(typeof start === 'string' && { start }) };
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}
