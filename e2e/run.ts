/**
 * All tests in one command: installs what is missing, runs the stages, and ends with one line of counts. After a failed stage the next
 * one still runs; what could not run counts as failed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAdapters } from './adapters.ts';
import { type Count, countFileVariable, emptyCount, judgeCount, skippedTotal, verdict } from './count.ts';
import { prepareMachine } from './setup.ts';
import { allStages, type Command, type Stage } from './stages.ts';

interface Result {
  stage: Stage;
  count: Count;
  seconds: number;
}

const usage = 'Usage: npm test -- [--only STAGE,STAGE…] [--no-setup]';
const children = new Set<number>();

/** Exit code of `npm test`. */
export async function main(root: string, args: readonly string[]): Promise<number> {
  const stages = selectStages(args);
  if (typeof stages === 'string') {
    console.error(`${stages}\n${usage}`);
    return 2;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      for (const pid of children) endGroup(pid);
      process.exit(130);
    });
  }
  const startedAt = performance.now();
  if (!args.includes('--no-setup')) {
    const missing = prepareMachine();
    if (missing) {
      console.error(missing);
      console.log('0 passed, 1 failed');
      return 1;
    }
  }
  const scratch = mkdtempSync(join(tmpdir(), 'affinage-test-'));
  try {
    const results = await runAll(stages, root, scratch);
    report(results, (performance.now() - startedAt) / 1000);
    return results.every(({ count }) => count.failed.length === 0) ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The stages asked for and those they need; a text says what was wrong. */
function selectStages(args: readonly string[]): Stage[] | string {
  const stages = allStages(testAdapters().map(({ name }) => name));
  const at = args.indexOf('--only');
  const known = new Set(['--only', '--no-setup', ...(at >= 0 ? [args[at + 1]] : [])]);
  const odd = args.find(arg => !known.has(arg));
  if (odd !== undefined) return `Unknown option ${odd}.`;
  if (at < 0) return stages;
  const names = (args[at + 1] ?? '').split(',').filter(Boolean);
  const unknown = names.find(name => !stages.some(stage => stage.name === name));
  if (unknown !== undefined || names.length === 0) return `--only takes some of: ${stages.map(({ name }) => name).join(', ')}.`;
  const wanted = new Set(names.flatMap(name => [name, stages.find(stage => stage.name === name)?.needs]));
  return stages.filter(({ name }) => wanted.has(name));
}

/** Each half of a small machine takes the next stage as soon as it is free, so that neither core waits for the other. */
const atOnce = 2;

/** All stages in their order, `atOnce` at a time; the results in the same order. */
async function runAll(stages: readonly Stage[], root: string, scratch: string): Promise<Result[]> {
  const held = stages.length > 1;
  const running = new Map<string, Promise<Result>>();
  const waiting = [...stages];
  const lane = async (): Promise<void> => {
    for (let stage = waiting.shift(); stage; stage = waiting.shift()) {
      // What a stage needs stands before it in the list, so it has begun.
      const needed = stage.needs === undefined ? undefined : running.get(stage.needs);
      const result = runStage(stage, root, scratch, needed, held);
      running.set(stage.name, result);
      await result;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return Promise.all(stages.map(({ name }) => running.get(name)!));
}

/** `held`: others run beside it, so its output is kept until it is done. */
async function runStage(stage: Stage, root: string, scratch: string, need: Promise<Result> | undefined, held: boolean): Promise<Result> {
  const needed = await need;
  const startedAt = performance.now();
  const done = (count: Count): Result => ({ stage, count, seconds: (performance.now() - startedAt) / 1000 });
  console.log(held ? `… ${stage.title}: begins` : title(stage.title));
  if (needed && needed.count.failed.length > 0) {
    const why = `${stage.name}: not run, since ${needed.stage.name} failed`;
    console.log(why);
    return done({ ...emptyCount(), failed: [why] });
  }
  const total = emptyCount();
  for (const [index, command] of stage.commands.entries()) {
    const file = join(scratch, `${stage.name}-${index}.json`);
    const { exitCode, output } = await runCommand(command, stage, root, scratch, file, held);
    if (held) process.stdout.write(`${title(stage.title)}\n${output}`);
    const count = judgeCount(
      command.counts ? readCount(file) : { ...emptyCount(), passed: exitCode === 0 ? 1 : 0 },
      exitCode,
      command.title,
    );
    if (!command.counts) console.log(`${command.title}: ${exitCode === 0 ? 'clean' : 'failed'}`);
    total.passed += count.passed;
    total.failed.push(...count.failed);
    for (const [reason, n] of Object.entries(count.skipped)) total.skipped[reason] = (total.skipped[reason] ?? 0) + n;
  }
  return done(total);
}

/** Runs a script of node_modules. Its output is shown at once, or kept if `held`. The exit code is null if a signal ended it. */
function runCommand(
  command: Command,
  { limitMinutes, needs }: Stage,
  root: string,
  scratch: string,
  countFile: string,
  held: boolean,
): Promise<{ exitCode: number | null; output: string }> {
  return new Promise(resolve => {
    let output = '';
    // In its own process group, so that browsers that it started end with it.
    const child = spawn(process.execPath, [join(root, 'node_modules', command.script), ...command.args], {
      cwd: root,
      detached: process.platform !== 'win32',
      stdio: ['ignore', held ? 'pipe' : 'inherit', held ? 'pipe' : 'inherit'],
      // Vite, which loaded this runner, set NODE_ENV to development: the builds under test must be those that users get.
      env: {
        ...process.env,
        ...command.env,
        NODE_ENV: undefined,
        [countFileVariable]: countFile,
        XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? scratch,
        // Of the stage `build`, for those that need it (src/testing/built-cli.ts).
        AFFINAGE_BUILT_LIBRARY: needs === 'build' ? join(root, 'dist', 'lib') : undefined,
      },
    });
    const { pid } = child;
    if (pid !== undefined) children.add(pid);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const timer = setTimeout(() => {
      const why = `${command.title}: ended after ${limitMinutes} minutes`;
      if (held) output += `${why}\n`;
      else console.log(why);
      if (pid !== undefined) endGroup(pid);
    }, limitMinutes * 60_000);
    const end = (exitCode: number | null) => {
      clearTimeout(timer);
      if (pid !== undefined) children.delete(pid);
      resolve({ exitCode, output });
    };
    child.on('error', error => {
      console.log(`${command.title}: ${error.message}`);
      end(127);
    });
    child.on('close', end);
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // The process group had already ended.
  }
}

/** The count that a reporter wrote; empty if it did not get that far. */
function readCount(file: string): Count {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Count;
  } catch {
    return emptyCount();
  }
}

const title = (text: string): string => `\n── ${text} ${'─'.repeat(Math.max(2, 100 - text.length))}`;

function report(results: readonly Result[], seconds: number): void {
  console.log(title('Summary'));
  const row = (cells: readonly string[]) => console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(14) : cell.padStart(9))).join(' '));
  row(['stage', 'passed', 'failed', 'skipped', 'seconds']);
  for (const { stage, count, seconds: took } of results) {
    row([stage.name, `${count.passed}`, `${count.failed.length}`, `${skippedTotal(count)}`, took.toFixed(1)]);
  }
  row(['all', '', '', '', seconds.toFixed(1)]);
  for (const { stage, count } of results) {
    for (const [reason, n] of Object.entries(count.skipped)) console.log(`skipped in ${stage.name}: ${n} × ${reason}`);
  }
  for (const { stage, count } of results) {
    for (const name of count.failed.slice(0, 20)) console.log(`FAILED in ${stage.name}: ${name.split('\n')[0]}`);
    if (count.failed.length > 20) console.log(`FAILED in ${stage.name}: ${count.failed.length - 20} more, see above`);
  }
  console.log(verdict(results.map(({ count }) => count)));
}
