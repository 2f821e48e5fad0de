/** `affinage train` as it is shipped: a small recipe on real files, interrupted and resumed to the same bits, and what bad input gets. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type BuiltCli, buildCli } from '../testing/built-cli.ts';
import { fullIn, killAt } from '../testing/kill-at.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let cli: BuiltCli;
const folder = mkdtempSync(join(tmpdir(), 'train-'));
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  cli = await buildCli();
  const texts = Array.from(
    { length: 40 },
    (_, i) => `Le patient numéro ${i} présente une fièvre depuis ${i + 2} jours, sans toux ni dyspnée.`,
  );
  writeFileSync(at('notes.txt'), `${texts.slice(0, 32).join('\n')}\n\n`);
  writeFileSync(
    at('held.jsonl'),
    texts
      .slice(32)
      .map(text => `${JSON.stringify({ text })}\n`)
      .join(''),
  );
  const schedule = { kind: 'warmup-constant', peak: 1e-3, warmupTokens: 64 };
  const recipe = {
    name: 'small',
    context: 64,
    batchTokens: 64,
    stepTokens: 100,
    optimizer: { clipNorm: 1 },
    phases: [
      { task: 'clm', tokens: 250, schedule },
      { name: 'decay', task: 'mlm', tokens: 200, maskRate: 0.3, schedule: { kind: 'one-minus-sqrt', peak: 1e-3, floor: 0.1 } },
    ],
  };
  writeFileSync(at('recipe.json'), JSON.stringify(recipe));
});
afterAll(() => {
  cli?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const given = () => ['--data', at('notes.txt'), '--held-out', at('held.jsonl')];
const run = (...args: string[]) => cli.run(['train', ...args]);

test('interrupted and resumed, it ends with the same bits; the model is one that other commands read', async () => {
  const whole = await run('--recipe', at('recipe.json'), ...given(), '--out', at('whole'), '--save-every', '2', '--keep', '1');
  expect([whole.code, whole.stderr]).toEqual([0, '']);
  expect(whole.stdout).toMatch(
    /^held out: loss \d+\.\d{3} {2}accuracy .* masked tokens\nstep 1\/5 {2}phase clm {2}loss .* lr 0\.00e\+0 {2}grad .* tok\/s {2}eta /,
  );
  expect(whole.stdout).toMatch(/step 5\/5 {2}phase decay[^\n]*\nheld out: .*\nmodel: .*model\n$/);
  expect(readdirSync(at('whole')).sort()).toEqual(['curves.svg', 'log.jsonl', 'model', expect.stringMatching(/^step-\d$/)]);

  const first = await run('--recipe', at('recipe.json'), ...given(), '--out', at('parts'), '--max-steps', '3');
  expect(first.code).toBe(0);
  const second = await run('--resume', ...given(), '--out', at('parts'));
  expect([second.code, second.stderr]).toEqual([0, '']);
  const weights = (name: string) => readFileSync(join(at(name), 'model/model.safetensors'));
  expect(weights('parts').equals(weights('whole'))).toBe(true);
  const losses = (name: string) =>
    readFileSync(join(at(name), 'log.jsonl'), 'utf8').match(/"loss":[^,]+,"accuracy":[^,]+,"labelled":\d+,"gradientNorm":[^,]+/g);
  expect(losses('parts')).toEqual(losses('whole'));

  const filled = await cli.run(['fill-mask', '--model', at('whole/model'), 'Le patient a de la [MASK].']);
  expect(filled.code).toBe(0);
  const elsewhere = await run('--resume', '--data', at('held.jsonl'), '--out', at('parts'));
  expect(elsewhere.stderr).toMatch(/was begun with --data .*notes\.txt/);
});

test.runIf(process.platform !== 'win32')(
  'killed in the middle of a save, or with a full disk, it keeps the last checkpoint and goes on to the same bits',
  async () => {
    writeFileSync(at('kill.mjs'), killAt);
    writeFileSync(at('full.mjs'), fullIn);
    const args = (out: string) => [
      'train',
      '--recipe',
      at('recipe.json'),
      ...given(),
      '--save-every',
      '1',
      '--keep',
      '1',
      '--out',
      at(out),
    ];
    const env = { COUNT: at('count'), KILL_AT: '1e9' };
    const whole = await cli.run(args('saved'), { env, preload: at('kill.mjs') });
    expect(whole.code).toBe(0);
    const weights = (name: string) => readFileSync(join(at(name), 'model/model.safetensors'));
    // Of five checkpoints and a model, this is in the third save.
    const place = Math.floor(Number(readFileSync(at('count'), 'utf8')) * 0.45);
    const killed = await cli.run(args('killed'), { env: { ...env, KILL_AT: String(place) }, preload: at('kill.mjs') });
    expect(killed.code).toBe(137);
    const full = await cli.run(args('full'), { env: { ...env, FULL_IN: 'step-3' }, preload: at('full.mjs') });
    expect(full.code).not.toBe(0);
    expect(full.stderr).toMatch(/full[^ ]* cannot be written: the disk is full. Free some space/);
    for (const out of ['killed', 'full']) {
      expect(readdirSync(at(out)).filter(name => name.startsWith('step-')).length, out).toBeGreaterThan(0);
      expect(existsSync(join(at(out), 'model')), out).toBe(false);
      const resumed = await run('--resume', ...given(), '--keep', '1', '--out', at(out));
      expect([resumed.code, resumed.stderr], out).toEqual([0, '']);
      expect(weights(out).equals(weights('saved')), out).toBe(true);
      expect(readdirSync(at(out)).sort(), out).toEqual(['curves.svg', 'log.jsonl', 'model', expect.stringMatching(/^step-\d$/)]);
    }
  },
);

test('Ctrl-C ends after the step with a checkpoint, from which the run goes on', async () => {
  const long = ['--recipe', at('recipe.json'), '--tokens', '100000', ...given(), '--out', at('stopped')];
  const stopped = await cli.run(['train', ...long], { interrupt: { afterOutput: 'step 2/' } });
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toMatch(/affinage: saved at step \d+; go on with --resume\n$/);
  const [, step] = /saved at step (\d+)/.exec(stopped.stderr)!;
  const after = await run('--resume', ...given(), '--out', at('stopped'), '--max-steps', String(Number(step) + 1));
  expect(after.code).toBe(0);
  expect(after.stdout).toMatch(new RegExp(`^step ${Number(step) + 1}/`));
});

test('cka tells a trained model from its start, and nothing from itself', async () => {
  const compare = async (...args: string[]) => {
    const { stdout, code } = await cli.run(['cka', ...args, '--texts', at('held.jsonl'), '--json']);
    expect(code).toBe(0);
    return JSON.parse(stdout) as { mean: number; texts: number; layers: { cka: number; control?: number; ratio?: number }[] };
  };
  const same = await compare('mini', 'mini');
  expect(same.layers.map(layer => layer.cka)).toEqual([1, 1, 1, 1].map(one => expect.closeTo(one, 9) as number));
  const apart = await compare('mini', at('whole/model'), '--control', 'mini', '--svg', at('cka.svg'));
  expect(apart.mean).toBeGreaterThan(1e-4);
  expect(apart.mean).toBeLessThan(0.9);
  expect(apart.layers).toHaveLength(4);
  expect(readFileSync(at('cka.svg'), 'utf8')).toContain('<polyline');
});

test('bad input gets a clear error and leaves nothing', async () => {
  writeFileSync(at('empty.txt'), '\n\n');
  const cases: [args: string[], code: number, why: RegExp][] = [
    [['--recipe', at('recipe.json'), '--out', at('x')], 2, /--data is missing/],
    [['--data', at('notes.txt'), '--out', at('x')], 2, /--recipe is missing: clm-detour, mlm-baseline/],
    [['--recipe', 'clm-detuor', '--data', at('notes.txt'), '--out', at('x')], 2, /there is no such file, and the recipes are/],
    [['--recipe', at('recipe.json'), '--data', `${at('notes.txt')}=0`, '--out', at('x')], 2, /share must be a number over 0/],
    [['--recipe', at('recipe.json'), '--data', at('nothing.txt'), '--out', at('x')], 1, /nothing\.txt/],
    [['--recipe', at('recipe.json'), '--data', at('empty.txt'), '--out', at('x')], 1, /no documents|empty/i],
    [
      ['--recipe', at('recipe.json'), '--data', at('notes.txt'), '--context', '4096', '--out', at('x')],
      1,
      /context is 4096 tokens; .* takes 1024/,
    ],
    [['--recipe', at('recipe.json'), '--resume', '--data', at('notes.txt'), '--out', at('x')], 1, /no checkpoint to go on from/],
    [['--recipe', at('recipe.json'), '--data', at('notes.txt'), '--out', folder], 1, /is not empty/],
  ];
  for (const [args, code, why] of cases) {
    const got = await run(...args);
    expect(got.stderr, args.join(' ')).toMatch(why);
    expect(got.code, args.join(' ')).toBe(code);
    if (existsSync(at('x'))) expect(readdirSync(at('x'))).toEqual([]);
  }
});

test('the check of this adapter passes, gradients included', async () => {
  const { stdout, code } = await run('--check', '--storage', 'f32'); // f16 would compile for as long again
  expect(stdout).toMatch(/^passed {2}kernel activation\n/);
  expect(stdout).toMatch(/passed {2}mlm f32: gradients are the slopes of the loss\n/);
  expect(stdout).toMatch(/\n\d+ passed, 0 failed\n$/);
  expect(code).toBe(0);
});

test('the plan of the paper’s recipe', async () => {
  const { stdout, code } = await run('--recipe', 'clm-detour', '--plan');
  expect(code).toBe(0);
  expect(stdout).toMatch(/clm +clm +3179 +1\.00e\+10 +[\d.]+e\+1[78] +\d+ (days|years|h)/);
  expect(stdout).toMatch(/4223820 parameters; GPU memory: 6\d\.\d MB .* 4 H100\.\n$/s);
});
