import { expect, test } from 'vitest';
import { dictionaryOf } from './dictionaries.ts';
import { typesetFrench } from './typeset.ts';

/** Every string of a dictionary; functions are asked with numbers as words. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function') return strings(value('12', '34', '56'));
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(strings);
  return [];
}

test('French spaces do not break: narrow before ; ? ! %, wide before : and inside « »', () => {
  expect(typesetFrench('Vrai ? « Non » : 12 % ; 32 bits !')).toBe(
    'Vrai\u202f? «\u00a0Non\u00a0»\u00a0: 12\u202f%\u202f; 32\u00a0bits\u202f!',
  );
  expect(typesetFrench('https://a.fr/x?y dom.webgpu:1')).toBe('https://a.fr/x?y dom.webgpu:1');
});

test('no French string has a breaking space, or none, where French wants one that does not break', () => {
  const fr = strings(dictionaryOf('fr'));
  expect(fr.length).toBeGreaterThan(300);
  expect(fr.filter(text => / [:;?!%»]|« |[\p{L}\d)][;?!](?:\s|$)|[\p{L}\d)]:\s/u.test(text))).toEqual([]);
  expect(fr.filter(text => /'/.test(text))).toEqual([]);
});

test('what a French-speaking reader of this field would not say stays out', () => {
  const odd = /plongement|\bjetons\b|cacher|cachez|récupér|\bgard(?:er|és?)\b|abîm|appris|d’elle-même/i;
  expect(strings(dictionaryOf('fr')).filter(text => odd.test(text))).toEqual([]);
  expect(strings(dictionaryOf('en')).filter(text => /\bparted\b|\bmend|\bon its way\b|\bmaker\b|\bshall\b|\bwhole,/i.test(text))).toEqual(
    [],
  );
});
