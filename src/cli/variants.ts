import { variantsTable } from '../options/tables.ts';
import type { KernelVariants } from '../types.ts';
import { type Args, nearest, UsageError } from './args.ts';

/** `softmaxStats` as the command line and the shaders write it. */
const dashed = (name: string) => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

const kernels = Object.fromEntries(Object.entries(variantsTable).map(([name, { of }]) => [dashed(name), { name, of }]));

/** `--variants matmul=tile,softmax-stats=wide`. Errors: UsageError, which says what there is. */
export function forcedVariants(args: Args): KernelVariants | undefined {
  const given = args.list('variants');
  if (!given) return undefined;
  const variants: Record<string, string> = {};
  for (const entry of given) {
    const [kernel = '', variant, ...rest] = entry.split('=');
    if (!variant || rest.length > 0)
      throw new UsageError(`--variants takes KERNEL=VARIANT, separated by commas, such as matmul=tile,attention=quad, not "${entry}"`);
    const known = Object.hasOwn(kernels, kernel) ? kernels[kernel] : undefined;
    if (!known) throw new UsageError(`--variants knows no kernel "${kernel}"${meant(kernel, Object.keys(kernels))}`);
    if (!(known.of as readonly string[]).includes(variant))
      throw new UsageError(`--variants: ${kernel} has no variant "${variant}"${meant(variant, known.of)}`);
    if (known.name in variants) throw new UsageError(`--variants names ${kernel} twice`);
    variants[known.name] = variant;
  }
  return variants;
}

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  const all = `here are ${known.join(', ')}`;
  return near ? `; did you mean ${near}? T${all}` : `; t${all}`;
}

/** Kernels and their variants, for the help. */
export const variantNotes: readonly string[] = [
  '--variants forces choices that affinage makes by measuring or by the kind of adapter; each is checked before it is used:',
  ...lines(Object.entries(kernels).map(([kernel, { of }]) => `${kernel}=${of.join('|')}`)),
];

/** Joined by commas, in lines of at most 100 characters. */
function lines(parts: readonly string[]): string[] {
  const all: string[] = [];
  let line = ' ';
  parts.forEach((part, i) => {
    const next = `${part}${i < parts.length - 1 ? ',' : ''}`;
    if (line.length + next.length > 100) {
      all.push(line);
      line = ' ';
    }
    line += ` ${next}`;
  });
  return [...all, line];
}
