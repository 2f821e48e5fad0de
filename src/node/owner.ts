/**
 * Which process a temporary file belongs to, told by a tag in its name: so that the next run can clear what a killed process left,
 * and nothing that a living one still writes.
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
  /** When the process began, as the system tells it: a number is used again, and after a restart soon. Empty where the system does not tell. */
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

/** Whether it is certain that the process ended. Of another machine nothing is certain. */
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
    // No Linux: one machine has one set of processes.
  }
  return createHash('sha256').update(`${hostname()}\n${space}`).digest('hex').slice(0, 8);
}

/** When a process began; null when it ended (a zombie did too), empty when that is not told. */
function startOf(pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (isCode(error, 'ESRCH')) return null; // EPERM: it lives, as another user
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
