#!/usr/bin/env node
/** `npx affinage …`: the process around `main`. */
import { writeSync } from 'node:fs';
import { nodeEnvironment } from '../node/environment.ts';
import { isCode } from '../node/folder.ts';
import { packageRoot } from '../node/package-root.ts';
import { createCheckedLoader } from '../verify/checked-loader.ts';
import type { Io } from './command.ts';
import { commands } from './commands.ts';
import { exitCodes, main } from './main.ts';
import { endWithParent, notesFd, runQuietChild, wantsQuietChild } from './quiet-child.ts';

let usesStdin = false;
let status = '';

const io: Io = {
  // Waits until the system has taken the text: nothing of a long answer is lost when the process ends.
  out: text =>
    new Promise((resolve, reject) => {
      clearStatus();
      process.stdout.write(text, error => (error ? reject(error) : resolve()));
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
    usesStdin = true;
    return process.stdin;
  },
  stdinIsTerminal: process.stdin.isTTY === true,
  stderrIsTerminal: process.stderr.isTTY === true,
};

function clearStatus(): void {
  if (status !== '') process.stderr.write(`\r${' '.repeat(status.length)}\r`);
  status = '';
}

const interrupt = new AbortController();
const onInterrupt = () => {
  // The second time without waiting for the GPU.
  if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
  interrupt.abort();
  // A command that waits for its standard input would not notice.
  if (usesStdin) process.stdin.destroy();
};
process.on('SIGINT', onInterrupt);
process.on('SIGTERM', onInterrupt);

// `affinage … | head` closes the pipe early: that is no error of ours.
process.stdout.on('error', error => process.exit(isCode(error, 'EPIPE') ? exitCodes.ok : exitCodes.failed));
process.stderr.on('error', () => {});

endWithParent();
const argv = process.argv.slice(2);
const usesGpu = commands.some(({ name, withoutGpu }) => name === argv[0] && !withoutGpu);

if (usesGpu && !argv.includes('--verbose') && wantsQuietChild()) {
  process.off('SIGINT', onInterrupt);
  process.off('SIGTERM', onInterrupt);
  process.exitCode = await runQuietChild();
} else {
  process.exitCode = await main(argv, {
    commands,
    version: packageRoot().version,
    io,
    signal: interrupt.signal,
    environment: verbose =>
      nodeEnvironment({ quiet: !verbose && notesFd === 2, onNotice: text => verbose && io.note(`affinage: ${text}`) }),
    loadModel: env => createCheckedLoader(env),
  });
}

// What is left open must not keep the process: standard input that was not read to its end.
process.removeAllListeners('SIGINT');
process.removeAllListeners('SIGTERM');
if (usesStdin) process.stdin.destroy();
