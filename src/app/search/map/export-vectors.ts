/** The vectors of the index as files. The order of the rows is the same in all of them. */
import type { Dictionary } from '../../i18n/dictionaries.ts';
import type { Language } from '../../lib/format.ts';
import { toCsv } from '../../lib/table.ts';
import { fromHalf } from '../f16.ts';
import { passageText, placeOf } from '../passages.ts';
import { placeName } from '../results-csv.ts';
import type { Doc } from '../state.ts';
import { vectorsOf } from '../vectors.ts';
import type { Slices } from './slices.ts';

export const formats = ['csv', 'jsonl', 'parquet', 'npy'] as const;
export type Format = (typeof formats)[number];

export const mediaTypes: Record<Format, string> = {
  csv: 'text/csv',
  jsonl: 'application/jsonl',
  parquet: 'application/vnd.apache.parquet',
  npy: 'application/octet-stream',
};

interface Row {
  doc: Doc;
  passage: number;
  vector: Float32Array;
}

/** So many rows are turned into text, or into a group of a Parquet file, at once. */
const AT_ONCE = 50;
const GROUP = 200;

/** Every passage that has a vector, in blocks. */
function* blocksOf(documents: readonly Doc[], dim: number, most: number): Generator<Row[]> {
  let block: Row[] = [];
  for (const doc of documents) {
    const vectors = vectorsOf(doc, dim);
    for (let passage = 0; passage < doc.done; passage++) {
      block.push({ doc, passage, vector: fromHalf(vectors.subarray(passage * dim, (passage + 1) * dim)) });
      if (block.length < most) continue;
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

/** Vectors are kept in f16: five digits say exactly which number it is. */
const digits = (vector: Float32Array): number[] => Array.from(vector, value => Number(value.toPrecision(5)));

/** As spreadsheets of the reader's language take it. */
export async function vectorsCsv(t: Dictionary, language: Language, documents: readonly Doc[], dim: number, slices: Slices): Promise<Blob> {
  const head = [...t.map.exports.head, ...Array.from({ length: dim }, (_, i) => `v${i}`)];
  const parts = [toCsv([head], language)];
  for (const block of blocksOf(documents, dim, AT_ONCE)) {
    const rows = block.map(({ doc, passage, vector }) => [
      doc.name,
      placeName(t, language, doc, placeOf(doc, passage).part),
      passageText(doc, passage),
      ...digits(vector),
    ]);
    // One mark of the encoding, at the beginning.
    parts.push(toCsv(rows, language).slice(1));
    if (slices.isOver) await slices.pause();
  }
  return new Blob(parts, { type: mediaTypes.csv });
}

/** One object a line; `part`: the page or row, from 1; `start` and `end`: UTF-16 places in it. */
export async function vectorsJsonl(documents: readonly Doc[], dim: number, slices: Slices): Promise<Blob> {
  const parts: string[] = [];
  for (const block of blocksOf(documents, dim, AT_ONCE)) {
    for (const { doc, passage, vector } of block) {
      const { part, start, end } = placeOf(doc, passage);
      const row = { document: doc.name, part: part + 1, start, end, text: passageText(doc, passage), vector: digits(vector) };
      parts.push(`${JSON.stringify(row)}\n`);
    }
    if (slices.isOver) await slices.pause();
  }
  return new Blob(parts, { type: mediaTypes.jsonl });
}

/** The columns of the lines above; the vector is a list of f32. The library is fetched when it is first asked for. */
export async function vectorsParquet(documents: readonly Doc[], dim: number, slices: Slices): Promise<Blob> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const parts: ArrayBuffer[] = [];
  /** Each group leaves the writer as soon as it is written. */
  class PartsWriter extends ByteWriter {
    flush(): void {
      parts.push(this.getBuffer());
      this.index = 0;
    }
  }
  const writer = new PartsWriter();
  const file = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: 6 },
      { name: 'document', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'part', type: 'INT32', repetition_type: 'REQUIRED' },
      { name: 'start', type: 'INT32', repetition_type: 'REQUIRED' },
      { name: 'end', type: 'INT32', repetition_type: 'REQUIRED' },
      { name: 'text', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'vector', converted_type: 'LIST', num_children: 1, repetition_type: 'REQUIRED' },
      { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
      { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
    ],
  });
  for (const block of blocksOf(documents, dim, GROUP)) {
    const places = block.map(({ doc, passage }) => placeOf(doc, passage));
    await file.write({
      columnData: [
        { name: 'document', data: block.map(({ doc }) => doc.name) },
        { name: 'part', data: places.map(({ part }) => part + 1) },
        { name: 'start', data: places.map(({ start }) => start) },
        { name: 'end', data: places.map(({ end }) => end) },
        { name: 'text', data: block.map(({ doc, passage }) => passageText(doc, passage)) },
        // Numbers that all differ: neither a dictionary nor a compression would make them smaller.
        { name: 'vector', data: block.map(({ vector }) => Array.from(vector)), encoding: 'PLAIN', codec: 'UNCOMPRESSED' },
      ],
      rowGroupSize: GROUP,
    });
    await slices.pause();
  }
  await file.finish();
  writer.flush();
  return new Blob(parts, { type: mediaTypes.parquet });
}

/** The vectors alone, [passages, dim] in f16, as they are kept; `numpy.load` reads it. */
export function vectorsNpy(documents: readonly Doc[], dim: number): Blob {
  const rows = documents.reduce((sum, { done }) => sum + done, 0);
  const head = `{'descr': '<f2', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`;
  // The numbers begin at a multiple of 64 bytes: 10 before the head, and a line feed at its end.
  const length = Math.ceil((10 + head.length + 1) / 64) * 64 - 10;
  const start = new Uint8Array([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, length & 0xff, length >> 8]);
  return new Blob([start, `${head.padEnd(length - 1)}\n`, ...documents.map(doc => vectorsOf(doc, dim))], { type: mediaTypes.npy });
}
