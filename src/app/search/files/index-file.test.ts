import { expect, test } from 'vitest';
import { type IndexContent, IndexFileError, readIndexFile, writeIndexFile } from './index-file.ts';

const content: IndexContent = {
  model: { name: 'mini', dim: 2, pooling: 'mean+Normalize' },
  chunking: { mode: 'tokens', tokens: 64 },
  documents: [
    {
      name: 'é.csv',
      kind: 'table',
      header: ['service'],
      parts: [
        { text: 'Toux. Fièvre.', columns: ['ORL'] },
        { text: 'Chute', columns: [''] },
      ],
      passages: Uint32Array.of(0, 0, 5, 0, 6, 13, 1, 0, 5),
      done: 2,
    },
    { name: 'b', kind: 'text', header: [], parts: [{ text: 'Sortie', columns: [] }], passages: Uint32Array.of(0, 0, 6), done: 1 },
  ],
  vectors: [Uint16Array.of(1, 2, 3, 4), Uint16Array.of(5, 6)],
};

const bytesOf = async (given: IndexContent) => new Uint8Array(await writeIndexFile(given).arrayBuffer());

test('an index comes back from its file as it was, also one without vectors', async () => {
  expect(readIndexFile(await bytesOf(content))).toEqual(content);
  const empty: IndexContent = {
    ...content,
    model: null,
    documents: content.documents.map(each => ({ ...each, done: 0 })),
    vectors: [new Uint16Array(), new Uint16Array()],
  };
  expect(readIndexFile(await bytesOf(empty))).toEqual(empty);
});

test('no damaged byte and no missing one goes unnoticed', async () => {
  const bytes = await bytesOf(content);
  for (let i = 0; i < bytes.length; i++) {
    const damaged = bytes.slice();
    damaged[i] = (damaged[i] ?? 0) ^ 0x10;
    expect(() => readIndexFile(damaged), `byte ${i}`).toThrow(IndexFileError);
    expect(() => readIndexFile(bytes.slice(0, i)), `${i} bytes`).toThrow(IndexFileError);
  }
});

test('a file with a right checksum and wrong content is refused', async () => {
  const [first, second] = content.documents;
  if (!first || !second) throw new Error('two documents are given');
  const hostile: [string, unknown][] = [
    ['a passage behind its text', { documents: [{ ...first, passages: Uint32Array.of(0, 0, 5, 0, 6, 14, 1, 0, 5) }, second] }],
    ['a passage of no part', { documents: [{ ...first, passages: Uint32Array.of(0, 0, 5, 0, 6, 13, 2, 0, 5) }, second] }],
    ['an empty passage', { documents: [{ ...first, passages: Uint32Array.of(0, 5, 5, 0, 6, 13, 1, 0, 5) }, second] }],
    ['more vectors than passages', { documents: [{ ...first, passages: Uint32Array.of(0, 0, 5) }, second] }],
    ['columns without a header', { documents: [{ ...first, header: [] }, second] }],
    ['a kind that is none', { documents: [{ ...first, kind: 'exe' }, second] }],
    ['vectors without a model', { model: null }],
    ['a model of other vectors', { model: { ...content.model, dim: 3 }, vectors: [Uint16Array.of(1, 2, 3, 4), Uint16Array.of(5, 6)] }],
    ['a mode that is none', { chunking: { mode: 'page', tokens: 64 } }],
    ['too few tokens', { chunking: { mode: 'tokens', tokens: 0 } }],
    ['an infinite number', { vectors: [Uint16Array.of(1, 0x7c00, 3, 4), Uint16Array.of(5, 6)] }],
    ['no list', { documents: { length: 0, reduce: () => 0, map: () => null } }],
  ];
  for (const [why, part] of hostile) {
    const bytes = await bytesOf({ ...content, ...(part as Partial<IndexContent>) });
    expect(() => readIndexFile(bytes), why).toThrow(IndexFileError);
  }
});
