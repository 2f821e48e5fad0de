/**
 * No command writes over what it reads. Files are told apart by device and inode, so that links, hard links, another spelling of
 * upper and lower case, and a file behind standard input are the same file; folders also by what lies in them.
 */
import { type BigIntStats, fstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../errors.ts';

/** Something that a command reads. */
export interface Input {
  /** A file or folder; a number is an open file (0: standard input). */
  path: string | number;
  /** How messages call it: `--input letters.txt`. */
  name: string;
}

export interface Output {
  path: string;
  /** A folder is replaced as a whole, a file alone. */
  kind: 'file' | 'folder';
  /** How messages call it: `--output`. */
  name: string;
  /** What to do; default another place to write. */
  remedy?: string;
}

/** A model's folder has few files; of a large folder (a home) the files themselves need not be looked at one by one. */
const maxFiles = 10_000;
const maxDepth = 3;

/** Errors: InputError where writing `output` would change or remove one of `inputs`. What does not exist is no danger. */
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
    // What cannot be listed cannot be read either.
  }
  return found;
}
