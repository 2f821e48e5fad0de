/**
 * A tag in the name of each temporary file identifies its process. So the next run can remove what a killed process left, and leaves the
 * files of running processes alone.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isCode } from './folder.ts';

export interface Owner {
  /** Hash of the machine's name and, on Linux, of its process namespace: in another container the same number is another process. */
  host: string;
  pid: number;
  /** Start time of the process, because process numbers are reused, especially after a restart. Empty where the system does not report it. */
  start: string;
}

let own: Owner | undefined;

export function thisOwner(): Owner {
  own ??= { host: hostTag(), pid: process.pid, start: startOf(process.pid) ?? '' };
  return own;
}

/** `HOST-PID-START-RANDOM`: names this process, and cannot be guessed. */
export function ownerTag(): string {
  const { host, pid, start } = thisOwner();
  return `${host}-${pid}-${start}-${randomBytes(6).toString('hex')}`;
}

/** What `ownerTag` gives, for a regular expression: host, pid and start are its groups. */
export const ownerPattern = '([0-9a-f]{8})-(\\d{1,10})-([0-9a-z]{0,40})-[0-9a-f]{12}';

export function ownerOf([, host = '', pid = '', start = '']: readonly string[]): Owner {
  return { host, pid: Number(pid), start };
}

/** Whether the process has certainly ended; never certain for another machine. */
export function isGone(owner: Owner): boolean {
  if (owner.host !== thisOwner().host) return false;
  const start = startOf(owner.pid);
  return start === null || (start !== '' && owner.start !== '' && start !== owner.start);
}

function hostTag(): string {
  let space = '';
  try {
    space = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: there is only one process namespace.
  }
  return createHash('sha256').update(`${hostname()}\n${space}`).digest('hex').slice(0, 8);
}

/** Start time of a process; null if it has ended (also for a zombie), empty if the system does not report it. */
function startOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (isCode(error, 'ESRCH')) return null; // EPERM: it runs as another user
  }
  try {
    if (process.platform === 'linux') return startOnLinux(pid);
    if (process.platform === 'win32') return '';
    const told = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return createHash('sha256').update(told.trim()).digest('hex').slice(0, 12);
  } catch {
    return '';
  }
}

function startOnLinux(pid: number): string | null {
  // The name in parentheses may hold anything; after it come the state and, 19 fields on, the start in ticks since the machine started.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\)\s*/s, '')
    .split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
  return `${boot}${Number(fields[19]).toString(36)}`;
}
