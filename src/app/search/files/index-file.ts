/**
 * The index as one file: 8 bytes `AFFINDEX`, then as little-endian u32 the version, the length of the JSON, the numbers of a vector, how
 * many vectors there are, and the CRC-32 of all that follows; then the JSON (UTF-8), padded with spaces to an even length, and the vectors
 * in f16, those of the first document first.
 */
import type { Chunking, Doc, Part, VectorModel } from '../state.ts';

const MAGIC = 'AFFINDEX';
const VERSION = 1;
const HEAD = 28;

export class IndexFileError extends Error {
  override name = 'IndexFileError';
}

export interface IndexContent {
  /** Null where there are no vectors. */
  model: VectorModel | null;
  chunking: Chunking;
  documents: Omit<Doc, 'id'>[];
  /** By document: [done, dim], f16. */
  vectors: Uint16Array<ArrayBuffer>[];
}

export function writeIndexFile({ model, chunking, documents, vectors }: IndexContent): Blob {
  const json = JSON.stringify({
    model,
    chunking,
    documents: documents.map(({ name, kind, header, parts, passages, done }) => ({
      name,
      kind,
      header,
      parts,
      passages: [...passages],
      done,
    })),
  });
  let text = new TextEncoder().encode(json);
  if (text.length % 2 === 1) text = new TextEncoder().encode(`${json} `);
  const blocks = vectors.map(block => new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
  const head = new DataView(new ArrayBuffer(HEAD));
  for (let i = 0; i < MAGIC.length; i++) head.setUint8(i, MAGIC.charCodeAt(i));
  const dim = model?.dim ?? 0;
  const rows = documents.reduce((sum, { done }) => sum + done, 0);
  const checksum = [text, ...blocks].reduce(crc32, 0);
  for (const [i, value] of [VERSION, text.length, dim, rows, checksum].entries()) head.setUint32(8 + 4 * i, value, true);
  return new Blob([head.buffer, text, ...blocks]);
}

/** Errors: IndexFileError for whatever is not such a file, down to the last number. */
export function readIndexFile(bytes: Uint8Array<ArrayBuffer>): IndexContent {
  const fail = (why: string): never => {
    throw new IndexFileError(why);
  };
  if (bytes.length < HEAD || String.fromCharCode(...bytes.subarray(0, 8)) !== MAGIC) fail('no index of affinage');
  const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD);
  const [version = 0, jsonBytes = 0, dim = 0, rows = 0, checksum = 0] = [0, 1, 2, 3, 4].map(i => head.getUint32(8 + 4 * i, true));
  if (version !== VERSION) fail(`version ${version}`);
  if (jsonBytes % 2 === 1 || HEAD + jsonBytes + 2 * rows * dim !== bytes.length) fail('its length is not what its header says');
  if (crc32(0, bytes.subarray(HEAD)) !== checksum) fail('damaged: its checksum is another');
  const content = parse(bytes.subarray(HEAD, HEAD + jsonBytes), fail);
  const { model, documents } = content;
  if (documents.reduce((sum, { done }) => sum + done, 0) !== rows || (rows > 0 && model?.dim !== dim))
    fail('its vectors are not those of its passages');
  let at = HEAD + jsonBytes;
  const vectors = documents.map(({ done }) => {
    const block = new Uint16Array(bytes.slice(at, at + 2 * done * dim).buffer);
    // An infinity, or no number, would be near everything or nothing.
    if (block.some(value => (value & 0x7c00) === 0x7c00)) fail('a vector is not finite');
    at += block.byteLength;
    return block;
  });
  return { ...content, vectors };
}

type Fail = (why: string) => never;

function parse(bytes: Uint8Array, fail: Fail): Omit<IndexContent, 'vectors'> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    fail('its description is no JSON');
  }
  const { model, chunking, documents } = record(value, fail);
  if (!Array.isArray(documents)) return fail('no documents');
  return {
    model: model === null ? null : modelOf(model, fail),
    chunking: chunkingOf(chunking, fail),
    documents: documents.map(each => documentOf(each, fail)),
  };
}

function record(value: unknown, fail: Fail): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : fail('not an object');
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(each => typeof each === 'string');

function modelOf(value: unknown, fail: Fail): VectorModel {
  const { name, dim, pooling } = record(value, fail);
  return typeof name === 'string' && typeof pooling === 'string' && isCount(dim) && dim > 0 ? { name, dim, pooling } : fail('model');
}

function chunkingOf(value: unknown, fail: Fail): Chunking {
  const { mode, tokens } = record(value, fail);
  const isMode = mode === 'sentence' || mode === 'paragraph' || mode === 'tokens';
  return isMode && isCount(tokens) && tokens >= 8 && tokens <= 8192 ? { mode, tokens } : fail('chunking');
}

function documentOf(value: unknown, fail: Fail): Omit<Doc, 'id'> {
  const { name, kind, header, parts, passages, done } = record(value, fail);
  const isKind = kind === 'text' || kind === 'table' || kind === 'pdf' || kind === 'docx';
  if (typeof name !== 'string' || !isKind || !areTexts(header) || !Array.isArray(parts) || !Array.isArray(passages))
    return fail('document');
  const read = parts.map((each): Part => {
    const { text, columns } = record(each, fail);
    return typeof text === 'string' && areTexts(columns) && columns.length === header.length ? { text, columns } : fail('part');
  });
  if (passages.length % 3 !== 0 || !passages.every(isCount) || !isCount(done) || done > passages.length / 3) return fail('passages');
  const places = Uint32Array.from(passages);
  for (let i = 0; i < places.length; i += 3) {
    const [part = 0, start = 0, end = 0] = places.subarray(i, i + 3);
    const text = read[part]?.text;
    if (text === undefined || start >= end || end > text.length) fail('a passage is not in its text');
  }
  return { name, kind, header, parts: read, passages: places, done };
}

let crcTable: Uint32Array | null = null;

function crc32(before: number, bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c;
  });
  const table = crcTable;
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
