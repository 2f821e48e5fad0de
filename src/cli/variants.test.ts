import { expect, it } from 'vitest';
import { Args, UsageError } from './args.ts';
import { variantsOption } from './command.ts';
import { forcedVariants, variantNotes } from './variants.ts';

const read = (...argv: string[]) => forcedVariants(new Args(argv, variantsOption));

it('kernels are named as their shaders, several in one option or in several', () => {
  expect(read()).toBe(undefined);
  expect(read('--variants', 'matmul=tile, softmax-stats=wide', '--variants', 'topk=select')).toEqual({
    matmul: 'tile',
    softmaxStats: 'wide',
    topk: 'select',
  });
});

it.each([
  ['tile', /takes KERNEL=VARIANT, separated by commas, such as matmul=tile,attention=quad, not "tile"/],
  ['matmul=', /takes KERNEL=VARIANT/],
  ['matmul=tile=small', /takes KERNEL=VARIANT/],
  ['matmull=tile', /knows no kernel "matmull"; did you mean matmul\? There are matmul, attention, embed, .*, watch$/],
  ['gather=tile', /knows no kernel "gather"; there are matmul/],
  ['constructor=tile', /knows no kernel "constructor"/],
  ['attention=qaud', /attention has no variant "qaud"; there are lanes, register, quad, tile$/],
  ['attention=quads', /attention has no variant "quads"; did you mean quad\? There are lanes, register, quad, tile$/],
  ['topk=select,topk=tournament', /names topk twice/],
])('--variants %s is refused', (given, message) => {
  expect(() => read('--variants', given)).toThrow(UsageError);
  expect(() => read('--variants', given)).toThrow(message);
});

it('the help names every kernel and variant', () => {
  const text = variantNotes.join('\n');
  expect(text).toContain('matmul=lanes|rows|rows-alone|tile|tile-sliced|tile-small, attention=lanes|register|quad|tile,');
  expect(text).toContain('target-scores=wide|narrow');
  expect(text).toContain('watch=wide|narrow');
  for (const line of variantNotes) expect(line.length).toBeLessThanOrEqual(130);
});
