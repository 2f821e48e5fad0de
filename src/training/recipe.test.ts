import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { readRecipe, recipes, scaledTo, stepsOf } from './recipe.ts';

const phase = { task: 'mlm', tokens: 1000, maskRate: 0.3, schedule: { kind: 'warmup-constant', peak: 1e-3, warmupTokens: 100 } };
const text = (changes: object) =>
  JSON.stringify({ name: 'mine', context: 64, batchTokens: 128, stepTokens: 256, phases: [phase], ...changes });

test('the paper’s steps: 10 B tokens are 3,179 steps, 1 B 318, 25 B 7,948', () => {
  const steps = (name: string) => recipes[name]!.phases.map(p => stepsOf(recipes[name]!, p));
  expect(steps('clm-detour')).toEqual([3179, 318]);
  expect(steps('mlm-baseline')).toEqual([3179, 318]);
  expect(steps('bio-large')).toEqual([7948, 795]);
});

test('twins differ in the first phase alone', () => {
  const [a, b] = [recipes['clm-detour']!, recipes['mlm-baseline']!];
  expect({ ...a, name: '', phases: a.phases.slice(1) }).toEqual({ ...b, name: '', phases: b.phases.slice(1) });
});

test('what a file leaves out is as in the paper', () => {
  expect(readRecipe(text({ optimizer: { clipNorm: 1 } }), 'r.json')).toMatchObject({
    name: 'mine',
    seed: 17,
    dataSeed: 42,
    optimizer: { beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 1e-5, clipNorm: 1 },
    phases: [{ name: 'mlm', tokens: 1000 }],
  });
});

test('scaled, phases keep their shares and warm-ups theirs', () => {
  const { phases } = scaledTo(recipes['clm-detour']!, 11_000_000);
  expect(phases.map(({ tokens }) => tokens)).toEqual([10_000_000, 1_000_000]);
  expect(phases[0]!.schedule).toMatchObject({ warmupTokens: 100_000 });
});

test.each([
  ['{', /r\.json is not JSON/],
  ['[]', /r\.json must be an object/],
  [text({ sede: 1 }), /unknown member "sede"; did you mean "seed"/],
  [text({ optimizer: { beta3: 0.1 } }), /optimizer has an unknown member "beta3"/],
  [text({ phases: undefined }), /phases is missing/],
  [text({ phases: [] }), /phases is \[\]/],
  [text({ phases: [{ ...phase, task: 'nsp' }] }), /phases\[0\]\.task is "nsp"; accepted: "clm" or "mlm"/],
  [text({ phases: [{ ...phase, maskRate: undefined }] }), /phases\[0\]\.maskRate/],
  [text({ phases: [{ ...phase, task: 'clm' }] }), /clm masks no tokens/],
  [text({ phases: [{ ...phase, maskRate: 1.5 }] }), /maskRate is 1\.5/],
  [text({ phases: [{ ...phase, schedule: { ...phase.schedule, kind: 'cosine' } }] }), /schedule\.kind is "cosine"/],
  [text({ phases: [{ ...phase, schedule: { ...phase.schedule, peak: -1 } }] }), /peak learning rate is -1/],
  [text({ batchTokens: 32 }), /batchTokens is 32; accepted: a whole number from 64 on/],
  [text({ optimizer: { beta1: 1 } }), /beta1 is 1/],
  [text({ optimizer: { clipNorm: 0 } }), /clipNorm is 0/],
])('%s is refused', (json, why) => {
  expect(() => readRecipe(json, 'r.json')).toThrow(InputError);
  expect(() => readRecipe(json, 'r.json')).toThrow(why);
});

test('the published schema names the members that are read', () => {
  const schema = JSON.parse(readFileSync(new URL('../../docs/recipe.schema.json', import.meta.url), 'utf8')) as {
    properties: Record<string, { properties?: object; items?: { properties: object } }>;
  };
  for (const member of [...Object.keys(schema.properties), 'sede'])
    expect(() => readRecipe(JSON.stringify({ [member]: 0 }), 'r.json')).toThrow(
      member === 'sede' ? /unknown member/ : /^(?!.*unknown member)/,
    );
  expect(Object.keys(schema.properties.optimizer!.properties!)).toEqual(Object.keys(recipes['clm-detour']!.optimizer));
  expect(Object.keys(schema.properties.phases!.items!.properties)).toEqual(['name', 'task', 'tokens', 'maskRate', 'schedule']);
});
