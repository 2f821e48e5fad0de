import { expect, test } from 'vitest';
import { curvesSvg } from './curves.ts';

test('a point for each step, held-out losses as a curve of their own, the title as text', () => {
  const log = [
    { step: 0, heldOut: { loss: 5 } },
    { step: 1, loss: 4, lr: 1e-4 },
    { step: 2, loss: Number.NaN, lr: 2e-4 },
    { step: 3, loss: 2, lr: 2e-4 },
    { step: 3, heldOut: { loss: 3 } },
  ];
  const svg = curvesSvg(log, 'a <b>');
  expect(svg).toContain('a &lt;b&gt;');
  const curves = [...svg.matchAll(/<polyline[^>]*points="([^"]*)"/g)].map(([, points]) => points!.split(' ').length);
  expect(curves).toEqual([2, 2, 3]);
  expect(svg).not.toMatch(/NaN|undefined/);
  expect(curvesSvg([], 'nothing')).not.toMatch(/NaN|undefined|polyline/);
});
