/**
 * Lays out a converted checkpoint as one safetensors file (docs/QUANTIZED-FORMAT.md) before any weight is read: sizes follow from shapes
 * and formats alone, so the header and the position of every tensor are known at once.
 */

import type { Dtype } from '../types.ts';
import { padded, rowBytesOf } from '../weights/formats.ts';

/** One parameter of the model, and how the file shall hold it. */
export interface LayoutParameter {
  slot: string;
  /** Its name in the checkpoint, with or without `model.`. */
  name: string;
  /** [N, K] for a matrix, [N] for a vector. */
  shape: readonly number[];
  /** Vectors are f32 always: they are few, and every other float is exact in it. */
  format: Dtype;
}

/** One tensor of the file; bytes from the beginning of the file. */
export interface LayoutTensor {
  name: string;
  dtype: 'F32' | 'F16' | 'I8' | 'U8';
  shape: readonly number[];
  start: number;
  end: number;
  slot: string;
  /** A float parameter is one tensor of values, a quantized matrix one of codes and one of f16 scales. */
  part: 'values' | 'codes' | 'scale';
  /** Bytes of one row (output) of the matrix; of a vector all. */
  rowBytes: number;
}

export interface FileLayout {
  /** Length and JSON, filled with spaces so that the data begins at a multiple of 8. */
  header: Uint8Array<ArrayBuffer>;
  /** In file order, without gaps from the header's end to the file's. */
  tensors: readonly LayoutTensor[];
  sizeBytes: number;
}

type Draft = Omit<LayoutTensor, 'start' | 'end'> & { bytes: number };

/**
 * Lays out the parameters in the order given (that of the forward pass, so that loading reads forwards). A quantized matrix's
 * scales follow its codes directly, as both come from one pass over its rows. If that order would place a float at an offset that is not a
 * multiple of its size (as odd widths do), f32 tensors come first, then f16, then the quantized, because PyTorch cannot view unaligned tensors.
 */
export function layoutFile(parameters: readonly LayoutParameter[], metadata: Readonly<Record<string, string>>): FileLayout {
  const drafts = parameters.flatMap(tensorsOf);
  const ordered = isAligned(drafts) ? drafts : drafts.toSorted((a, b) => rank(b) - rank(a));
  const json: Record<string, unknown> = { __metadata__: metadata };
  let dataBytes = 0;
  for (const { name, dtype, shape, bytes } of ordered) {
    json[name] = { dtype, shape, data_offsets: [dataBytes, dataBytes + bytes] };
    dataBytes += bytes;
  }
  const text = new TextEncoder().encode(JSON.stringify(json));
  const header = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(text, 8);
  let at = header.length;
  const tensors = ordered.map(({ bytes, ...tensor }): LayoutTensor => {
    const start = at;
    at += bytes;
    return { ...tensor, start, end: at };
  });
  return { header, tensors, sizeBytes: at };
}

function tensorsOf({ slot, name, shape, format }: LayoutParameter): Draft[] {
  const [N = 0, K] = shape;
  if (format === 'f32' || format === 'f16') {
    const rowBytes = rowBytesOf(format, K ?? N).w;
    const dtype = format === 'f32' ? 'F32' : 'F16';
    return [{ name, dtype, shape, slot, part: 'values', rowBytes, bytes: K === undefined ? rowBytes : N * rowBytes }];
  }
  if (K === undefined) throw new RangeError(`${name} is a vector; only matrices are quantized`);
  const { w: codes, scale: scaleBytes } = rowBytesOf(format, padded(K));
  return [
    {
      name: `${name}.${format}`,
      dtype: format === 'q8' ? 'I8' : 'U8',
      shape: [N, codes],
      slot,
      part: 'codes',
      rowBytes: codes,
      bytes: N * codes,
    },
    { name: `${name}.scale`, dtype: 'F16', shape: [N, scaleBytes / 2], slot, part: 'scale', rowBytes: scaleBytes, bytes: N * scaleBytes },
  ];
}

const elementBytes = ({ dtype }: Pick<Draft, 'dtype'>): number => ({ F32: 4, F16: 2, I8: 1, U8: 1 })[dtype];

/** Order of the aligned layout. Rows of codes have 16 bytes or a multiple, so the f16 scales behind them start at even offsets. */
const rank = (draft: Draft): number => (draft.part === 'values' ? elementBytes(draft) : 0);

/** Whether each tensor's offset is a multiple of its element size. The data begins at a multiple of 8, so offsets within it suffice. */
function isAligned(drafts: readonly Draft[]): boolean {
  let at = 0;
  return drafts.every(draft => {
    const fits = at % elementBytes(draft) === 0;
    at += draft.bytes;
    return fits;
  });
}
