import { expect, test } from 'vitest';
import {
  formatAbout,
  formatBytes,
  formatDuration,
  formatFlops,
  formatLog,
  formatNumber,
  formatProbability,
  formatRemaining,
  formatScientific,
  formatShare,
} from './format.ts';

const plain = (text: string) => text.replace(/\s/g, ' ');

test('probabilities in one notation, and never a false 0 or 100', () => {
  const fr = (value: number) => plain(formatProbability(value, 'fr'));
  expect([0.4531, 0.01, 0.00996, 0.000234, 0.0001].map(fr)).toEqual(['45,3 %', '1,0 %', '1,0 %', '0,02 %', '0,01 %']);
  expect([0.00009, 3.14e-9, 7.8e-8].map(fr)).toEqual(['< 0,01 %', '< 0,01 %', '< 0,01 %']);
  expect([0.9994, 0.9995, 0.9999, 1 - 1e-9].map(fr)).toEqual(['99,9 %', '> 99,9 %', '> 99,9 %', '> 99,9 %']);
  expect([0, 1].map(fr)).toEqual(['0,0 %', '100,0 %']);
  expect(formatProbability(0.4531, 'en')).toBe('45.3%');
  expect(plain(formatProbability(1e-9, 'en'))).toBe('< 0.01%');
  expect(plain(formatProbability(0.99999, 'en'))).toBe('> 99.9%');
});

test('logarithms and cosines: a true minus, and no sign before a zero', () => {
  expect([0, -1e-4, -0.005, -2.345].map(value => plain(formatLog(value, 'fr')))).toEqual(['0,00', '> −0,01', '−0,01', '−2,35']);
  expect([-0.0001, -0, -0.25].map(value => formatNumber(value, 'fr', 3))).toEqual(['0,000', '0,000', '−0,250']);
  expect(formatScientific(-2.5e-9, 'en').replace(/\s/g, ' ')).toBe('−2.5 × 10⁻⁹');
});

test('a part done is 100 % only when all is', () => {
  const fr = (share: number) => plain(formatShare(share, 'fr'));
  expect([0, 0.004, 0.29, 0.996, 0.99999, 1].map(fr)).toEqual(['0 %', '< 1 %', '29 %', '99 %', '99 %', '100 %']);
  expect(formatShare(0.29, 'en')).toBe('29%');
});

test('bytes and times in the reader’s language', () => {
  const fr = (bytes: number, rough = false) => plain(formatBytes(bytes, 'fr', rough));
  expect(['245,3 Mo', '12 o', '1,00 Mo', '10,0 Mo', '0 o']).toEqual([245_300_000, 12, 999_999, 9_999_000, 0].map(each => fr(each)));
  expect([fr(9_960_000, true), fr(999_600_000, true), plain(formatBytes(1_512_000_000, 'en'))]).toEqual(['10 Mo', '1,0 Go', '1.51 GB']);
  expect(plain(formatBytes(12, 'en'))).toBe('12 B');
  const time = (ms: number) => plain(formatDuration(ms, 'fr'));
  expect([0, 0.4, 4.26, 9.97, 999.4, 999.6, 2345, 59_960, 65_000, 7_800_000].map(time)).toEqual([
    ...['< 1 ms', '< 1 ms', '4,3 ms', '10 ms', '999 ms', '1,0 s', '2,3 s', '1 min', '1 min 5 s', '2 h 10 min'],
  ]);
  expect(plain(formatDuration(2345, 'en'))).toBe('2.3 s');
  const about = (ms: number) => plain(formatAbout(ms, 'fr'));
  expect([0.0321, 0.5, 8.14, 123, 8140, 12_400, 90_000, 5_400_000].map(about)).toEqual([
    ...['0,032 ms', '0,5 ms', '8,1 ms', '120 ms', '8,1 s', '12 s', '2 min', '1 h 30 min'],
  ]);
  expect([0.2, 59.6, 3595].map(seconds => plain(formatRemaining(seconds, 'en')))).toEqual(['1 s', '1 min', '1 h']);
  expect(plain(formatFlops(999_960_000, 'en'))).toBe('1.0 GFLOP');
});
