/** The shipped command line, killed at exact places and interrupted while it is busy: what is left, and what the next run makes of it. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltCli, buildCli } from '../testing/built-cli.ts';
import { writeModelFolder } from '../testing/fixture-folder.ts';
import { busy, killAt } from '../testing/kill-at.ts';
import { seeded } from '../testing/seeded.ts';

let cli: BuiltCli;
let folder: string;
let env: Record<string, string>;
const at = (path: string) => join(folder, path);

beforeAll(async () => {
  cli = await buildCli();
  folder = await mkdtemp(join(tmpdir(), 'affinage-kills-'));
  env = { AFFINAGE_CACHE: at('cache'), COUNT: at('count') };
  await writeModelFolder('published-bf16', 509, at('model'));
  await writeFile(at('kill.mjs'), killAt);
  await writeFile(at('busy.mjs'), busy);
});
afterAll(async () => {
  await cli?.remove();
  if (folder) await rm(folder, { recursive: true });
});

/** Every path but the names of folders that hold a moment of time. */
async function paths(): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all.map(path => path.replace(/-[0-9a-f]{10}(?=\/|$)/, '-KEY')).sort();
}

describe.runIf(process.platform !== 'win32')('killed', () => {
  it.each([
    ['export', ['export', 'm', 'out', '--force']],
    ['import', ['import', 'model', '--name', 'm', '--dtype', 'original']],
    ['quantize', ['quantize', 'model', '--dtype', 'f16', '--no-gpu', '--out', 'small', '--force']],
  ] as const)('%s leaves nothing that the next run does not clear', async (name, command) => {
    const args = command.map(arg => (['out', 'model', 'small'].includes(arg) ? at(arg) : arg));
    const run = (killAtCall?: number) =>
      cli.run(args, killAtCall === undefined ? { env } : { env: { ...env, KILL_AT: String(killAtCall) }, preload: at('kill.mjs') });
    if (name === 'export') await cli.run(['import', at('model'), '--name', 'm'], { env });
    if (name !== 'import') await run();
    else await rm(at('cache'), { recursive: true, force: true });
    expect((await run(1e9)).code).toBe(0);
    const whole = await paths();
    const calls = Number(await readFile(at('count'), 'utf8'));
    // Where both copies of a replaced folder stand under hidden names, and one place in the middle.
    const share = (seeded(8, calls).at(-1) ?? 0) / 256;
    const places = {
      export: [calls - 3, 6 + Math.floor(share * (calls - 12))],
      import: [1 + Math.floor(share * calls)],
      quantize: [calls - 3],
    }[name];
    for (const place of places) {
      if (name === 'import') await rm(at('cache'), { recursive: true });
      const killed = await run(place);
      expect(killed.code, `call ${place} of ${calls}`).toBe(137);
      if (name !== 'import') expect(await paths()).not.toEqual(whole);
      if (place === calls - 3 && name === 'quantize') {
        // Whoever only reads the folder finds it too.
        expect((await cli.run(['tokenize', '--model', at('small'), 'w7'], { env })).code).toBe(0);
        expect(await paths()).toEqual(whole);
      }
      expect(await run()).toMatchObject({ code: 0 });
      expect(await paths(), `after call ${place} of ${calls}`).toEqual(whole);
    }
  });
});

describe.runIf(process.platform !== 'win32')('the parent', () => {
  it('hears Ctrl-C while the command is busy, and ends it after two seconds', async () => {
    const { code, stderr, ms } = await cli.run(['tokenize', '--model', at('model')], {
      env,
      preload: at('busy.mjs'),
      interrupt: { afterMs: 1500 },
    });
    expect([code, stderr]).toEqual([130, '']);
    expect(ms).toBeGreaterThan(3300);
    expect(ms).toBeLessThan(10_000);
  });

  it.runIf(process.platform === 'linux')('says that the disk under standard output is full', async () => {
    const full = await cli.run(['tokenize', '--json', '--model', at('model'), 'w7'], { env, stdoutTo: '/dev/full' });
    expect(full).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^affinage: standard output cannot be written: the disk is full/),
    });
  });

  it('refuses to read the file that it writes to', async () => {
    await writeFile(at('texts.txt'), 'w7\n');
    const { code, stderr } = await cli.run(['evaluate', '--texts', at('texts.txt'), '--against', at('model')], {
      env,
      stdoutTo: at('texts.txt'),
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/standard output goes into .*texts\.txt, which is read here/)]);
    expect(await readFile(at('texts.txt'), 'utf8')).toBe('w7\n');
    await rm(at('texts.txt'));
  });
});
