/** The command line as it is shipped, run as a process of its own: the build of `npm test`, or one made for the test file. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface BuiltCli {
  /** Folder of the library files. */
  folder: string;
  run(args: readonly string[], options?: RunOptions): Promise<Finished>;
  remove(): Promise<void>;
}

interface RunOptions {
  stdin?: string;
  env?: Record<string, string>;
  /** SIGINT (Ctrl-C) after so long, or once standard output holds this; standard input then stays open. */
  interrupt?: { afterMs: number } | { afterOutput: string };
  /** A module that is loaded before the command line, in its working process: to kill it somewhere, to keep it busy. */
  preload?: string;
  /** Where standard output goes instead of into `stdout`: a file that is opened for writing. */
  stdoutTo?: string;
}

interface Finished {
  /** Exit code, or the signal's name. */
  code: number | string | null;
  stdout: string;
  stderr: string;
  ms: number;
}

/** The library's folder where the runner of `npm test` has just built it (e2e/run.ts): the same build, not made again for each file. */
const builtLibrary = process.env.AFFINAGE_BUILT_LIBRARY;

/** Without a build at hand, builds the library into a folder inside the project, so that its imports resolve. `remove` it afterwards. */
export async function buildCli(): Promise<BuiltCli> {
  const own = await mkdtemp(join(root, 'node_modules', '.affinage-test-'));
  const folder = builtLibrary ?? own;
  // Vitest's own mode and environment must not leak into the build.
  if (!builtLibrary) await build({ root, mode: 'lib', logLevel: 'error', build: { outDir: own, emptyOutDir: true } });
  const script = join(folder, 'cli.js');
  return {
    folder,
    run: (args, options) => run(script, args, { AFFINAGE_CACHE: join(own, 'cache'), ...options?.env }, options),
    remove: () => rm(own, { recursive: true, force: true }),
  };
}

function run(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
  { stdin, interrupt, preload, stdoutTo }: RunOptions = {},
): Promise<Finished> {
  const started = performance.now();
  const out = stdoutTo === undefined ? undefined : openSync(stdoutTo, 'a');
  const child = spawn(process.execPath, [...(preload ? ['--import', preload] : []), script, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', out ?? 'pipe', 'pipe'],
  }) as ChildProcessWithoutNullStreams;
  if (out !== undefined) closeSync(out);
  let wasInterrupted = false;
  let stdout = '';
  let stderr = '';
  (child.stdout as Readable | null)?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (interrupt && 'afterOutput' in interrupt && !wasInterrupted && stdout.includes(interrupt.afterOutput)) {
      wasInterrupted = true;
      child.kill('SIGINT');
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {}); // it may end without reading
  // Left open for an interruption: a process that waits for its input must stop too.
  if (!interrupt) child.stdin.end(stdin ?? '');
  const timer = interrupt && 'afterMs' in interrupt ? setTimeout(() => child.kill('SIGINT'), interrupt.afterMs) : undefined;
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal, stdout, stderr, ms: performance.now() - started });
    });
  });
}
