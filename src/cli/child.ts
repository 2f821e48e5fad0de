/**
 * A command runs in a child process, for two reasons. A busy process (parsing a hostile file) does not handle signals; its idle parent
 * handles Ctrl-C, and kills the child if it does not end by itself. And the GPU driver's output and the command's one-line errors share
 * file descriptor 2. On terminals and pipes `withoutStderr` (node/gpu.ts) separates them. Where it cannot, because the descriptor is a
 * file or a socket (as when another Node program starts the command), the child's descriptor 2 is closed off and its descriptor 3 is the
 * parent's descriptor 2.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import { canPartStderr } from '../node/gpu.ts';
import { exitCodes } from './exit-codes.ts';

const mark = 'AFFINAGE_CHILD';
/** Time that a command gets to stop by itself: for a submit to the GPU, or the removal of a draft. */
const graceMs = 2000;

export const isChild = process.env[mark] !== undefined && process.channel !== undefined;
/** Descriptor for notes in this process: 2, or 3 in a quiet child. */
export const notesFd = isChild && process.env[mark] === 'quiet' ? 3 : 2;

/** Help and version need none. Windows has no such signals. */
export function wantsChild([first, ...rest]: readonly string[]): boolean {
  if (process.platform === 'win32' || first === undefined || first === 'help') return false;
  return ![first, ...rest].some(arg => ['--help', '-h', '--version', '-V'].includes(arg));
}

/** Commands that end what they are at and save it, for as long as it takes; a second Ctrl-C ends them at once. */
const patient = new Set(['train']);

/** Runs the same command line in a child; resolves to its exit code. */
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
    if (child.connected) child.send('stop', () => {}); // errors ignored: it may be ending at this moment
    if (!patient.has(process.argv[2] ?? '')) setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
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

/** In a child: stops when the parent sends "stop", and ends when the parent ends, for any reason. */
export function obeyParent(stop: () => void): void {
  if (!isChild) return;
  // A terminal sends Ctrl-C to both processes: ignored here, as the parent passes it on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('message', stop);
  process.on('disconnect', () => {
    stop();
    setTimeout(() => process.exit(exitCodes.failed), graceMs).unref();
  });
  process.channel?.unref();
  // In another thread, as this one may be too busy to notice that the parent was killed.
  new Worker(watcher, { eval: true, workerData: { parent: process.ppid, graceMs }, stdout: false, stderr: false }).unref();
}

const watcher = `
const { workerData: { parent, graceMs } } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== parent) setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs);
}, 500);
`;
