/** The process around `main`. */
import { writeSync } from 'node:fs';
import { InputError } from '../errors.ts';
import { nodeEnvironment } from '../node/environment.ts';
import { isCode } from '../node/folder.ts';
import { packageRoot } from '../node/package-root.ts';
import { createCheckedLoader } from '../verify/checked-loader.ts';
import { isChild, notesFd, obeyParent } from './child.ts';
import { ClosedOutput, type Io } from './command.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-codes.ts';
import { main } from './main.ts';

/** Runs the command line of this process and sets its exit code. */
export async function run(): Promise<void> {
  const interrupt = new AbortController();
  const io = processIo();
  const onInterrupt = () => {
    // A second Ctrl-C ends the process without waiting for the GPU.
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    interrupt.abort();
    // Ends a command that waits for its standard input, which would not notice the abort.
    if (io.usesStdin()) process.stdin.destroy();
  };
  if (isChild) obeyParent(onInterrupt);
  else for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onInterrupt);

  process.exitCode = await main(process.argv.slice(2), {
    commands,
    version: packageRoot().version,
    io,
    signal: interrupt.signal,
    environment: verbose =>
      nodeEnvironment({ quiet: !verbose && notesFd === 2, onNotice: text => verbose && io.note(`affinage: ${text}`) }),
    loadModel: env => createCheckedLoader(env),
  });

  // Standard input that was not read to its end must not keep the process running.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  process.removeAllListeners('message');
  if (isChild) process.channel?.unref();
  if (io.usesStdin()) process.stdin.destroy();
}

function processIo(): Io & { usesStdin(): boolean } {
  let isStdinUsed = false;
  let status = '';
  const clearStatus = () => {
    if (status !== '') process.stderr.write(`\r${' '.repeat(status.length)}\r`);
    status = '';
  };
  // Each write handles its own error. Without a listener the event would end the process.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return {
    // Waits until the system has taken the text: nothing of a long answer is lost when the process ends.
    out: text =>
      new Promise((resolve, reject) => {
        clearStatus();
        process.stdout.write(text, error => (error ? reject(outputError(error)) : resolve()));
      }),
    note(text) {
      clearStatus();
      if (notesFd === 2) process.stderr.write(`${text}\n`);
      else writeSync(notesFd, `${text}\n`);
    },
    status(text) {
      if (!process.stderr.isTTY) return;
      clearStatus();
      status = text.slice(0, Math.max(0, (process.stderr.columns ?? 80) - 1));
      process.stderr.write(status);
    },
    stdin() {
      isStdinUsed = true;
      return process.stdin;
    },
    usesStdin: () => isStdinUsed,
    stdinIsTerminal: process.stdin.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
  };
}

/** `affinage … | head` closes the pipe early, which is not reported. Other errors, such as a full disk, are. */
function outputError(error: Error): Error {
  if (isCode(error, 'EPIPE', 'ERR_STREAM_DESTROYED')) return new ClosedOutput('standard output is closed', { cause: error });
  const reason = isCode(error, 'ENOSPC') ? 'the disk is full' : error.message;
  return new InputError(`standard output cannot be written: ${reason}. What is there is incomplete.`, {}, { cause: error });
}
