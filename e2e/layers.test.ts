/** The rules of the layers (biome.json) bite: each bad import is refused, each good one passes. */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const refused: [string, string][] = [
  ['src/gpu/x.ts', '../kernels/matmul.ts'],
  ['src/kernels/x.ts', '../engine/engine.ts'],
  ['src/kernels/x.ts', './checking/run-case.ts'],
  ['src/kernels/x.ts', '../testing/gpu.ts'],
  ['src/kernels/x.ts', './layernorm.cases.ts'],
  ['src/kernels/x.cases.ts', '../engine/types.ts'],
  ['src/kernels/x.cases.ts', '../testing/gpu.ts'],
  ['src/kernels/checking/x.ts', '../../engine/types.ts'],
  ['src/engine/x.ts', '../kernels/all.cases.ts'],
  ['src/engine/x.ts', '../kernels/checking/run-case.ts'],
  ['src/engine/x.ts', '../verify/verify.ts'],
  ['src/engine/x.ts', '../worker/protocol.ts'],
  ['src/engine/x.ts', '../node/gpu.ts'],
  ['src/engine/x.ts', '../library/library.ts'],
  ['src/engine/x.ts', '../quantize/quantised-source.ts'],
  ['src/quantize/x.ts', '../library/storage.ts'],
  ['src/library/x.ts', '../worker/protocol.ts'],
  ['src/library/x.ts', '../gpu/device.ts'],
  ['src/verify/x.ts', '../library/library.ts'],
  ['src/verify/x.ts', '../testing/gpu.ts'],
  ['src/client/x.ts', '../library/library.ts'],
  ['src/app/x.ts', '../library/library.ts'],
  ['src/worker/x.ts', '../client/client.ts'],
  ['src/worker/x.ts', '../kernels/matmul.ts'],
  ['src/client/x.ts', '../engine/load.ts'],
  ['src/client/x.ts', '../worker/host.ts'],
  ['src/app/store/x.ts', '../../engine/load.ts'],
  ['src/app/views/x.tsx', '../../worker/protocol.ts'],
  ['src/app/x.ts', '../gpu/device.ts'],
  ['src/weights/x.ts', '../engine/config.ts'],
  ['src/text/x.ts', '../source/http.ts'],
  ['src/source/x.ts', '../weights/reader.ts'],
  ['src/node/x.ts', '../gpu/device.ts'],
  ['src/cli/x.ts', '../kernels/matmul.ts'],
  ['src/options/x.ts', '../engine/engine.ts'],
  ['src/options/x.ts', '../kernels/topk.ts'],
];

const allowed: [string, string][] = [
  ['src/gpu/x.ts', './device.ts'],
  ['src/kernels/x.ts', '../gpu/step.ts'],
  ['src/engine/x.ts', '../kernels/matmul.ts'],
  ['src/kernels/x.cases.ts', './checking/cases.ts'],
  ['src/verify/x.ts', '../kernels/all.cases.ts'],
  ['src/verify/x.ts', '../kernels/checking/run-case.ts'],
  ['src/verify/x.ts', '../engine/open.ts'],
  ['src/worker/x.ts', '../engine/load.ts'],
  ['src/worker/x.ts', '../verify/verify.ts'],
  ['src/client/x.ts', '../worker/protocol.ts'],
  ['src/app/store/x.ts', '../../engine/types.ts'],
  ['src/app/store/x.ts', '../engine.ts'],
  ['src/text/x.ts', '../engine/types.ts'],
  ['src/options/x.ts', '../engine/types.ts'],
  ['src/client/x.ts', '../options/read.ts'],
];

/** A house of one file per import, under the same rules; the linter's words on each file. */
let said: string[];
let folder: string;

const fileOf = ([path]: [string, string], index: number): string => path.replace('/x.', `/x${index}.`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-layers-'));
  await cp(join(root, 'biome.json'), join(folder, 'biome.json'));
  const imports = [...refused, ...allowed];
  for (const [index, pair] of imports.entries()) {
    const file = join(folder, fileOf(pair, index));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `import { x } from '${pair[1]}';\nexport const y = x;\n`);
  }
  const { stdout } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/@biomejs/biome/bin/biome'),
      'lint',
      '--only=style/noRestrictedImports',
      '--vcs-enabled=false',
      '--reporter=github',
      '--max-diagnostics=none',
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  said = imports.map((pair, index) =>
    stdout
      .split('\n')
      .filter(line => line.includes(`/${fileOf(pair, index)},`))
      .join('\n'),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

refused.forEach(([path, from], index) => {
  test(`${path} may not import ${from}`, () => {
    expect(said[index]).toContain('app → client → worker → library → engine → kernels → gpu');
  });
});

allowed.forEach(([path, from], index) => {
  test(`${path} may import ${from}`, () => {
    expect(said[refused.length + index]).toBe('');
  });
});
