import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bar, percent, printable, table, vectorJson } from './format.ts';
import { readLines } from './lines.ts';
import { littleEndian } from './npy.ts';

it('vectors in JSON give back the very same numbers', () => {
  fc.assert(
    fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 20 }), vector => {
      const read = Float32Array.from(JSON.parse(vectorJson(vector)) as number[]);
      // JSON has one zero.
      expect([...read].map(x => x + 0)).toEqual([...vector].map(x => x + 0));
    }),
  );
  expect(vectorJson(Float32Array.of(0.1, 1 / 3, Number.NaN, 1e-45))).toBe('[0.1,0.33333334,null,1.401298e-45]');
});

it('lines come out the same wherever the chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'é', '\n', '\r\n', '𝄞', ' '), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (parts, size) => {
        const text = parts.join('');
        const bytes = Buffer.from(text);
        const chunks = async function* () {
          // One buffer that is used again, as some streams do.
          for (let at = 0; at < bytes.length; at += size) yield new Uint8Array(bytes.subarray(at, at + size));
        };
        const lines: string[] = [];
        for await (const line of readLines(chunks(), { name: 'x' })) {
          lines.push(line.text);
          expect(line.number).toBe(lines.length);
        }
        const expected = text.split('\n').map(line => line.replace(/\r$/, ''));
        if (expected.at(-1) === '') expected.pop();
        expect(lines).toEqual(expected);
      },
    ),
  );
});

it('percentages, bars and tables are readable', () => {
  expect([0.4523, 1, 0, 0.00034, 1e-9].map(percent)).toEqual(['45.2 %', '100.0 %', '0.0 %', '0.034 %', '1e-7 %']);
  expect(bar(0.5, 4)).toBe('██  ');
  expect(bar(0.54, 4)).toBe('██▏ ');
  expect(bar(2, 4)).toBe('████');
  expect(
    table(
      [
        ['a', '1'],
        ['bcd', '22'],
      ],
      [{}, { align: 'right' }],
    ),
  ).toBe('  a     1\n  bcd  22\n');
  expect(printable('a\nb\u001b[31m\u0085')).toBe('a b\\u001b[31m\\u0085');
});

it('vectors in .npy are little-endian on every machine', () => {
  const values = Float32Array.of(1, -2.5);
  expect([...littleEndian(values, 'BE')]).toEqual([0, 0, 128, 63, 0, 0, 32, 192]);
  expect([...littleEndian(values, 'LE')]).toEqual([0, 0, 128, 63, 0, 0, 32, 192]);
});
