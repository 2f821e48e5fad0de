/**
 * Runs hostile files through the product in processes of their own, each input within a limit of processor time and memory, and counts:
 * typed (refused with an error of the right family, or taken with right answers), untyped, hang, crash, silent (taken with wrong answers).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { FromWorker, Job } from './wire.ts';

/** Processor time of one input. */
const cpuLimitMs = 2000;
/** An input that uses no processor time for this long waits for something that never happens. */
const idleLimitMs = 5000;
const heapMiB = 512;
const residentLimitBytes = 1.5 * 2 ** 30;
const pollMs = 200;

export type Outcome = 'accepted' | 'refused' | 'untyped' | 'silent' | 'hang' | 'crash';
export interface Result {
  index: number;
  outcome: Outcome;
  target: string;
  path: string;
  /** What was done to the file. */
  what: string;
  why: string;
  ms: number;
}

export interface Run {
  root: string;
  seed: number;
  indices: readonly number[];
  /** Where inputs that failed are written. */
  folder: string;
  processes?: number;
  onResult?: (result: Result) => void;
}

/** Errors: only those of the run itself. */
export async function runHostile({ root, seed, indices, folder, processes = 2, onResult }: Run): Promise<Result[]> {
  const bundle = await mkdtemp(join(tmpdir(), 'affinage-hostile-'));
  try {
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      define: { __AFFINAGE_VERSION__: JSON.stringify('test') },
      build: {
        ssr: join(root, 'e2e/hostile/worker.ts'),
        outDir: bundle,
        emptyOutDir: true,
        minify: false,
        rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
      },
    });
    const queue = [...indices];
    const results: Result[] = [];
    const lanes = Array.from({ length: processes }, async () => {
      const lane = new Lane([root, String(seed), folder], join(bundle, 'worker.mjs'));
      try {
        for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
          const result = await lane.run(index);
          results.push(result);
          onResult?.(result);
        }
      } finally {
        lane.end();
      }
    });
    await Promise.all(lanes);
    return results.sort((a, b) => a.index - b.index);
  } finally {
    await rm(bundle, { recursive: true, force: true });
  }
}

/** One process at a time, replaced when it hangs or dies. */
class Lane {
  #child: ChildProcess | null = null;
  #hear: (message: FromWorker | { type: 'exit'; how: string }) => void = () => {};

  constructor(
    readonly args: readonly string[],
    readonly script: string,
  ) {}

  async run(index: number): Promise<Result> {
    const result = await this.#try(index);
    if (result.outcome === 'hang' || result.outcome === 'crash') await this.#ask({ type: 'write', index });
    return result;
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  async #start(): Promise<ChildProcess> {
    if (this.#child) return this.#child;
    const child = fork(this.script, this.args, {
      execArgv: [`--max-old-space-size=${heapMiB}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child = child;
    child.on('message', message => this.#child === child && this.#hear(message as FromWorker));
    child.on('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#child = null;
      this.#hear({ type: 'exit', how: signal ?? `exit code ${code}` });
    });
    await new Promise<void>((resolve, reject) => {
      this.#hear = message =>
        message.type === 'exit' ? reject(new Error(`The process of hostile files cannot start: ${message.how}.`)) : resolve();
    });
    return child;
  }

  async #ask(job: Job): Promise<void> {
    const child = await this.#start();
    await new Promise<void>(resolve => {
      this.#hear = () => resolve();
      child.send(job);
    });
  }

  async #try(index: number): Promise<Result> {
    const child = await this.#start();
    const result: Result = { index, outcome: 'crash', target: '', path: '', what: '', why: '', ms: 0 };
    let watch: ReturnType<typeof setInterval> | undefined;
    const started = { at: performance.now(), cpu: 0 };
    const end = (outcome: Outcome, why: string): Result => ({ ...result, outcome, why, ms: Math.max(0, cpuMs(child) - started.cpu) });
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.#hear = message => {
          if (message.type === 'broken') reject(new Error(message.why));
          if (message.type === 'exit') resolve(end('crash', message.how));
          if (message.type === 'end') resolve(end(message.outcome, message.why));
          if (message.type !== 'start') return;
          Object.assign(result, { target: message.target, path: message.path, what: message.what });
          started.cpu = cpuMs(child);
          let [lastCpu, lastAt] = [started.cpu, performance.now()];
          watch = setInterval(() => {
            const cpu = cpuMs(child);
            if (cpu - lastCpu > 20) [lastCpu, lastAt] = [cpu, performance.now()];
            if (cpu - started.cpu > cpuLimitMs) resolve(this.#kill(end('hang', `over ${cpuLimitMs} ms of processor time`)));
            else if (performance.now() - lastAt > idleLimitMs) resolve(this.#kill(end('hang', 'waits for what does not come')));
            else if (residentBytes(child) > residentLimitBytes) resolve(this.#kill(end('crash', 'over the limit of memory')));
          }, pollMs);
        };
        child.send({ type: 'run', index } satisfies Job);
      });
    } finally {
      clearInterval(watch);
    }
  }

  #kill(result: Result): Result {
    this.end();
    return result;
  }
}

/** Processor time of a process; where the system has no /proc, the time by the clock, which is longer. */
function cpuMs({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    // utime and stime, in ticks of 10 ms.
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return performance.now() / 4;
  }
}

function residentBytes({ pid }: ChildProcess): number {
  try {
    return 4096 * Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  } catch {
    return 0;
  }
}

/** The one line. */
export function summary(results: readonly Result[], seed: number, seconds: number): string {
  const count = (...outcomes: Outcome[]) => results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  return `${results.length} hostile inputs, seed ${seed}: typed ${count('accepted', 'refused')} (taken ${count('accepted')}, refused ${count('refused')}), untyped ${count('untyped')}, hang ${count('hang')}, crash ${count('crash')}, silent ${count('silent')}; ${seconds.toFixed(0)} s`;
}

export const isFailure = ({ outcome }: Result): boolean => outcome !== 'accepted' && outcome !== 'refused';
