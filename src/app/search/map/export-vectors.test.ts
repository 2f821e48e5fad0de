import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import Papa from 'papaparse';
import { afterEach, expect, test } from 'vitest';
import { dictionaryOf } from '../../i18n/dictionaries.ts';
import { toHalf } from '../f16.ts';
import type { Doc } from '../state.ts';
import { forgetVectors, setVectors } from '../vectors.ts';
import { vectorsCsv, vectorsJsonl, vectorsNpy, vectorsParquet } from './export-vectors.ts';
import { Slices } from './slices.ts';

afterEach(forgetVectors);
const slices = () => new Slices(new AbortController().signal);

const dim = 3;
const numbers = Float32Array.from({ length: 9 }, (_, i) => Math.sin(i + 1) / 3);
const halves = toHalf(numbers);

/** A table of two rows that are done, and a text with one of two passages done. */
function documents(): Doc[] {
  const table: Doc = {
    id: 't',
    name: 'base; 1.csv',
    kind: 'table',
    header: ['service'],
    parts: [
      { text: 'Otite « aiguë » ;', columns: ['ORL'] },
      { text: 'Toux, "sèche"\nfièvre', columns: ['ORL'] },
    ],
    passages: Uint32Array.from([0, 0, 17, 1, 0, 20]),
    done: 2,
  };
  const text: Doc = {
    id: 'n',
    name: 'note',
    kind: 'text',
    header: [],
    parts: [{ text: 'Fièvre. Sortie.', columns: [] }],
    passages: Uint32Array.from([0, 0, 7, 0, 8, 15]),
    done: 1,
  };
  setVectors(table, halves.slice(0, 6), dim);
  setVectors(text, halves.slice(6), dim);
  return [table, text];
}

const expected = [
  { document: 'base; 1.csv', part: 1, start: 0, end: 17, text: 'Otite « aiguë » ;' },
  { document: 'base; 1.csv', part: 2, start: 0, end: 20, text: 'Toux, "sèche"\nfièvre' },
  { document: 'note', part: 1, start: 0, end: 7, text: 'Fièvre.' },
];
const halvesOf = (vector: Iterable<number>) => [...toHalf(Float32Array.from(vector))];
const rowOf = (i: number) => [...halves.subarray(i * dim, (i + 1) * dim)];

test('CSV: French spreadsheets and English ones read every text and every number back', async () => {
  for (const [language, separator] of [
    ['fr', ';'],
    ['en', ','],
  ] as const) {
    const bytes = new Uint8Array(await (await vectorsCsv(dictionaryOf(language), language, documents(), dim, slices())).arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const csv = new TextDecoder().decode(bytes);
    expect(csv).not.toContain('\ufeff');
    const rows = Papa.parse<string[]>(csv, { delimiter: separator, skipEmptyLines: true }).data;
    expect(rows[0]?.slice(3)).toEqual(['v0', 'v1', 'v2']);
    expect(rows.slice(1).map(row => [row[0], row[2]])).toEqual(expected.map(({ document, text }) => [document, text]));
    rows.slice(1).forEach((row, i) => {
      const cells = row.slice(3);
      if (language === 'fr') expect(cells.join('')).not.toContain('.');
      expect(halvesOf(cells.map(cell => Number(cell.replace(',', '.'))))).toEqual(rowOf(i));
    });
  }
});

test('JSONL: one object a line, and the vectors are the same in f16', async () => {
  const lines = (await (await vectorsJsonl(documents(), dim, slices())).text()).trimEnd().split('\n');
  const rows = lines.map(line => JSON.parse(line) as { vector: number[] });
  rows.forEach(({ vector, ...rest }, i) => {
    expect(rest).toEqual(expected[i]);
    expect(halvesOf(vector)).toEqual(rowOf(i));
  });
  expect(rows).toHaveLength(3);
});

test('Parquet: another library reads it back, also over several groups', async () => {
  const file = await (await vectorsParquet(documents(), dim, slices())).arrayBuffer();
  const rows = (await parquetReadObjects({ file })) as { vector: number[] }[];
  rows.forEach(({ vector, ...rest }, i) => {
    expect(rest).toEqual(expected[i]);
    expect(halvesOf(vector)).toEqual(rowOf(i));
  });
  expect(rows).toHaveLength(3);

  const many: Doc = { ...(documents()[1] as Doc), id: 'm', passages: new Uint32Array(3 * 1100), done: 1100 };
  setVectors(many, toHalf(Float32Array.from({ length: 1100 * dim }, (_, i) => i / 4096)), dim);
  const large = await (await vectorsParquet([many], dim, slices())).arrayBuffer();
  expect(parquetMetadata(large).row_groups).toHaveLength(6);
  const last = (await parquetReadObjects({ file: large, rowStart: 600, rowEnd: 601 })) as { vector: number[] }[];
  expect(halvesOf(last[0]?.vector ?? [])).toEqual(halvesOf([1800 / 4096, 1801 / 4096, 1802 / 4096]));
});

test('npy: the head says type and shape and ends at a multiple of 64 bytes; the numbers follow', async () => {
  const bytes = new Uint8Array(await vectorsNpy(documents(), dim).arrayBuffer());
  expect([...bytes.subarray(0, 8)]).toEqual([0x93, ...Buffer.from('NUMPY'), 1, 0]);
  const length = (bytes[8] ?? 0) + 256 * (bytes[9] ?? 0);
  expect((10 + length) % 64).toBe(0);
  const head = Buffer.from(bytes.subarray(10, 10 + length)).toString('latin1');
  expect(head).toMatch(/^\{'descr': '<f2', 'fortran_order': False, 'shape': \(3, 3\), \} *\n$/);
  expect([...new Uint16Array(bytes.slice(10 + length).buffer)]).toEqual([...halves]);
});
