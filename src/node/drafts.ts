/**
 * Files and folders are written under a hidden name beside their target (a draft) and renamed when they are whole. A killed process
 * leaves its draft, or both copies if it was replacing something. The next run in that folder removes or completes what was left.
 */
import { lstatSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isCode } from './folder.ts';
import { isGone, ownerOf, ownerPattern, ownerTag } from './owner.ts';

/** `.NAME.TAG.partial`: being written. `.NAME.TAG.old`: what the draft of the same tag replaces. */
const draftName = new RegExp(`^\\.(.+)\\.(${ownerPattern})\\.(partial|old)$`, 's');
/** Whether a process of another machine (a shared disk) is alive cannot be known. A draft untouched for this long is taken as abandoned. */
const foreignMs = 7 * 24 * 3600 * 1000;
/** With its tag a name must stay under the 255 bytes that file systems take. */
const longestNameBytes = 180;

export interface DraftPaths {
  partial: string;
  /** Null for a name that is too long to keep the replaced copy beside it. */
  old: string | null;
}

/** Paths for writing `target`: hidden, in the same folder, with a name that cannot be guessed. */
export function draftPaths(target: string): DraftPaths {
  const tag = ownerTag();
  const name = basename(target);
  const isLong = Buffer.byteLength(name) > longestNameBytes;
  const shown = isLong ? name.slice(0, longestNameBytes / 4) : name;
  const at = (kind: string) => join(dirname(target), `.${shown}.${tag}.${kind}`);
  return { partial: at('partial'), old: isLong ? null : at('old') };
}

interface Left {
  name: string;
  partial?: string;
  old?: string;
}

/**
 * Removes from `folder` what killed processes left, and completes a replacement that was interrupted. Never throws: files that cannot be
 * removed (another user's) do no harm.
 */
export function sweepDrafts(folder: string): void {
  for (const left of leftIn(folder)) {
    try {
      settle(folder, left);
    } catch {
      // Ignored, as the comment of this function explains.
    }
  }
}

/** Completes a replacement of the folder `path` whose process was killed between its two renamings. */
export function recoverReplaced(path: string): void {
  try {
    for (const left of leftIn(dirname(path))) if (left.old && left.name === basename(path)) settle(dirname(path), left);
  } catch {
    // If the folder is still missing after this, opening it gives the error.
  }
}

function leftIn(folder: string): Left[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const found = new Map<string, Left>();
  for (const name of names) {
    const match = draftName.exec(name);
    if (!match) continue;
    const [, target = '', tag = '', host = '', pid = '', start = '', kind] = match;
    if (!isGone(ownerOf(['', host, pid, start])) && !isForgotten(join(folder, name))) continue;
    const left = found.get(tag) ?? { name: target };
    left[kind === 'old' ? 'old' : 'partial'] = join(folder, name);
    found.set(tag, left);
  }
  return [...found.values()];
}

/** A draft is whole before the first renaming. So if an old copy exists beside it, only the second renaming was missing. */
function settle(folder: string, { name, partial, old }: Left): void {
  const target = join(folder, name);
  if (old === undefined) {
    if (partial !== undefined) remove(partial);
    return;
  }
  try {
    if (partial !== undefined) renameSync(partial, target);
    else if (!lstatSync(target, { throwIfNoEntry: false })) renameSync(old, target);
    remove(old);
  } catch (error) {
    // Something else was put there meanwhile, so both copies are kept.
    if (!isCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR')) throw error;
  }
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });

function isForgotten(path: string): boolean {
  try {
    const info = lstatSync(path);
    const inside = info.isDirectory() ? readdirSync(path).map(name => statSync(join(path, name)).mtimeMs) : [];
    return Date.now() - Math.max(info.mtimeMs, ...inside) > foreignMs;
  } catch {
    return false;
  }
}

/** Writes a folder's entries to the disk, so that a rename in it survives a crash. Systems that cannot open folders are skipped. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Ignored, as the comment of this function explains.
  }
}
