/** What a file that the reader gives is: a document, a table, a saved index, or nothing that can be searched. */
import type { PickedFile } from '../../../source/files.ts';
import { decode } from '../../lib/dropped.ts';
import { baseName } from '../../lib/folders.ts';
import type { Doc, FileNote, PendingTable } from '../state.ts';
import { docxText } from './docx.ts';
import { type IndexContent, IndexFileError, readIndexFile } from './index-file.ts';
import { pdfjs, pdfPages } from './pdf.ts';
import { tableOf } from './table.ts';

/** What is read at most, in bytes: a text becomes passages whole; a PDF or a saved index is mostly no text. */
export const mostBytes = { text: 20_000_000, document: 100_000_000, index: 1_000_000_000 };

export type ReadDocument = Pick<Doc, 'name' | 'kind' | 'header' | 'parts'>;
export type ReadFile =
  | { kind: 'document'; document: ReadDocument; guessed: boolean }
  | { kind: 'table'; table: PendingTable; guessed: boolean }
  | { kind: 'index'; content: IndexContent }
  | { kind: 'refused'; note: FileNote };

export const indexEnding = '.affinage';
export const readEndings = ['.txt', '.md', '.csv', '.tsv', '.pdf', '.docx', indexEnding];

/** A text as a document. */
export const textDocument = (name: string, text: string, kind: 'text' | 'docx' = 'text'): ReadDocument => ({
  name,
  kind,
  header: [],
  parts: [{ text: text.replace(/\r\n?/g, '\n').normalize('NFC').trim(), columns: [] }],
});

export async function readFile({ path, blob }: PickedFile): Promise<ReadFile> {
  const name = baseName(path);
  const refuse = (kind: FileNote['kind']): ReadFile => ({
    kind: 'refused',
    note: { name, kind, ...(kind === 'too-big' && { bytes: blob.size }) },
  });
  const ending = /\.[^.]+$/.exec(name.toLowerCase())?.[0] ?? '';
  const kind = ending === indexEnding ? 'index' : ending === '.pdf' || ending === '.docx' || ending === '.doc' ? 'document' : 'text';
  if (blob.size === 0) return refuse('empty');
  if (blob.size > mostBytes[kind]) return refuse('too-big');
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (ending === indexEnding) {
    try {
      return { kind: 'index', content: readIndexFile(bytes) };
    } catch (error) {
      if (error instanceof IndexFileError) return refuse('index-broken');
      throw error;
    }
  }
  if (ending === '.pdf') {
    const pages = await pdfPages(bytes, await pdfjs()).catch((error: unknown) => (error instanceof Error ? error.name : 'Error'));
    if (typeof pages === 'string') return refuse(pages === 'PasswordException' ? 'pdf-locked' : 'pdf-broken');
    if (!pages.some(page => /\p{L}/u.test(page))) return refuse('pdf-no-text');
    const parts = pages.map(text => ({ text, columns: [] }));
    return { kind: 'document', document: { name, kind: 'pdf', header: [], parts }, guessed: false };
  }
  if (ending === '.docx' || ending === '.doc') {
    const text = await docxText(bytes.buffer).catch(() => null);
    if (text === null) return refuse('docx-broken');
    return text === '' ? refuse('empty') : { kind: 'document', document: textDocument(name, text, 'docx'), guessed: false };
  }
  const read = decode(bytes);
  if (!read) return refuse('not-text');
  if (read.text.trim() === '') return refuse('empty');
  if (ending === '.csv' || ending === '.tsv') {
    const table = tableOf(name, read.text);
    return table ? { kind: 'table', table, guessed: read.guessed } : refuse('empty');
  }
  return { kind: 'document', document: textDocument(name, read.text), guessed: read.guessed };
}
