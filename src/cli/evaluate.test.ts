import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Environment } from '../inference/environment.ts';
import { commands } from './commands.ts';
import { main } from './main.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-evaluate-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function affinage(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const run = { code: -1, out: '', err: '' };
  run.code = await main(['evaluate', ...argv], {
    commands,
    version: '9.9.9',
    signal: new AbortController().signal,
    io: {
      out: async text => {
        run.out += text;
      },
      note: text => {
        run.err += `${text}\n`;
      },
      status: () => {},
      stdin: async function* () {},
      stdinIsTerminal: true,
      stderrIsTerminal: false,
    },
    environment: () => ({ openSource: name => Promise.reject(new Error(`opened ${name}`)) }) as Partial<Environment> as Environment,
    loadModel: () => () => Promise.reject(new Error('not by this way')),
  });
  return run;
}

const file = async (name: string, text: string | Uint8Array) => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

test.each([
  [['--against', 'x'], /--texts is missing/],
  [['un texte', '--texts', 'f.txt'], /texts come from a file/],
  [['--texts', 'f.txt'], /the two are the same/],
  [['--texts', 'f.txt', '--model', 'a', '--against', 'a', '--dtype', 'q4', '--against-dtype', 'q4'], /the two are the same/],
  [['--texts', 'f.txt', '--against-dtype', 'q5'], /--against-dtype must be one of/],
  [['--texts', 'f.txt', '--against', 'x', '--every', '0'], /--every must be a whole number from 1/],
  [['--texts', 'f.txt', '--against', 'x', '--limit', '-3'], /--limit/],
])('%j is refused before anything is read', async (argv, message) => {
  const { code, err } = await affinage(...argv);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test('a file that is not there, empty, or no JSON Lines is named before a model is opened', async () => {
  const cases: [string, RegExp][] = [
    [join(folder, 'nowhere.txt'), /nowhere\.txt cannot be read: it does not exist/],
    [folder, /cannot be read: it is a folder/],
    [await file('empty.txt', '\n  \n'), /empty\.txt holds no text/],
    [await file('bad.jsonl', '"un"\n{"texte": "deux"}\n'), /line 2 of .*bad\.jsonl holds no text/],
    [await file('latin.txt', Uint8Array.of(0x66, 0xe9)), /line 1 of .*latin\.txt is not UTF-8/],
  ];
  for (const [path, message] of cases) {
    const { code, err, out } = await affinage('--against', 'x', '--texts', path);
    expect(code).toBe(1);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/opened/);
    expect(out).toBe('');
  }
});

test('the two models are opened as asked', async () => {
  const texts = await file('t.txt', 'Le patient a de la fièvre.\n');
  expect((await affinage('--against', 'x', '--texts', texts)).err).toMatch(/opened mini/);
  expect((await affinage('--model', 'y', '--against-dtype', 'q4', '--texts', texts)).err).toMatch(/opened y/);
});
