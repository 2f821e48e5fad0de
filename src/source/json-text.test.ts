import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJsonText } from './json-text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

it('gives what JSON.parse gives, brackets in strings and all', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      expect(parseJsonText(bytes(text))).toEqual(JSON.parse(text));
    }),
  );
  for (const text of ['"[[[["', '"\\"[[["', '{"[\\\\":"é[{"}', '[[],[],[]]'])
    expect(parseJsonText(bytes(text), 2)).toEqual(JSON.parse(text));
});

it('counts levels before it parses, whatever comes after', () => {
  const nested = (levels: number) => bytes('['.repeat(levels) + ']'.repeat(levels));
  expect(parseJsonText(nested(64))).toBeInstanceOf(Array);
  expect(() => parseJsonText(nested(65))).toThrow(/nested deeper than 64 levels/);
  expect(() => parseJsonText(bytes('{"a":'.repeat(3)), 2)).toThrow(/nested deeper than 2/);
  // Parsing this would take some gigabytes.
  const started = performance.now();
  expect(() => parseJsonText(new Uint8Array(64 * 2 ** 20).fill(0x5b))).toThrow(SyntaxError);
  expect(performance.now() - started).toBeLessThan(1000);
});

it('says what is no UTF-8 and what is no JSON', () => {
  expect(() => parseJsonText(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(/not UTF-8/);
  expect(() => parseJsonText(bytes('{"a" 1}'))).toThrow(SyntaxError);
});
