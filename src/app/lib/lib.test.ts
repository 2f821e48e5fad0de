import { expect, test } from 'vitest';
import { guessBrowser, guessSystem } from './browser.ts';
import { formatBytes, formatDuration, formatProbability } from './format.ts';
import { mayFetch } from './policy.ts';
import { rateMeter } from './rate.ts';
import { routeOf } from './route.ts';
import { cosine, shade, similarityMatrix, spread } from './similarity.ts';
import { toCsv } from './table.ts';

const plain = (text: string) => text.replace(/\s/g, ' ');

test('probabilities never round to a false zero', () => {
  expect(plain(formatProbability(0.4531, 'fr'))).toBe('45,3 %');
  expect(formatProbability(0.4531, 'en')).toBe('45.3%');
  expect(plain(formatProbability(0.000234, 'fr'))).toBe('0,023 %');
  expect(formatProbability(3.14e-9, 'fr')).toBe('3,1 × 10⁻⁹');
  expect(plain(formatProbability(0, 'fr'))).toBe('0,0 %');
});

test('bytes and times in the reader’s language', () => {
  expect(plain(formatBytes(245_300_000, 'fr'))).toBe('245,3 Mo');
  expect(plain(formatBytes(1_512_000_000, 'en'))).toBe('1.51 GB');
  expect(plain(formatBytes(12, 'fr'))).toBe('12 o');
  expect(plain(formatDuration(4.26, 'fr'))).toBe('4,3 ms');
  expect(plain(formatDuration(2345, 'fr'))).toBe('2,3 s');
  expect(formatDuration(2345, 'en')).toBe('2.3s');
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
  expect(spread(matrix)?.min).toBe(0);
  expect(spread(matrix)?.max).toBeCloseTo(Math.SQRT1_2, 7);
  expect(spread([[1]])).toBeNull();
  expect([shade(2, { min: 0, max: 4 }), shade(9, { min: 0, max: 4 }), shade(1, null)]).toEqual([0.5, 1, 1]);
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
