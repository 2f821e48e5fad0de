import { expect, test } from 'vitest';
import { guessBrowser, guessSystem } from './browser.ts';

test('browsers and systems by what they call themselves', () => {
  expect(guessBrowser('Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0')).toBe('firefox');
  expect(guessBrowser('Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18.5 Safari/605')).toBe('safari');
  expect(guessBrowser('Mozilla/5.0 (X11; Linux) AppleWebKit/537 Chrome/156.0 Safari/537')).toBe('chromium');
  expect(guessSystem('Mozilla/5.0 (Linux; Android 16)')).toBe('android');
  expect(guessSystem('Mozilla/5.0 (X11; Linux x86_64)')).toBe('linux');
});
