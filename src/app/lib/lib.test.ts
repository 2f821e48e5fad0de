import { expect, test } from 'vitest';
import { guessBrowser, guessSystem } from '../device/browser.ts';
import { cosine, shade, similarityMatrix } from '../embed/similarity.ts';
import { mayFetch } from '../models/policy.ts';
import { routeOf } from '../shell/route.ts';
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
import { rateMeter } from './rate.ts';
import { toCsv } from './table.ts';

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

test('cosines against values worked out by hand', () => {
  const v = (...values: number[]) => new Float32Array(values);
  expect(cosine(v(3, 4), v(4, 3))).toBeCloseTo(24 / 25, 12);
  expect(cosine(v(1, 0), v(0, 0))).toBe(0);
  const matrix = similarityMatrix([v(1, 0), v(1, 1), v(0, 1)]);
  expect(matrix[0]?.[1]).toBeCloseTo(Math.SQRT1_2, 7);
  expect(matrix[2]?.[0]).toBe(0);
  expect([shade(0.5), shade(1.0000001), shade(-0.3)]).toEqual([0.5, 1, 0]);
});

test('speed and time left come from the last seconds', () => {
  const meter = rateMeter();
  expect(meter(0, 1000, 0)).toBeNull();
  expect(meter(100, 1000, 1000)).toEqual({ bytesPerSecond: 100, secondsLeft: 9 });
  for (let second = 2; second <= 10; second++) meter(100 + (second - 1) * 50, 1000, second * 1000);
  expect(meter(600, 1000, 11_000)?.bytesPerSecond).toBe(50);
  expect(meter(600, 0, 11_500)?.secondsLeft).toBeNull();
});

test('the security policy is read as a browser reads it', () => {
  const policy = "default-src 'self'; connect-src 'self' https://huggingface.co https://*.hf.co http://mirror:8080";
  const may = (address: string) => mayFetch(address, policy, 'https://page.example');
  expect(['https://page.example/m', '/m', 'https://huggingface.co/x', 'https://cas.xet.hf.co/x', 'http://mirror:8080/a'].map(may)).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(['https://hf.co', 'https://evil.example', 'http://huggingface.co', 'http://mirror/a', 'https://nothf.co'].map(may)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(mayFetch('https://any.example', null, 'https://page.example')).toBe(true);
});

test('routes and guesses', () => {
  expect(['', '#/embed', '#device', '#/nowhere'].map(routeOf)).toEqual(['fill', 'embed', 'device', 'fill']);
  expect(guessBrowser('Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0')).toBe('firefox');
  expect(guessBrowser('Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18.5 Safari/605')).toBe('safari');
  expect(guessBrowser('Mozilla/5.0 (X11; Linux) AppleWebKit/537 Chrome/156.0 Safari/537')).toBe('chromium');
  expect(guessSystem('Mozilla/5.0 (Linux; Android 16)')).toBe('android');
  expect(guessSystem('Mozilla/5.0 (X11; Linux x86_64)')).toBe('linux');
});
