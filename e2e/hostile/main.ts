/** `npm run test:hostile`: see lead.ts for what is counted. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isFailure, type Result, runHostile, summary } from './lead.ts';

const usage = 'Usage: npm run test:hostile -- [--seed N] [--count N] [--only K,K…]';

/** Exit code. */
export async function main(root: string, argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '10000' }, only: { type: 'string' } },
  });
  const only = values.only?.split(',').map(Number);
  const [seed, count] = [Number(values.seed), Number(values.count)];
  if (![seed, count, ...(only ?? [])].every(n => Number.isSafeInteger(n) && n >= 0)) {
    console.error(`A number is expected.\n${usage}`);
    return 2;
  }
  const indices = only ?? Array.from({ length: count }, (_, i) => i);
  const folder = join(root, 'hostile-failures');
  const started = performance.now();
  let done = 0;
  const results = await runHostile({
    root,
    seed,
    indices,
    folder,
    onResult(result) {
      if (isFailure(result) || only) console.log(line(result, seed));
      if (++done % 1000 === 0) console.error(`${done} of ${indices.length}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
    },
  });
  const slowest = results.toSorted((a, b) => b.ms - a.ms).slice(0, 3);
  for (const target of new Set(results.map(result => result.target))) {
    const mine = results.filter(result => result.target === target);
    const taken = mine.filter(({ outcome }) => outcome === 'accepted').length;
    console.log(
      `${target.padEnd(34)} ${String(mine.length).padStart(6)} inputs, ${String(taken).padStart(5)} taken, ${mine.filter(isFailure).length} failed`,
    );
  }
  console.log(`slowest: ${slowest.map(({ index, ms, target }) => `${index} (${target}) ${ms} ms`).join(', ')}`);
  if (results.some(isFailure)) console.log(`The inputs that failed are in ${folder}.`);
  console.log(summary(results, seed, (performance.now() - started) / 1000));
  return results.some(isFailure) ? 1 : 0;
}

function line({ index, outcome, target, path, what, why }: Result, seed: number): string {
  return `${outcome}: ${target}, ${path}: ${what}\n  ${why.split('\n').slice(0, 4).join('\n  ')}\n  npm run test:hostile -- --seed ${seed} --only ${index}`;
}
