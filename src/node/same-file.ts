/**
 * Ensures that no command writes over what it reads. Files are compared by device and inode, so that symbolic links, hard links, another
 * spelling in upper and lower case, and a file behind standard input are recognised as the same file. For folders the files in them count too.
 */
import { type BigIntStats, fstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../errors.ts';

/** Something that a command reads. */
export interface Input {
  /** A file or folder; a number is an open file (0: standard input). */
  path: string | number;
  /** Its name in messages: `--input letters.txt`. */
  name: string;
}

export interface Output {
  path: string;
  /** A folder is replaced as a whole, a file alone. */
  kind: 'file' | 'folder';
  /** Its name in messages: `--output`. */
  name: string;
  /** Remedy for the error's text; default: choose another place to write. */
  remedy?: string;
}

/** Most files of a folder that are compared one by one. A model's folder has few; a large folder (a home) is only compared as a folder. */
const maxFiles = 10_000;
const maxDepth = 3;

/** Errors: InputError if writing `output` would change or remove one of `inputs`. Inputs that do not exist are ignored. */
export function refuseOverwriting(output: Output, inputs: readonly Input[]): void {
  const there = identityOf(output.path);
  const above = identitiesAbove(output.path);
  for (const input of inputs) {
    const own = identityOf(input.path);
    if (own === null) continue;
    if (own.id === there?.id) throw refusal(output, `is ${input.name} itself, which`);
    if (own.isFolder && output.kind === 'folder' && above.has(own.id)) throw refusal(output, `lies inside ${input.name}, which`);
    if (!there || typeof input.path === 'number') continue;
    for (const path of own.isFolder ? [input.path, ...filesBelow(input.path)] : [input.path]) {
      if (output.kind === 'file' && identityOf(path)?.id === there.id) throw refusal(output, `is a file of ${input.name}, which`);
      if (output.kind === 'folder' && identitiesAbove(path).has(there.id)) throw refusal(output, `holds ${input.name}, which`);
    }
  }
}

/** The same of standard output (`command < notes.txt >> notes.txt`). */
export function refuseReadingOutput(inputs: readonly Input[]): void {
  const out = identityOf(1);
  if (!out?.isFile) return;
  for (const input of inputs)
    if (identityOf(input.path)?.id === out.id)
      throw new InputError(`standard output goes into ${input.name}, which is read here: it would be changed. Write to another file.`);
}

function refusal({ path, name, remedy = 'Choose another place to write.' }: Output, how: string): InputError {
  return new InputError(`${name} ${path} ${how} is read here and would be lost. ${remedy}`, { path });
}

interface Identity {
  id: string;
  isFile: boolean;
  isFolder: boolean;
}

/** Null when nothing is there. Links are followed. */
function identityOf(path: string | number): Identity | null {
  let info: BigIntStats;
  try {
    info = typeof path === 'number' ? fstatSync(path, { bigint: true }) : statSync(path, { bigint: true });
  } catch {
    return null;
  }
  const [isFile, isFolder] = [info.isFile(), info.isDirectory()];
  // Some network disks count no inodes.
  const id = info.ino === 0n && typeof path === 'string' ? realpathSync(path) : `${info.dev}:${info.ino}`;
  return { id, isFile, isFolder };
}

/** Of every folder in which `path` really lies, or would lie once it is made. */
function identitiesAbove(path: string): Set<string> {
  const found = new Set<string>();
  let at = resolve(path);
  for (;;) {
    try {
      at = dirname(realpathSync(at));
      break;
    } catch {
      const next = dirname(at);
      const identity = identityOf(next);
      if (identity) {
        found.add(identity.id);
        try {
          at = realpathSync(next);
        } catch {
          at = next;
        }
        break;
      }
      if (next === at) return found;
      at = next;
    }
  }
  for (; ; at = dirname(at)) {
    const identity = identityOf(at);
    if (identity) found.add(identity.id);
    if (at === dirname(at)) return found;
  }
}

function filesBelow(folder: string, depth = 0, found: string[] = []): string[] {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (found.length >= maxFiles) break;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth < maxDepth) filesBelow(path, depth + 1, found);
      } else found.push(path);
    }
  } catch {
    // A folder that cannot be listed cannot be read by the command either.
  }
  return found;
}
