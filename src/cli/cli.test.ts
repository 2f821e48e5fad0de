/** The shipped command line as a process, where it needs no GPU. What each option does is tested in main.test.ts. */
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltCli, buildCli } from '../testing/built-cli.ts';
import { writeModelFolder } from '../testing/fixture-folder.ts';

let cli: BuiltCli;
let folder: string;
let model: string;

beforeAll(async () => {
  cli = await buildCli();
  folder = await mkdtemp(join(tmpdir(), 'affinage-built-'));
  model = join(folder, 'model');
  await writeModelFolder('published-bf16', 509, model);
});
afterAll(async () => {
  await cli?.remove();
  if (folder) await rm(folder, { recursive: true });
});

describe('the built command line', () => {
  it('is executable, says its version and helps', async () => {
    await access(join(cli.folder, 'cli.js'), constants.X_OK);
    expect(await readFile(join(cli.folder, 'cli.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await cli.run(['--version'])).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
    expect(await cli.run(['fill-mask', '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Examples:'), stderr: '' });
  });

  it('exits with 2 and one line on a usage error', async () => {
    const { code, stdout, stderr } = await cli.run(['fill-mask', '--topk', '3', 'x']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe('affinage: unknown option --topk; did you mean --top-k? (affinage fill-mask --help)\n');
    expect((await cli.run(['fill-mask'])).code).toBe(2);
  });

  it('tokenizes to JSON, with offsets, from arguments and from standard input', async () => {
    const { code, stdout, stderr } = await cli.run(['tokenize', '--json', '--model', model, 'w7  w12 é [MASK]', '123']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual([
      {
        ids: [1, 7, 12, 3, 4, 2],
        tokens: ['[CLS]', 'w7', 'w12', '[UNK]', '[MASK]', '[SEP]'],
        offsets: [
          [0, 0],
          [0, 2],
          [4, 7],
          [8, 9],
          [10, 16],
          [0, 0],
        ],
      },
      {
        ids: [1, 3, 2],
        tokens: ['[CLS]', '[UNK]', '[SEP]'],
        offsets: [
          [0, 0],
          [0, 3],
          [0, 0],
        ],
      },
    ]);
    expect(JSON.parse((await cli.run(['tokenize', '--json', '--model', model], { stdin: 'w7\n\nw8\n' })).stdout)).toHaveLength(3);
    expect((await cli.run(['tokenize', '--model', model, 'w7 w12'])).stdout).toMatch(/ 12 {2}w12 +3–6 +w12\n/);
  });

  it('writes all of a large answer into a pipe', async () => {
    const text = 'w7 '.repeat(200_000);
    const { code, stdout } = await cli.run(['tokenize', '--json', '--model', model], { stdin: text });
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(3_000_000);
    expect((JSON.parse(stdout) as { ids: number[] }[])[0]?.ids).toHaveLength(200_002);
  });

  it.each([
    ['a missing folder', ['--model', './nowhere'], /nowhere does not exist/],
    ['a name that is none', ['--model', 'a/b/c'], /neither "mini", an address/],
    ['an address that cannot be', ['--model', 'http://127.0.0.1:1/'], /could not be fetched/],
  ])('exits with 1 and one line on %s', async (_, args, message) => {
    const { code, stdout, stderr } = await cli.run(['tokenize', ...args, 'x']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^affinage: [^\n]+\n$/);
  });

  it('says how a damaged tokenizer is damaged', async () => {
    const broken = join(folder, 'broken');
    await writeModelFolder('published-bf16', 509, broken);
    await writeFile(join(broken, 'tokenizer.json'), '{"version": "1.0", ');
    const { code, stderr } = await cli.run(['tokenize', '--model', broken, 'x']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^affinage: .*tokenizer\.json.*not valid JSON.*\n$/);
  });

  it.runIf(process.platform === 'linux')('tells how to get an adapter where there is none, in one line', async () => {
    const env = { VK_ICD_FILENAMES: '/nonexistent/icd.json' };
    const { code, stdout, stderr } = await cli.run(['fill-mask', '--model', model, 'w7 [MASK]'], { env });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^affinage: No GPU adapter was found\. VK_ICD_FILENAMES is set to "\/nonexistent\/icd\.json".*mesa-vulkan-drivers[^\n]*\n$/,
    );
    const verbose = await cli.run(['info', '--verbose', '--model', model], { env });
    expect(verbose.code).toBe(1);
    expect(verbose.stderr).toContain('NoAdapterError');
  });

  it('stops with 130 on Ctrl-C while it waits for its input', async () => {
    const { code, stdout, stderr } = await cli.run(['tokenize', '--model', model], { interrupt: { afterMs: 1500 } });
    expect([code, stdout, stderr]).toEqual([130, '', '']);
  });
});
