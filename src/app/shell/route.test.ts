import { expect, test } from 'vitest';
import { routeOf } from './route.ts';

test('an address names a view; any other is the first one', () => {
  expect(['', '#/embed', '#device', '#/nowhere', '#/fill?v=1&t=a/b', '#/embed?x'].map(routeOf)).toEqual([
    'fill',
    'embed',
    'device',
    'fill',
    'fill',
    'embed',
  ]);
});
