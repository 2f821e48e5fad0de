/**
 * A command works in a child of the process that was started, for two reasons. A process that is busy (parsing a hostile file) hears no
 * signal: its idle parent hears Ctrl-C, and ends it when it does not end by itself. And the GPU driver's chatter and our one-line errors
 * share file descriptor 2: on terminals and pipes `withoutStderr` (node/gpu.ts) parts them; where it cannot, as the descriptor is a file or
 * a socket (another Node program gives us sockets), the child's descriptor 2 leads nowhere and its descriptor 3 is our descriptor 2.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import { canPartStderr } from '../node/gpu.ts';
import { exitCodes } from './exit-codes.ts';

const mark = 'AFFINAGE_CHILD';
/** So long a command may take to stop by itself: a submit to the GPU, the removal of a draft. */
const graceMs = 2000;

export const isChild = process.env[mark] !== undefined && process.channel !== undefined;
/** Where notes go in this process: 2, or in a quiet child 3. */
export const notesFd = isChild && process.env[mark] === 'quiet' ? 3 : 2;

/** Help and version need none. Windows has no such signals. */
export function wantsChild([first, ...rest]: readonly string[]): boolean {
  if (process.platform === 'win32' || first === undefined || first === 'help') return false;
  return ![first, ...rest].some(arg => ['--help', '-h', '--version', '-V'].includes(arg));
}

/** The same command line in a child; resolves to its exit code. */
export function runChild(isVerbose: boolean): Promise<number> {
  const isQuiet = !isVerbose && !canPartStderr();
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: isQuiet ? ['inherit', 'inherit', 'ignore', 2, 'ipc'] : ['inherit', 'inherit', 'inherit', 'ignore', 'ipc'],
    env: { ...process.env, [mark]: isQuiet ? 'quiet' : 'plain' },
  });
  let interrupted = false;
  const stop = () => {
    if (interrupted) return child.kill('SIGKILL');
    interrupted = true;
    if (child.connected) child.send('stop', () => {}); // it may end just now
    setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
    return true;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return new Promise(resolve => {
    child.on('error', error => {
      writeSync(2, `affinage: the command could not be started: ${error.message}\n`);
      resolve(exitCodes.failed);
    });
    child.on('close', (code, signal) => {
      if (signal && interrupted) return resolve(exitCodes.interrupted);
      if (signal)
        writeSync(
          2,
          `affinage: the command died (${signal}), maybe for want of memory or in the GPU driver; run it again with --verbose to see what the driver says\n`,
        );
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGABRT']);
    });
  });
}

/** In a child: hears the parent's word, and ends with its parent, however that ends. */
export function obeyParent(stop: () => void): void {
  if (!isChild) return;
  // A terminal sends Ctrl-C to both: the parent's word counts.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('message', stop);
  process.on('disconnect', () => {
    stop();
    setTimeout(() => process.exit(exitCodes.failed), graceMs).unref();
  });
  process.channel?.unref();
  // A thread of its own: this one may be busy, and hear nothing, when the parent is killed.
  new Worker(watcher, { eval: true, workerData: { parent: process.ppid, graceMs }, stdout: false, stderr: false }).unref();
}

const watcher = `
const { workerData: { parent, graceMs } } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== parent) setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs);
}, 500);
`;
