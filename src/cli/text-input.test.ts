/** Files of texts as people have them: encodings, line ends, tables. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { Args } from './args.ts';
import { readTexts, textInput, textOptions } from './text-input.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-texts-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Read {
  texts: string[];
  numbers: number[];
  notes: string[];
}

async function read(name: string, content: string | Uint8Array, ...argv: string[]): Promise<Read> {
  const path = join(folder, name);
  await writeFile(path, content);
  return readFrom(path, ...argv);
}

async function readFrom(path: string, ...argv: string[]): Promise<Read> {
  const found: Read = { texts: [], numbers: [], notes: [] };
  const io = { note: (text: string) => found.notes.push(text) } as never;
  for await (const { text, number } of readTexts(textInput(path, '--input', new Args(argv, textOptions)), {
    io,
    signal: new AbortController().signal,
  })) {
    found.texts.push(text);
    found.numbers.push(number);
  }
  return found;
}

function utf16(text: string, order: 'le' | 'be', mark = false): Buffer {
  const bytes = Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

const sample = 'Œdème à l’œil\n\nfièvre 38,5 °C\n';
const lines = ['Œdème à l’œil', '', 'fièvre 38,5 °C'];

describe('encodings', () => {
  it.each(['le', 'be'] as const)('UTF-16 %s, with its mark or without, which is said', async order => {
    expect(await read('a.txt', utf16(sample, order, true))).toEqual({ texts: lines, numbers: [1, 2, 3], notes: [] });
    const unmarked = await read('b.txt', utf16(sample, order));
    expect(unmarked.texts).toEqual(lines);
    expect(unmarked.notes).toEqual([expect.stringMatching(new RegExp(`looks like UTF-16${order.toUpperCase()}`))]);
    expect((await read('c.jsonl', utf16('"é"\r\n{"text":"b"}', order, true))).texts).toEqual(['é', 'b']);
    expect((await read('d.txt', utf16('é', order))).texts).toEqual(['é']);
    expect((await read('e.csv', utf16('id;texte\n1;"à\n;b"\n', order, true))).texts).toEqual(['à\n;b']);
  });

  it('Windows-1252 and Mac Roman are named by their line, and read when asked for', async () => {
    const windows = Buffer.from([...'ok\nfi\xe8vre \x80\n'].map(c => c.charCodeAt(0)));
    await expect(read('w.txt', windows)).rejects.toThrow(/line 2 of .*w\.txt is not UTF-8.*--encoding windows-1252/);
    for (const name of ['windows-1252', 'latin1', 'CP1252'])
      expect((await read('w.txt', windows, '--encoding', name)).texts).toEqual(['ok', 'fièvre €']);
    const mac = Buffer.from([...'\x8et\x8e\rfi\x8fvre\r'].map(c => c.charCodeAt(0)));
    await expect(read('m.txt', mac)).rejects.toThrow(/line 1 of .*--encoding macintosh/);
    expect((await read('m.txt', mac, '--encoding', 'macintosh')).texts).toEqual(['été', 'fièvre']);
    await expect(read('w.csv', Buffer.from('text\nok\nfi\xe8vre\n', 'latin1'))).rejects.toThrow(/line 3 of .*--encoding windows-1252/);
    // UTF-8 with a broken end is not called Latin-1.
    await expect(read('u.txt', Buffer.from([...Buffer.from('été\n'), 0xc3, 0x0a]))).rejects.toThrow(
      /line 2 .* is not UTF-8\. Other text in it is: the file is damaged/,
    );
    await expect(read('x.txt', utf16('a', 'le', true), '--encoding', 'utf-8')).rejects.toThrow(/begins with the mark of UTF-16LE/);
  });
});

describe('line ends', () => {
  it('CR alone ends lines where there is no LF; within lines of LF it is kept and said', async () => {
    expect((await read('mac.txt', 'un\rdeux\r\rquatre')).texts).toEqual(['un', 'deux', '', 'quatre']);
    expect((await read('mac2.txt', 'un\rdeux\r')).texts).toEqual(['un', 'deux']);
    expect((await read('mac.jsonl', '"un"\r"deux"\r')).texts).toEqual(['un', 'deux']);
    expect((await read('dos.txt', 'un\r\n\r\ntrois')).texts).toEqual(['un', '', 'trois']);
    const mixed = await read('mixed.txt', 'un\ndeux\rx\n');
    expect(mixed.texts).toEqual(['un', 'deux\rx']);
    expect(mixed.notes).toEqual([expect.stringMatching(/line 2 .* carriage return/)]);
  });

  it('a file of CR over many blocks', async () => {
    const texts = Array.from({ length: 40_000 }, (_, i) => `texte é ${i}`);
    expect((await read('big.txt', texts.join('\r'))).texts).toEqual(texts);
  });
});

describe('JSON Lines', () => {
  it('.ndjson is read as .jsonl; --field names the member, also within another', async () => {
    expect((await read('a.ndjson', '{"text":"a"}\n"b"\n')).texts).toEqual(['a', 'b']);
    const rows = '{"note":{"corps":"a"},"x.y":"c"}\n{"note":{"corps":"b"},"x.y":"d"}';
    expect((await read('b.jsonl', rows, '--field', 'note.corps')).texts).toEqual(['a', 'b']);
    expect((await read('b.jsonl', rows, '--field', 'x.y')).texts).toEqual(['c', 'd']);
    await expect(read('b.jsonl', rows, '--field', 'toString')).rejects.toThrow(/line 1 of .* holds no text in "toString"/);
  });
});

describe('CSV', () => {
  const table = 'id,texte,service\r\n1,"Douleur, ""vive"",\r\nthoracique",cardio\r\n\r\n2,,orl\r\n3,toux "sèche",pneumo';

  test('quoted delimiters, quotes and line ends; empty fields stay, blank lines are no records', async () => {
    const { texts, numbers } = await read('a.csv', table);
    expect(texts).toEqual(['Douleur, "vive",\r\nthoracique', '', 'toux "sèche"']);
    expect(numbers).toEqual([3, 5, 6]);
    expect((await read('a.csv', table, '--column', 'service')).texts).toEqual(['cardio', 'orl', 'pneumo']);
    expect((await read('a.csv', table, '--column', '1', '--no-header')).texts).toEqual(['id', '1', '2', '3']);
  });

  test('the delimiter is found, or given; .tsv; one column without a header; CR alone', async () => {
    expect((await read('b.csv', '"a,b";text\n1;"x;y"\n')).texts).toEqual(['x;y']);
    expect((await read('c.tsv', 'id\ttext\n1\tà, b\n')).texts).toEqual(['à, b']);
    expect((await read('d.csv', 'text#id\na#1\n', '--delimiter', '#')).texts).toEqual(['a']);
    expect((await read('e.csv', 'une toux\nune fièvre\n', '--no-header')).texts).toEqual(['une toux', 'une fièvre']);
    expect((await read('f.csv', 'id,text\r1,a\r2,b\r')).texts).toEqual(['a', 'b']);
  });

  test('what is wrong is told by line, without repeating texts', async () => {
    await expect(read('g.csv', 'id,note\n1,a\n')).rejects.toThrow(
      /which column holds the texts is not clear.* id, note \(separated by ,\)/,
    );
    await expect(read('g.csv', 'id,note\n1,a\n', '--column', 'nota')).rejects.toThrow(/no column "nota"/);
    await expect(read('h.csv', 'id,text\n1,a\n2,b,secret\n')).rejects.toThrow(/^line 3 of .*h\.csv has 3 fields/);
    await expect(read('i.csv', 'id,text\n1,"secret\n2,b\n')).rejects.toThrow(
      /i\.csv has a double quote that opens a field and is never closed\.$/,
    );
    await expect(read('j.csv', `${'x'.repeat(50)} secret,b\n`)).rejects.toThrow(/Its columns are column 1, b/);
  });

  test('a large file comes in parts', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},"ligne ${i}\nsuite"`);
    const { texts } = await read('k.csv', `id,text\n${rows.join('\n')}`);
    expect(texts).toHaveLength(20_000);
    expect(texts[19_999]).toBe('ligne 19999\nsuite');
  });
});
