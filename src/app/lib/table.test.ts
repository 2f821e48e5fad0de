import { expect, test } from 'vitest';
import { toCsv } from './table.ts';

test('CSV quotes what it must; French spreadsheets get semicolons and decimal commas', () => {
  expect(
    toCsv(
      [
        ['mot', 0.5],
        ['a "b"; c', 1e-7],
      ],
      'fr',
    ),
  ).toBe('\ufeffmot;0,5\r\n"a ""b""; c";1e-7\r\n');
  expect(toCsv([['x,y', 0.5]], 'en')).toBe('\ufeff"x,y",0.5\r\n');
});
