import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownersOf, windowsOf } from './surprisal.ts';

test('a text that fits is one window; a longer one is covered by windows that overlap by half', () => {
  expect(windowsOf(0, 10)).toEqual([[0, 0]]);
  expect(windowsOf(10, 10)).toEqual([[0, 10]]);
  expect(windowsOf(11, 10)).toEqual([
    [0, 10],
    [1, 11],
  ]);
  expect(windowsOf(23, 10)).toEqual([
    [0, 10],
    [5, 15],
    [10, 20],
    [13, 23],
  ]);
});

test('each token is asked once, in the window whose edge is farthest from it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 2, max: 60 }), (total, room) => {
      const windows = windowsOf(total, room);
      const owners = ownersOf(windows);
      expect(owners.flatMap(([first, last]) => Array.from({ length: last - first }, (_, i) => first + i))).toEqual(
        Array.from({ length: total }, (_, i) => i),
      );
      const margin = ([start, end]: [number, number], token: number) =>
        Math.min(start === 0 ? Infinity : token - start, end === total ? Infinity : end - 1 - token);
      owners.forEach(([first, last], i) => {
        for (let token = first; token < last; token++) {
          const most = Math.max(...windows.map(window => (token >= window[0] && token < window[1] ? margin(window, token) : -1)));
          expect(margin(windows[i]!, token)).toBeGreaterThanOrEqual(most - 1);
        }
      });
    }),
  );
});
