/**
 * Models of the published sizes without their files: 149 and 378 million deterministic weights (full-size-weights.ts), made when and
 * where they are read, so that a whole model is never in memory. oracle/full_size.py makes the same numbers, and PyTorch's answers for
 * them lie in oracle/fixtures/full-size.
 */

import { ModelSourceError } from '../errors.ts';
import { parseConfig } from '../model/config.ts';
import { benchShapes } from '../model/shapes.ts';
import type { ModelSource, SourceFile } from '../source/source.ts';
import { float32ToF16, toF16Bits } from '../weights/dtype.ts';
import { type FullSizeParameter, fullSizeParameters, matrixGroups, tableGroups, vectorValues } from './full-size-weights.ts';
import { smallTokenizer } from './small-tokenizer.ts';

export type FullSizeShape = Readonly<Record<keyof (typeof benchShapes)['base'], number>>;
export type FullSizeName = 'base' | 'large';
export type FullSizeStored = 'f16' | 'f32' | 'q4';

/** config.json, parsed. */
export function fullSizeConfig(shape: FullSizeName | FullSizeShape): Record<string, unknown> {
  return {
    architectures: ['ModernBertForMaskedLM'],
    model_type: 'modernbert',
    ...(typeof shape === 'string' ? benchShapes[shape] : shape),
    max_position_embeddings: 8192,
    local_attention: 128,
    global_attn_every_n_layers: 3,
    global_rope_theta: 160000,
    local_rope_theta: 10000,
    norm_eps: 1e-5,
    hidden_activation: 'gelu',
    classifier_activation: 'silu',
    norm_bias: false,
    attention_bias: false,
    mlp_bias: false,
    decoder_bias: true,
    classifier_bias: false,
    tie_word_embeddings: true,
    pad_token_id: 0,
    bos_token_id: 1,
    cls_token_id: 1,
    eos_token_id: 2,
    sep_token_id: 2,
  };
}

const syllables = ['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'je', 'ki', 'lo', 'mu', 'na', 'pe', 'qui', 'ro', 'su', 'ta', 've', 'wi', 'xo', 'zu'];

/** Token `id` of the vocabulary, from 100 on: a word of its own. */
export function fullSizeWord(id: number): string {
  let word = '';
  for (let n = id; word === '' || n > 0; n = Math.floor(n / syllables.length)) word += syllables[n % syllables.length];
  return word;
}

/** A text of `length` tokens, [CLS] and [SEP] included, with one mask in its middle. */
export function fullSizeText(length: number, vocabSize = 32768): string {
  const words = Array.from({ length: length - 2 }, (_, i) =>
    i === length >> 1 ? '[MASK]' : fullSizeWord(100 + ((i * 7919) % (vocabSize - 100))),
  );
  return words.join(' ');
}

/** tokenizer.json, parsed: WordPiece of the real one's kind with as many tokens as the model. */
function fullSizeTokenizer(vocabSize: number): unknown {
  const tokenizer = smallTokenizer() as { model: { vocab: Record<string, number>; max_input_chars_per_word: number } };
  const { vocab } = tokenizer.model;
  const firstWord = 100;
  for (let id = Object.keys(vocab).length; id < vocabSize; id++) vocab[id < firstWord ? `[unused${id}]` : fullSizeWord(id)] = id;
  tokenizer.model.max_input_chars_per_word = 32;
  return tokenizer;
}

/** A part of the file: units of `unitBytes` each, made when asked for. */
interface Piece {
  name: string;
  dtype: string;
  shape: readonly number[];
  unitBytes: number;
  units: number;
  encode(firstUnit: number, count: number): Uint8Array<ArrayBufferLike>;
}

/** Units are made so many at a time: some hundred kB. */
const blockBytes = 256 * 1024;

/** The model as a source. `stored`: dtype of the file's matrices; q4 is affinage's own format with the table in q8. */
export function fullSizeSource(shape: FullSizeName | FullSizeShape, { stored }: { stored: FullSizeStored }): ModelSource {
  const config = fullSizeConfig(shape);
  const name = `full size ${typeof shape === 'string' ? shape : Object.values(shape).join('×')} ${stored}`;
  const files: Record<string, () => SourceFile> = {
    'config.json': () => bytesFile('config.json', jsonBytes(config)),
    'tokenizer.json': () => bytesFile('tokenizer.json', jsonBytes(fullSizeTokenizer(config.vocab_size as number))),
    'model.safetensors': () => safetensorsFile('model.safetensors', fullSizePieces(config, stored), stored),
  };
  const opened = new Map<string, SourceFile>();
  return {
    name,
    async open(path, signal) {
      signal?.throwIfAborted();
      const make = Object.hasOwn(files, path) ? files[path] : undefined;
      if (!make) throw new ModelSourceError(`${name} has no ${path}.`);
      const file = opened.get(path) ?? make();
      opened.set(path, file);
      return file;
    },
    has: async path => Object.hasOwn(files, path),
  };
}

function fullSizePieces(config: Record<string, unknown>, stored: FullSizeStored): Piece[] {
  return fullSizeParameters(parseConfig(config)).flatMap(p => {
    const name = (p.part === 'base' ? 'model.' : '') + p.slot;
    if (!isMatrix(p)) return [vectorPiece(name, p, stored)];
    return stored === 'q4' ? quantizedPieces(name, p) : [floatPiece(name, p, stored)];
  });
}

type Matrix = Extract<FullSizeParameter, { kind: 'matrix' | 'table' }>;

const isMatrix = (p: FullSizeParameter): p is Matrix => p.kind === 'matrix' || p.kind === 'table';
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function vectorPiece(name: string, p: FullSizeParameter, stored: FullSizeStored): Piece {
  const isHalf = stored === 'f16';
  const encode = (first: number, count: number) => {
    const values = vectorValues(p, first, count);
    return bytesOf(isHalf ? float32ToF16(values) : values);
  };
  return { name, dtype: isHalf ? 'F16' : 'F32', shape: p.shape, unitBytes: isHalf ? 2 : 4, units: size(p.shape), encode };
}

function quantizedPieces(name: string, p: Matrix): Piece[] {
  const [N, K] = p.shape as [number, number];
  const units = (N * K) / 32;
  const isTable = p.kind === 'table';
  const halves = new Map<number, number>();
  for (let m = p.lowest; m < p.lowest + 8; m++) for (const s of [m, -m]) halves.set(s, toF16Bits(s * 2 ** p.exponent));
  const scales = (first: number, count: number) => {
    const groups = isTable ? tableGroups(p, first, count) : matrixGroups(p, first, count);
    return bytesOf(Uint16Array.from(groups.scales, s => halves.get(s)!));
  };
  const codes = isTable
    ? { name: `${name}.q8`, dtype: 'I8', shape: [N, K], unitBytes: 32, units }
    : { name: `${name}.q4`, dtype: 'U8', shape: [N, K / 2], unitBytes: 16, units };
  const encode = (first: number, count: number) =>
    bytesOf(isTable ? tableGroups(p, first, count).codes : matrixGroups(p, first, count).words);
  return [
    { ...codes, encode },
    { name: `${name}.scale`, dtype: 'F16', shape: [N, K / 32], unitBytes: 2, units, encode: scales },
  ];
}

/** Through a table of all numbers that the matrix can hold: one look-up a weight. */
function floatPiece(name: string, p: Matrix, stored: 'f16' | 'f32'): Piece {
  const codes = p.kind === 'table' ? 256 : 16;
  const half = codes / 2;
  const values = new Float32Array(16 * codes); // by scale (index m − lowest, + 8 where negative), by code
  for (let s = 0; s < 16; s++) {
    const m = p.lowest + (s & 7);
    for (let code = 0; code < codes; code++)
      values[s * codes + code] = ((((code - half) * (s & 8 ? -m : m)) | 0) * 2 ** p.exponent) as number;
  }
  const lookup = stored === 'f16' ? float32ToF16(values) : values;
  const encode = (first: number, count: number) => {
    const out = stored === 'f16' ? new Uint16Array(32 * count) : new Float32Array(32 * count);
    const rowOf = (scale: number) => (scale < 0 ? -scale - p.lowest + 8 : scale - p.lowest) * codes;
    if (p.kind === 'table') {
      const { codes: q, scales } = tableGroups(p, first, count);
      for (let i = 0; i < q.length; i++) out[i] = lookup[rowOf(scales[i >> 5] as number) + half + (q[i] as number)] as number;
    } else {
      const { words, scales } = matrixGroups(p, first, count);
      for (let i = 0; i < words.length; i++) {
        const row = rowOf(scales[i >> 2] as number);
        const word = words[i] as number;
        for (let j = 0; j < 8; j++) out[8 * i + j] = lookup[row + ((word >>> (4 * j)) & 15)] as number;
      }
    }
    return bytesOf(out);
  };
  const unitBytes = stored === 'f16' ? 64 : 128;
  return { name, dtype: stored === 'f16' ? 'F16' : 'F32', shape: p.shape, unitBytes, units: size(p.shape) / 32, encode };
}

function safetensorsFile(path: string, pieces: readonly Piece[], stored: FullSizeStored): SourceFile {
  const quantized = { format: 'affinage', affinage_version: '1', dtype: 'q4', group_size: '32' };
  const header: Record<string, unknown> = { __metadata__: stored === 'q4' ? quantized : { format: 'pt' } };
  const starts = [0];
  for (const { name, dtype, shape, unitBytes, units } of pieces) {
    const start = starts.at(-1)!;
    starts.push(start + unitBytes * units);
    header[name] = { dtype, shape, data_offsets: [start, starts.at(-1)] };
  }
  let json = JSON.stringify(header);
  json += ' '.repeat((8 - (json.length % 8)) % 8);
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(new TextEncoder().encode(json), 8);
  const sizeBytes = head.length + starts.at(-1)!;

  const read = async (start: number, end: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    checkRange(path, start, end, sizeBytes);
    const out = new Uint8Array(end - start);
    out.set(head.subarray(Math.min(start, head.length), Math.min(end, head.length)));
    pieces.forEach(({ unitBytes, encode }, i) => {
      const at = head.length + starts[i]!;
      const from = Math.max(start, at) - at;
      const to = Math.min(end, head.length + starts[i + 1]!) - at;
      const most = Math.max(1, Math.floor(blockBytes / unitBytes));
      for (let unit = Math.floor(from / unitBytes); unit * unitBytes < to; unit += most) {
        const count = Math.min(most, Math.ceil(to / unitBytes) - unit);
        const bytes = encode(unit, count);
        const first = unit * unitBytes;
        const wanted = bytes.subarray(Math.max(0, from - first), Math.min(bytes.length, to - first));
        out.set(wanted, at + Math.max(from, first) - start);
      }
    });
    return out;
  };
  return { path, sizeBytes, read };
}

function bytesFile(path: string, bytes: Uint8Array<ArrayBuffer>): SourceFile {
  const read = async (start: number, end: number) => {
    checkRange(path, start, end, bytes.length);
    return bytes.slice(start, end);
  };
  return { path, sizeBytes: bytes.length, read };
}

function checkRange(path: string, start: number, end: number, sizeBytes: number): void {
  if (!(start >= 0 && start <= end && end <= sizeBytes)) throw new ModelSourceError(`${path} has no bytes ${start} to ${end}.`);
}

const jsonBytes = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value)) as Uint8Array<ArrayBuffer>;

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
