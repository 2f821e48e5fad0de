import { GpuError } from '../errors.ts';
import { adapterFeatures as features } from '../options/tables.ts';
import type { DeviceCheck } from '../verify/types.ts';
import { UsageError } from './args.ts';
import { type Command, variantsOption } from './command.ts';
import { forcedVariants } from './variants.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'Check that this adapter computes correctly: every kernel, and the built-in model',
  usage: '[options]',
  options: {
    short: { help: 'a few small cases a kernel, as at the first load on an adapter' },
    without: { value: 'NAME,…', help: `leave out adapter features: ${features.join(', ')}` },
    ...variantsOption,
    json: { help: 'JSON' },
  },
  notes: [
    'The full check compiles every variant of every kernel: seconds on a GPU, up to minutes on a software adapter.',
    'With --variants the built-in model runs in those; the kernels are checked in all of theirs in any case.',
    'The report holds no text of yours and no path; the exit code is 1 when something is wrong.',
  ],
  examples: ['affinage verify', 'affinage verify --short --json', 'affinage verify --without shader-f16,subgroups'],

  async run({ args, io, env, signal }) {
    if (args.texts.length > 0) throw new UsageError(`verify takes no text, but "${args.texts[0]}" was given`);
    const without = (args.list('without') ?? []).map(name => {
      const feature = features.find(known => known === name);
      if (!feature) throw new UsageError(`--without takes ${features.join(', ')}, not "${name}"`);
      return feature;
    });
    const variants = forcedVariants(args);
    // Imported here, so that the other commands do not load the kernels' cases and references.
    const { verifyDevice, toText } = await import('../verify/verify.ts');
    const check = await verifyDevice(env, {
      form: args.flag('short') ? 'short' : 'full',
      without,
      variants,
      signal,
      onProgress: ({ done, total, detail }) => io.status(`checking ${total > 0 ? `${done} of ${total} ` : ''}${detail ?? ''}`),
    });
    io.status('');
    await io.out(args.flag('json') ? `${JSON.stringify(check)}\n` : toText(check));
    if (!check.passed) throw new GpuError(remedy(check));
  },
};

function remedy({ failures, kernels, models }: DeviceCheck): string {
  const wrong = [
    ...failures.map(({ part, error }) => `${part}: ${error.message}`),
    ...models.filter(({ passed }) => !passed).map(({ storage }) => `the embedded model with ${storage} activations is wrong`),
    ...kernels.filter(({ passed }) => !passed).map(({ kernel }) => `kernel ${kernel} is wrong`),
  ];
  return `this device did not pass (${wrong.join('; ')}). Update the graphics driver, and report it with the text above`;
}
