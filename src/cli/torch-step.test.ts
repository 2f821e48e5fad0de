/** What `bench --train --python` says when the named Python cannot help. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { torchStep } from './torch-step.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torch-step-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program that stands for a Python: it takes the script as an argument and the model on its standard input. */
async function program(text: string): Promise<string> {
  const path = join(folder, `python-${Math.random().toString(36).slice(2)}`);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

const options = { shape: 'mini', tokens: 64, runs: 1, signal: new AbortController().signal } as const;

test('a program that is not there is named, with what to name instead', async () => {
  const failed = torchStep(join(folder, 'none'), options);
  await expect(failed).rejects.toThrow(ConfigError);
  await expect(failed).rejects.toThrow(/there is no program ".*none".*Python 3 that has torch and transformers/);
});

test('the last line of what a Python complains of is passed on, with what it needs', async () => {
  const failed = torchStep(await program('echo Traceback >&2; echo "ModuleNotFoundError: No module named \'torch\'" >&2; exit 1'), options);
  await expect(failed).rejects.toThrow(ConfigError);
  await expect(failed).rejects.toThrow(/No module named 'torch'.*needs the packages torch and transformers/);
});

test('the model and its length go in, the times come out of the last line', async () => {
  const path = await program(
    `cat >"${join(folder, 'asked')}"; echo a warning; echo '{"torch":"2","transformers":"5","threads":2,"stepMs":3,"forwardMs":1}'`,
  );
  expect(await torchStep(path, options)).toEqual({ torch: '2', transformers: '5', threads: 2, stepMs: 3, forwardMs: 1 });
  const asked = JSON.parse(await readFile(join(folder, 'asked'), 'utf8')) as { config: { hidden_size: number }; tokens: number };
  expect(asked.tokens).toBe(64);
  expect(asked.config.hidden_size).toBe(256);
});

test('a stopped bench ends with the reason of its signal', async () => {
  const stop = new AbortController();
  const running = torchStep(await program('sleep 20'), { ...options, signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});
