import { expect, test } from 'vitest';
import * as errors from '../../errors.ts';
import { en } from '../i18n/en.ts';
import { fr } from '../i18n/fr.ts';
import { detectLanguage, parseSettings } from './settings.ts';

test('the language is the first of the browser’s that the page speaks', () => {
  expect(detectLanguage(['de-DE', 'fr-CA', 'en-US'])).toBe('fr');
  expect(detectLanguage(['en', 'fr'])).toBe('en');
  expect(detectLanguage(['de'])).toBe('en');
  expect(detectLanguage([])).toBe('en');
});

test('stored settings are kept when they are of the right kind, key by key', () => {
  const settings = parseSettings(
    '{"language":"fr","theme":"neon","k":400,"showIds":"yes","dtype":"q4","hubUrl":7,"lastModel":"a/b","keep":0,"extra":1}',
    ['en'],
  );
  expect(settings).toEqual({
    language: 'fr',
    theme: 'system',
    k: 50,
    showIds: false,
    singleKeys: true,
    largeType: false,
    dtype: 'q4',
    hubUrl: '',
    keep: true,
    keepText: false,
    lastModel: 'a/b',
    lastKept: null,
    unfinished: null,
  });
});

test.each(['', 'null', '[1]', '{', '"x"'])('damaged storage %j gives the defaults', stored => {
  expect(parseSettings(stored, ['fr'])).toMatchObject({ language: 'fr', k: 5, theme: 'system' });
});

test('every error class of the engine has a headline in both languages', () => {
  const names = Object.values(errors).flatMap(value =>
    typeof value === 'function' && value.prototype instanceof Error ? [value.name] : [],
  );
  expect(names.length).toBeGreaterThan(10);
  for (const name of names.filter(each => each !== 'AffinageError')) {
    expect(Object.keys(en.errors.names)).toContain(name);
    expect(Object.keys(fr.errors.names)).toContain(name);
  }
});
