/** The rules of rooms.ts hold in src, every folder of src has one, and each rule refuses what it should. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cruiseOptions, rules } from './rooms.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const refused: [file: string, imports: string][] = [
  ['gpu/x.ts', 'kernels/matmul.ts'],
  ['kernels/x.ts', 'runtime/runner.ts'],
  ['kernels/x.ts', 'kernels/checking/run-case.ts'],
  ['kernels/x.ts', 'kernels/layernorm.cases.ts'],
  ['kernels/x.ts', 'testing/gpu.ts'],
  ['kernels/x.cases.ts', 'model/config.ts'],
  ['kernels/x.cases.ts', 'testing/gpu.ts'],
  ['kernels/checking/x.ts', 'inference/open.ts'],
  ['runtime/x.ts', 'model/config.ts'],
  ['runtime/x.ts', 'inference/open.ts'],
  ['model/x.ts', 'inference/open.ts'],
  ['model/x.ts', 'text/tokenizer.ts'],
  ['inference/x.ts', 'kernels/all.cases.ts'],
  ['inference/x.ts', 'kernels/checking/run-case.ts'],
  ['inference/x.ts', 'verify/verify.ts'],
  ['inference/x.ts', 'worker/protocol.ts'],
  ['inference/x.ts', 'node/gpu.ts'],
  ['inference/x.ts', 'library/library.ts'],
  ['inference/x.ts', 'quantize/copy.ts'],
  ['inference/x.ts', 'training/packing.ts'],
  ['training/x.ts', 'inference/open.ts'],
  ['training/x.ts', 'library/library.ts'],
  ['training/x.ts', 'node/gpu.ts'],
  ['training/x.ts', 'kernels/all.cases.ts'],
  ['training/x.ts', 'testing/gpu.ts'],
  ['model/x.ts', 'training/packing.ts'],
  ['kernels/x.ts', 'training/packing.ts'],
  ['quantize/x.ts', 'library/library.ts'],
  ['library/x.ts', 'worker/protocol.ts'],
  ['library/x.ts', 'gpu/device.ts'],
  ['verify/x.ts', 'library/library.ts'],
  ['verify/x.ts', 'testing/gpu.ts'],
  ['client/x.ts', 'library/library.ts'],
  ['client/x.ts', 'inference/load.ts'],
  ['client/x.ts', 'worker/host.ts'],
  ['worker/x.ts', 'client/client.ts'],
  ['worker/x.ts', 'kernels/matmul.ts'],
  ['app/shell/x.ts', 'library/library.ts'],
  ['app/store/x.ts', 'inference/load.ts'],
  ['app/fill/x.tsx', 'worker/protocol.ts'],
  ['app/device/x.ts', 'gpu/device.ts'],
  ['app/fill/x.ts', 'app/embed/embed.ts'],
  ['app/embed/x.tsx', 'app/fill/state.ts'],
  ['app/models/x.ts', 'app/device/check.ts'],
  ['app/device/x.tsx', 'app/models/library.ts'],
  ['app/fill/x.ts', 'app/shell/route.ts'],
  ['app/privacy/x.ts', 'app/fill/fill.ts'],
  ['app/share/x.tsx', 'app/fill/fill.ts'],
  ['app/embed/x.tsx', 'app/share/link.ts'],
  ['app/parts/x.tsx', 'app/fill/fill.ts'],
  ['app/ui/x.tsx', 'app/parts/Undo.tsx'],
  ['app/store/x.ts', 'app/fill/fill.ts'],
  ['app/store/x.ts', 'app/ui/Button.tsx'],
  ['app/i18n/x.ts', 'app/ui/Button.tsx'],
  ['app/lib/x.ts', 'app/store/store.ts'],
  ['app/lib/x.ts', 'app/models/library.ts'],
  ['weights/x.ts', 'model/config.ts'],
  ['text/x.ts', 'source/http.ts'],
  ['source/x.ts', 'weights/dtype.ts'],
  ['node/x.ts', 'gpu/device.ts'],
  ['cli/x.ts', 'kernels/matmul.ts'],
  ['options/x.ts', 'inference/local-model.ts'],
  ['options/x.ts', 'kernels/topk.ts'],
  ['types.ts', 'model/config.ts'],
];

const allowed: [file: string, imports: string][] = [
  ['gpu/x.ts', 'errors.ts'],
  ['kernels/x.ts', 'gpu/step.ts'],
  ['kernels/x.cases.ts', 'kernels/checking/cases.ts'],
  ['runtime/x.ts', 'kernels/matmul.ts'],
  ['model/x.ts', 'runtime/runner.ts'],
  ['inference/x.ts', 'kernels/matmul.ts'],
  ['training/x.ts', 'model/words.ts'],
  ['training/x.ts', 'runtime/graph.ts'],
  ['training/x.ts', 'kernels/matmul.ts'],
  ['training/x.ts', 'text/tokenizer.ts'],
  ['verify/x.ts', 'kernels/all.cases.ts'],
  ['verify/x.ts', 'kernels/checking/run-case.ts'],
  ['verify/x.ts', 'inference/open.ts'],
  ['worker/x.ts', 'inference/load.ts'],
  ['worker/x.ts', 'verify/verify.ts'],
  ['client/x.ts', 'worker/protocol.ts'],
  ['client/x.ts', 'options/read.ts'],
  ['app/fill/x.ts', 'types.ts'],
  ['app/shell/x.ts', 'client/client.ts'],
  ['app/shell/x.ts', 'app/fill/fill.ts'],
  ['app/embed/x.ts', 'app/store/request.ts'],
  ['app/store/x.ts', 'app/fill/state.ts'],
  ['app/fill/x.tsx', 'app/share/ShareButton.tsx'],
  ['app/parts/x.tsx', 'app/ui/Button.tsx'],
  ['text/x.ts', 'types.ts'],
  ['options/x.ts', 'types.ts'],
  ['types.ts', 'source/source.ts'],
];

async function violationsIn(baseDir: string): Promise<ICruiseResult['summary']['violations']> {
  const { output } = await cruise(['src'], { ...cruiseOptions, baseDir }, { extensions: ['.ts', '.tsx', '.js'] });
  return (output as ICruiseResult).summary.violations;
}

/** One importing file for each pair, under the same rules. */
let broken: ReadonlyMap<string, string[]>;
let folder: string;

const pairs = [...refused, ...allowed];
// types.ts is named by its whole path; the others get a name of their own.
const fileOf = ([file]: [string, string], index: number) => `src/${file.replace('/x.', `/x${index}.`)}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-layers-'));
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  for (const [, imports] of pairs) await write(`src/${imports}`, 'export const x = 1;\n');
  const imports = new Map<string, string>();
  for (const [index, pair] of pairs.entries()) {
    const file = fileOf(pair, index);
    const from = `${'../'.repeat(file.split('/').length - 2) || './'}${pair[1]}`;
    imports.set(file, `${imports.get(file) ?? ''}export { x as x${index} } from '${from}';\n`);
  }
  for (const [file, text] of imports) await write(file, text);
  await write('package.json', '{}');
  const found = new Map<string, string[]>();
  for (const { from, to } of await violationsIn(folder)) found.set(from, [...(found.get(from) ?? []), to]);
  broken = found;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

refused.forEach((pair, index) => {
  test(`${pair[0]} may not import ${pair[1]}`, () => {
    expect(broken.get(fileOf(pair, index))).toContain(`src/${pair[1]}`);
  });
});

allowed.forEach((pair, index) => {
  test(`${pair[0]} may import ${pair[1]}`, () => {
    expect(broken.get(fileOf(pair, refused.length + index)) ?? []).not.toContain(`src/${pair[1]}`);
  });
});

test('src keeps the rules: no arrow upwards, no circle', async () => {
  const told = (await violationsIn(root)).map(({ rule, from, to }) => `${from} → ${to} (${rule.name})`);
  expect(told).toEqual([]);
});

test.each(['', 'app/'])('every folder of src/%s has a rule', async under => {
  const folders = (await readdir(join(root, 'src', under), { withFileTypes: true })).filter(entry => entry.isDirectory());
  const ruled = rules.map(({ name }) => name?.split(' ')[0]);
  expect(folders.map(({ name }) => name).filter(name => name !== 'testing' && !ruled.includes(under + name))).toEqual([]);
});
