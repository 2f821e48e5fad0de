/** Values that have broken readers of files before: numbers, texts, patterns, depths. */
import type { Random } from './random.ts';

/** Patterns on which an engine that backtracks takes time exponential or cubic in the text. */
export const hostilePatterns = [
  '(a+)+$',
  '(a|a)*$',
  '(a|aa)+$',
  '(.*)*x',
  '(\\w+\\s?)*$',
  '^(\\w+\\s?)*$',
  '([a-z]+)*\\d',
  '(?:(?:a?){20})a{20}$',
  '(a*)*b',
  '(?=(a+)+$)',
  '(?<=(a+)+)b',
  '((a{1,50}){1,50}){1,50}',
  '(\\p{L}+)+!',
  '(\\s*)*\\S\\z',
  '(x+x+)+y',
  '(a+)\\1+$',
  '(?i:(s|ſ)+)+$',
  '.*.*.*.*.*=',
  '[',
  '(',
  'a{2,1}',
  '\\',
  '(?<n>a)(?<n>b)',
  '\\p{Nonsense}',
  '',
] as const;

const texts = [
  '',
  ' ',
  '\u0000',
  '\u001b[2J',
  '\ud800',
  'é'.normalize('NFD'),
  '🤷🏽‍♀️',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '/etc/passwd',
  'https://example.invalid/',
  '[MASK]',
  '##',
  '▁',
  'Ġ',
  '<0x00>',
  'NaN',
  'null',
] as const;

const numbers = [
  '0',
  '-0',
  '-1',
  '1',
  '2',
  '3',
  '0.5',
  '-1e308',
  '1e308',
  '1e999',
  '1e-300',
  '5e-324',
  '3e38',
  '65504.5',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '1e21',
  '123456789012345678901234567890',
];

/** JSON text, valid or not, to replace a value. */
export function hostileValue(random: Random): string {
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return random.pick(numbers);
    case 3:
      return random.pick(['null', 'true', 'false', '{}', '[]', '""']);
    case 4:
    case 5:
      return JSON.stringify(random.pick(texts));
    case 6:
      return JSON.stringify(random.pick(texts).repeat(2 + random.below(30)));
    case 7:
      return JSON.stringify(random.pick(hostilePatterns));
    case 8:
      return JSON.stringify(random.pick(['a', ' ', 'é', '\u0301', '##', '\u0000', '(']).repeat(random.pick([100, 5000, 200_000])));
    case 9:
      return nested(random, random.pick([3, 50, 2000, 60_000, 400_000]));
    case 10:
      return `[${Array.from({ length: random.pick([2, 100, 20_000]) }, () => random.pick(['0', '"a"', 'null', '{}'])).join()}]`;
    default:
      return random.pick([
        'NaN',
        'Infinity',
        "'a'",
        'undefined',
        '01',
        '+1',
        '.5',
        '1.',
        '"\\x41"',
        '"\n"',
        '{"a":1,}',
        '[1,,2]',
        '/**/1',
        '{"a":1,"a":2}',
        '{"__proto__":{"x":1}}',
      ]);
  }
}

function nested(random: Random, depth: number): string {
  return random.chance(0.5) ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}
