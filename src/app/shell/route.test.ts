import { expect, test } from 'vitest';
import { routeOf } from './route.ts';

test('an address names a view; any other is the first one', () => {
  expect(['', '#/embed', '#device', '#/nowhere'].map(routeOf)).toEqual(['fill', 'embed', 'device', 'fill']);
});
