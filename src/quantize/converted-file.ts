/** `model.safetensors` of a converted model: any range of its bytes is computed when it is read, with the same result each time. */

import { TensorError } from '../errors.ts';
import type { WeightReader } from '../model/reader.ts';
import { orAbort } from '../source/abort.ts';
import { checkRange } from '../source/files.ts';
import type { SourceFile } from '../source/source.ts';
import type { Dtype } from '../types.ts';
import { float32ToF16 } from '../weights/dtype.ts';
import { dequantize, type QuantizedBlock } from '../weights/quantize.ts';
import { fitOf, largestMagnitude } from '../weights/range.ts';
import type { FileLayout, LayoutTensor } from './layout.ts';

/**
 * f32 rows [rows, K] of the matrix `slot` → codes and scales. The result for a row must not depend on other rows, so that any part of the
 * file can be computed again.
 */
export type QuantizeRows = (
  values: Float32Array<ArrayBuffer>,
  rows: number,
  K: number,
  format: 'q8' | 'q4',
  slot: string,
) => QuantizedBlock | Promise<QuantizedBlock>;

/** f32 bytes of the rows that are computed at once: small, so that little memory waits for the garbage collector; large enough for a GPU dispatch. */
const defaultBlockBytes = 2 ** 20;

/** Some rows in their new format, as bytes. */
interface Block {
  slot: string;
  index: number;
  parts: { values?: Uint8Array; codes?: Uint8Array; scale?: Uint8Array };
}

export class ConvertedFile implements SourceFile {
  /** Path inside the model; in a sentence-transformers folder the transformer may have its own subfolder. */
  path = 'model.safetensors';
  readonly sizeBytes: number;
  /** The last computed block, as the next read usually continues there. */
  #last: Block | null = null;
  /** Scales of the last read matrix. They follow its codes in the file, and without this they would be computed a second time. */
  #scales: { slot: string; byBlock: Map<number, Uint8Array> } | null = null;
  /** Largest magnitudes of matrices that had to be read whole (`#refuseUnfit`). */
  readonly #largest = new Map<string, number>();
  /** One read at a time, as two would replace each other's block. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly layout: FileLayout,
    readonly formats: ReadonlyMap<string, Dtype>,
    readonly reader: WeightReader,
    readonly quantizeRows: QuantizeRows,
    readonly source: string,
    readonly blockBytes = defaultBlockBytes,
  ) {
    this.sizeBytes = layout.sizeBytes;
  }

  /** Errors: those of the original and its weights; TensorError for a matrix that the format cannot hold. */
  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end, this.source);
    const mine = this.#turn.then(() => this.#fill(start, end, signal));
    this.#turn = mine.catch(() => {});
    return orAbort(mine, signal);
  }

  async #fill(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const out = new Uint8Array(end - start);
    place(out, start, this.layout.header, 0);
    for (const tensor of this.layout.tensors) {
      if (tensor.end <= start || tensor.start >= end) continue;
      signal?.throwIfAborted();
      if (tensor.shape.length === 1) {
        const values = await this.reader.vector(tensor.slot, { signal });
        place(out, start, asBytes(values), tensor.start);
        continue;
      }
      const { N, K } = this.reader.matrix(tensor.slot);
      const rowsPerBlock = Math.max(1, Math.floor(this.blockBytes / (4 * K)));
      const first = Math.floor((Math.max(start, tensor.start) - tensor.start) / tensor.rowBytes);
      const last = Math.ceil((Math.min(end, tensor.end) - tensor.start) / tensor.rowBytes);
      for (let index = Math.floor(first / rowsPerBlock); index * rowsPerBlock < last; index++) {
        signal?.throwIfAborted();
        const firstRow = index * rowsPerBlock;
        const bytes = await this.#part(tensor, index, firstRow, Math.min(rowsPerBlock, N - firstRow), signal);
        place(out, start, bytes, tensor.start + firstRow * tensor.rowBytes);
      }
    }
    return out;
  }

  /** A tensor's bytes of one block of rows. */
  async #part({ slot, part }: LayoutTensor, index: number, firstRow: number, rows: number, signal?: AbortSignal): Promise<Uint8Array> {
    const kept = part === 'scale' && this.#scales?.slot === slot ? this.#scales.byBlock.get(index) : undefined;
    if (kept) return kept;
    if (this.#last?.slot !== slot || this.#last.index !== index) {
      // Freed first, so that only one block is held at a time.
      this.#last = null;
      this.#last = { slot, index, parts: await this.#convert(slot, firstRow, rows, signal) };
      const { scale } = this.#last.parts;
      if (scale) {
        if (this.#scales?.slot !== slot) this.#scales = { slot, byBlock: new Map() };
        this.#scales.byBlock.set(index, scale);
      }
    }
    return this.#last.parts[part]!;
  }

  async #convert(slot: string, firstRow: number, rows: number, signal?: AbortSignal): Promise<Block['parts']> {
    const matrix = this.reader.matrix(slot);
    const format = this.formats.get(slot)!;
    const block = await matrix.rows(firstRow, rows, { signal });
    // Codes that have the format already are copied, so that nothing is rounded twice.
    if (block.kind === format) return quantizedParts(block);
    const values = block.kind === 'float' ? block.values : dequantize(block, rows, matrix.K);
    if (format === 'f32') return { values: asBytes(values) };
    await this.#refuseUnfit(slot, format, largestMagnitude(values), signal);
    if (format === 'f16') return { values: asBytes(float32ToF16(values)) };
    return quantizedParts(await this.quantizeRows(values, rows, matrix.K, format, slot));
  }

  /**
   * `largest`: of a block's weights. If they are tiny, the whole matrix is checked once: single rows may be tiny, a whole matrix may not.
   * Errors: TensorError for a matrix that the format cannot hold.
   */
  async #refuseUnfit(slot: string, format: Exclude<Dtype, 'f32'>, largest: number, signal?: AbortSignal): Promise<void> {
    let fit = fitOf(format, largest);
    if (fit === 'too small') {
      let known = this.#largest.get(slot);
      if (known === undefined) {
        known = await this.#largestOf(slot, signal);
        this.#largest.set(slot, known);
      }
      fit = fitOf(format, known);
    }
    if (fit === 'fits') return;
    const { name } = this.reader.describe(slot);
    const why = fit === 'too large' ? 'beyond the largest' : 'below the smallest';
    throw new TensorError(`"${name}" holds weights ${why} that ${format} can store (its numbers are f16). Convert to f32 instead.`, {
      tensor: name,
      format,
    });
  }

  async #largestOf(slot: string, signal?: AbortSignal): Promise<number> {
    const matrix = this.reader.matrix(slot);
    const rowsEach = Math.max(1, Math.floor(defaultBlockBytes / (4 * matrix.K)));
    let largest = 0;
    for (let first = 0; first < matrix.N; first += rowsEach) {
      const rows = Math.min(rowsEach, matrix.N - first);
      const block = await matrix.rows(first, rows, { signal });
      largest = Math.max(largest, largestMagnitude(block.kind === 'float' ? block.values : dequantize(block, rows, matrix.K)));
    }
    return largest;
  }
}

function quantizedParts({ q, scale }: QuantizedBlock): Block['parts'] {
  // Scales are kept longer than their block; as a copy they do not keep the buffer of the codes alive.
  return { codes: asBytes(q), scale: asBytes(scale).slice() };
}

const asBytes = (array: Float32Array | Uint16Array | Int8Array | Uint8Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Copies the part of `bytes`, which begin at `at` in the file, that falls into `out`, which begins at `start`. */
function place(out: Uint8Array, start: number, bytes: Uint8Array, at: number): void {
  const from = Math.max(start, at);
  const to = Math.min(start + out.length, at + bytes.length);
  if (from < to) out.set(bytes.subarray(from - at, to - at), from - start);
}
