/**
 * What `npm test` runs, two stages at a time, begun in this order (e2e/run.ts): first what others need and what fails soonest, then the
 * long ones, last the short ones that fill up. Plain commands count as one test each; Vitest and Playwright count their own.
 */

export interface Command {
  title: string;
  /** Script inside node_modules, and its arguments. */
  script: string;
  args: string[];
  env?: Readonly<Record<string, string>>;
  /** Its reporter writes a count (count.ts). */
  counts?: boolean;
}

export interface Stage {
  name: string;
  title: string;
  commands: Command[];
  /** An earlier stage that must have passed. */
  needs?: string;
  /** Each command is ended after this time and counts as failed, so that a hanging test cannot block the run. */
  limitMinutes: number;
}

const biome = '@biomejs/biome/bin/biome';
const vite = 'vite/bin/vite.js';

function vitest(title: string, args: string[]): Command {
  return {
    title,
    script: 'vitest/vitest.mjs',
    args: ['run', ...args, '--reporter=default', '--reporter=./e2e/vitest-count.ts'],
    counts: true,
  };
}

/** Another stage runs beside it, and a software GPU uses every core, so the time-outs are long. */
function onAdapter(name: string, title: string, args: string[] = ['--maxWorkers=1']): Command {
  return vitest(title, ['--project', name, ...args, '--testTimeout=180000', '--hookTimeout=180000']);
}

/** GPU tests that compile much and compute little. */
const checks = ['src/verify/verify.gpu.test.ts', 'src/cli/verify.gpu.test.ts', 'src/training/**', 'src/cli/train.gpu.test.ts'];

/** `adapters`: names of the GPU projects of vite.config.ts. */
export function allStages(adapters: readonly string[]): Stage[] {
  return [
    {
      name: 'build',
      title: 'Build: the page, the page in one file, the library',
      commands: [
        { title: 'vite build', script: vite, args: ['build', '--logLevel', 'warn'] },
        { title: 'vite build --mode single', script: vite, args: ['build', '--mode', 'single', '--logLevel', 'warn'] },
        { title: 'vite build --mode lib', script: vite, args: ['build', '--mode', 'lib', '--logLevel', 'warn'] },
      ],
      limitMinutes: 5,
    },
    {
      name: 'types',
      title: 'Types',
      commands: [{ title: 'tsc -b', script: 'typescript/bin/tsc', args: ['-b', '--stopBuildOnErrors'] }],
      limitMinutes: 5,
    },
    {
      name: 'lint',
      title: 'Lint, layers, nothing unused',
      commands: [
        { title: 'biome check', script: biome, args: ['check', '--max-diagnostics=50', '.'] },
        { title: 'knip', script: 'knip/bin/knip.js', args: [] },
        vitest('layers', ['--config', 'e2e/vitest.config.ts', '--project', 'layers']),
      ],
      limitMinutes: 5,
    },
    ...adapters.map(name => ({
      name,
      title: `Kernels, engine and command line on ${name}`,
      // Most of the time of the kernels' small cases on lavapipe is compiling, which takes a third less without LLVM's optimizations. The
      // check of a device runs the same cases and finds them compiled; training's tests are small as well. The other tests run models, and two of them take nearly twice as long
      // without (docs/log/tests.md).
      commands:
        name === 'lavapipe'
          ? [
              { ...onAdapter(name, `${name}, kernels`, ['src/kernels']), env: { GALLIVM_PERF: 'nopt' } },
              {
                ...onAdapter(
                  name,
                  `${name}, the check of a device, training`,
                  checks.map(file => file.replace('/**', '')),
                ),
                env: { GALLIVM_PERF: 'nopt' },
              },
              onAdapter(name, `${name}, the rest`, [
                ...['src/kernels/**', ...checks].flatMap(file => ['--exclude', file]),
                '--maxWorkers=2',
              ]),
            ]
          : [onAdapter(name, name)],
      needs: 'build',
      limitMinutes: 20,
    })),
    {
      name: 'chromium',
      title: 'The page in Chromium',
      commands: [
        { title: 'playwright', script: '@playwright/test/cli.js', args: ['test', '-c', 'e2e/playwright.config.ts'], counts: true },
      ],
      needs: 'build',
      limitMinutes: 15,
    },
    // By default one core is left out, which is half of a small machine.
    {
      name: 'unit',
      title: 'Unit and component tests',
      commands: [vitest('unit', ['--project', 'unit', '--maxWorkers=100%'])],
      needs: 'build',
      limitMinutes: 15,
    },
    {
      name: 'hostile',
      title: 'Hostile files, the short form',
      commands: [vitest('hostile', ['--config', 'e2e/vitest.config.ts', '--project', 'hostile'])],
      limitMinutes: 5,
    },
    {
      name: 'firefox',
      title: 'Kernels and the page in Firefox',
      commands: [vitest('firefox', ['--config', 'e2e/vitest.config.ts', '--project', 'firefox'])],
      needs: 'build',
      limitMinutes: 15,
    },
  ];
}
