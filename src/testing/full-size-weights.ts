/**
 * The numbers of the full-size test models: every parameter from a counter and a hash, so that any part can be made alone and
 * oracle/full_size.py makes the same ones.
 *
 *   hash(seed, i)   x = i · 0x9e3779b1 ^ seed, then murmur3's finaliser; u32 throughout
 *   seed of a parameter: FNV-1a of "`hidden` `slot`"; its streams: hash(seed, 0) and hash(seed, 1)
 *   matrix          (nibble − 8) · ±m · 2^e: eight nibbles a word of stream 0, low first; m (at most 5 bits) and the sign by group of
 *                   32 from stream 1; one weight a group is −8 · scale
 *   table, dense    code · m · 2^e, code −127 … 127 from the bytes of stream 0, m of 4 bits; one code a group is ±127
 *   norm            (48 … 79) / 64;  decoder.bias (−128 … 127) / 512
 *
 * So q4 (table and dense, as always: q8) holds them exactly, as do f16 and f32, and bf16 all but those two. With its largest code in every group a
 * quantizer finds the very codes again.
 */
import { keepsDetail, listParameters, type ParameterConfig } from '../model/parameters.ts';

const group = 32;
/** Root mean square of nibble − 8, and of a byte − 128. */
const rms = { nibble: 4.637, byte: 73.9 };
/** Standard deviation of a product with K normal numbers; queries and keys so that attention is far from uniform. */
const gains: Readonly<Record<string, number>> = { 'attn.Wqkv.weight': 1.4, 'embeddings.tok_embeddings.weight': 3 };

export function hash32(seed: number, i: number): number {
  let x = Math.imul(i, 0x9e3779b1) ^ seed;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

export function fnv1a(text: string): number {
  let x = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) x = Math.imul(x ^ byte, 0x01000193);
  return x >>> 0;
}

export type FullSizeParameter = {
  slot: string;
  part: 'base' | 'head';
  shape: readonly number[];
  /** Streams of the hash. */
  codes: number;
  scales: number;
} & ({ kind: 'matrix' | 'table'; lowest: number; exponent: number } | { kind: 'norm' | 'bias' });

/** Every parameter in the order of the forward pass. The widths must be whole groups of 32. */
export function fullSizeParameters(config: ParameterConfig): FullSizeParameter[] {
  return listParameters(config).map(parameter => {
    const { slot, shape, part, role } = parameter;
    const seed = fnv1a(`${config.hiddenSize} ${slot}`);
    const about = { slot, part, shape, codes: hash32(seed, 0), scales: hash32(seed, 1) };
    const K = shape[1];
    if (K === undefined) return { ...about, kind: role === 'bias' ? 'bias' : 'norm' };
    if (K % group !== 0) throw new Error(`${slot}: ${K} columns are not whole groups of ${group}`);
    const isTable = keepsDetail(parameter);
    const gain = gains[slot.replace(/^layers\.\d+\./, '')] ?? 1;
    let mean = gain / (Math.sqrt(K) * (isTable ? rms.byte : rms.nibble));
    let exponent = 0;
    const least = isTable ? 8 : 12;
    for (; mean < least; mean *= 2) exponent--;
    return { ...about, kind: isTable ? 'table' : 'matrix', lowest: isTable ? 8 : Math.floor(mean) - 4, exponent };
  });
}

/** Groups [first, first + count) of a matrix: nibbles as the q4 format has them, and signed scales. */
export function matrixGroups(p: Extract<FullSizeParameter, { kind: 'matrix' | 'table' }>, first: number, count: number) {
  const words = new Uint32Array(4 * count);
  const scales = new Int32Array(count); // ± m
  for (let i = 0; i < words.length; i++) words[i] = hash32(p.codes, 4 * first + i);
  for (let g = 0; g < count; g++) {
    const h = hash32(p.scales, first + g);
    const m = p.lowest + (h & 7);
    scales[g] = h & 8 ? -m : m;
    const at = h >>> 27;
    const word = 4 * g + (at >>> 3);
    words[word] = (words[word] as number) & ~(15 << (4 * (at & 7)));
  }
  return { words, scales };
}

/** Groups [first, first + count) of the table: codes as the q8 format has them, and scales. */
export function tableGroups(p: Extract<FullSizeParameter, { kind: 'matrix' | 'table' }>, first: number, count: number) {
  const words = new Uint32Array(8 * count);
  for (let i = 0; i < words.length; i++) words[i] = hash32(p.codes, 8 * first + i) ^ 0x80808080;
  const codes = new Int8Array(words.buffer);
  for (let i = 0; i < codes.length; i++) if (codes[i] === -128) codes[i] = -127;
  const scales = new Int32Array(count); // m
  for (let g = 0; g < count; g++) {
    const h = hash32(p.scales, first + g);
    scales[g] = p.lowest + (h & 7);
    codes[group * g + (h >>> 27)] = h & 8 ? -127 : 127;
  }
  return { codes, scales };
}

/** Elements [first, first + count) of a vector. */
export function vectorValues(p: FullSizeParameter, first: number, count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => {
    const h = hash32(p.codes, first + i);
    return p.kind === 'bias' ? ((h & 255) - 128) / 512 : (48 + (h & 31)) / 64;
  });
}

/** Token ids of the text of `length` tokens: [CLS], words, [MASK] at `fullSizeMasks(length)`, [SEP]. */
export function fullSizeIds(vocabSize: number, length: number): number[] {
  const seed = fnv1a(`ids ${length}`);
  const ids = Array.from({ length }, (_, i) => 5 + (hash32(seed, i) % (vocabSize - 5)));
  for (const at of fullSizeMasks(length)) ids[at] = 4;
  ids[0] = 1;
  ids[length - 1] = 2;
  return ids;
}

export function fullSizeMasks(length: number): number[] {
  const count = length < 64 ? 3 : 6;
  return Array.from({ length: count }, (_, i) => Math.floor((length * (2 * i + 1)) / (2 * count)));
}
