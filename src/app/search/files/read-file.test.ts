import { expect, test, vi } from 'vitest';
import { docxFile, pdfFile } from '../../../testing/office-files.ts';
import { joinLines } from './pdf.ts';
import { mostBytes, readFile } from './read-file.ts';
import { tableDocument, tableOf } from './table.ts';

// The builds for Node and with an ArrayBuffer: the same code without a browser's worker.
vi.mock('./pdf.ts', async original => ({ ...(await original<object>()), pdfjs: () => import('pdfjs-dist/legacy/build/pdf.mjs') }));
// @ts-expect-error: this file of mammoth has no types of its own.
vi.mock('mammoth', () => import('mammoth/mammoth.browser.js'));

const read = (path: string, content: string | Uint8Array<ArrayBuffer>) => readFile({ path, blob: new Blob([content]) });
const textsOf = async (path: string, content: string | Uint8Array<ArrayBuffer>) => {
  const file = await read(path, content);
  return file.kind === 'document' ? file.document.parts.map(part => part.text) : file;
};
const bytes = (buffer: Buffer) => Uint8Array.from(buffer);
const refused = (name: string, kind: string) => ({ kind: 'refused', note: { name, kind } });

test('texts: UTF-8 and Latin-1, any line ends, decomposed letters composed; what is none is refused', async () => {
  expect(await read('a/b.txt', '\ufeffFie\u0300vre\r\nToux\r')).toEqual({
    kind: 'document',
    document: { name: 'b.txt', kind: 'text', header: [], parts: [{ text: 'Fièvre\nToux', columns: [] }] },
    guessed: false,
  });
  expect(await read('b.txt', bytes(Buffer.from('Fièvre', 'latin1')))).toMatchObject({
    guessed: true,
    document: { parts: [{ text: 'Fièvre' }] },
  });
  expect(await read('b.txt', Uint8Array.of(1, 0, 2))).toEqual(refused('b.txt', 'not-text'));
  expect(await read('b.txt', '')).toEqual(refused('b.txt', 'empty'));
  expect(await read('b.txt', ' \n')).toEqual(refused('b.txt', 'empty'));
});

test('a file that is too big is refused before it is read', async () => {
  const blob = { size: 50_000_000, arrayBuffer: () => Promise.reject(new Error('It was read.')) } as unknown as Blob;
  expect(await readFile({ path: 'a.csv', blob })).toEqual({ kind: 'refused', note: { name: 'a.csv', kind: 'too-big', bytes: 50_000_000 } });
  expect(mostBytes.text).toBeLessThan(50_000_000);
});

test('PDF: a part a page, lines joined; a scan, a broken file and one that is none are told apart', async () => {
  const file = pdfFile([['Le patient présente une pneumo-', 'pathie (base droite)', 'sans fièvre.'], ['Sortie.']]);
  expect(await textsOf('a.pdf', bytes(file))).toEqual(['Le patient présente une pneumopathie (base droite) sans fièvre.', 'Sortie.']);
  expect(await read('a.pdf', bytes(pdfFile([[], []])))).toEqual(refused('a.pdf', 'pdf-no-text'));
  expect(await read('a.PDF', 'Pas un PDF')).toEqual(refused('a.PDF', 'pdf-broken'));
});

test('lines of a PDF: a gap is a paragraph, a capital a new line', () => {
  const line = (text: string, y: number) => ({ text, y, height: 12 });
  expect(joinLines([line('Motif :', 700), line('toux', 686), line('et fièvre', 672), line('Bilan', 658), line('Fin', 600)])).toBe(
    'Motif :\ntoux et fièvre\nBilan\n\nFin',
  );
});

test('DOCX: its paragraphs; what is none is refused, whatever its name says', async () => {
  expect(await textsOf('a.docx', bytes(docxFile(['Fièvre.', 'Toux &amp; frissons.'])))).toEqual(['Fièvre.\n\nToux & frissons.']);
  expect(await read('a.docx', 'Pas un DOCX')).toEqual(refused('a.docx', 'docx-broken'));
  expect(await read('a.docx', bytes(docxFile([]).subarray(0, 300)))).toEqual(refused('a.docx', 'docx-broken'));
  expect(await read('a.docx', bytes(docxFile([])))).toEqual(refused('a.docx', 'empty'));
  expect(await read('a.doc', Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0))).toEqual(refused('a.doc', 'docx-broken'));
});

test('a saved index that is none is refused', async () => {
  expect(await read('a.affinage', 'AFFINDEX')).toEqual(refused('a.affinage', 'index-broken'));
});

const csv = 'id;compte rendu;service\r\n1;"Toux, fièvre ;\r\nsans dyspnée";ORL\r\n2;;Cardio\r\n3;Chute dans l’escalier\r\n';

test('CSV: separator, header and the column of the text are found, and can be said otherwise', async () => {
  const file = await read('a.csv', csv);
  expect(file).toMatchObject({
    kind: 'table',
    table: { delimiter: ';', hasHeader: true, header: ['id', 'compte rendu', 'service'], column: 1, rows: 3 },
  });
  if (file.kind !== 'table') return;
  expect(tableDocument(file.table)).toEqual({
    name: 'a.csv',
    kind: 'table',
    header: ['id', 'service'],
    parts: [
      { text: 'Toux, fièvre ;\r\nsans dyspnée', columns: ['1', 'ORL'] },
      { text: 'Chute dans l’escalier', columns: ['3', ''] },
    ],
  });
  expect(tableOf('a.csv', csv, { delimiter: ',' })).toMatchObject({ delimiter: ',', header: ['id;compte rendu;service', '2'] });
  expect(tableOf('a.csv', csv, { hasHeader: false, column: 2 })).toMatchObject({ header: ['1', '2', '3'], column: 2, rows: 4 });
});

test('CSV: commas within sentences part nothing where tabs do; names that come twice stay apart; blank lines are no rows', () => {
  expect(tableOf('a.tsv', 'Toux, fièvre.\tORL\nChute, choc, plaie.\tUrgences\n')).toMatchObject({
    delimiter: '\t',
    hasHeader: false,
    column: 0,
  });
  expect(tableOf('a.csv', 'a;a\n1;2', { hasHeader: true })?.header).toEqual(['a', 'a (2)']);
  expect(tableOf('a.csv', '\n\n \n')).toBeNull();
});
