/**
 * Recognises a model by its numbers, not by its place: the same model in another folder, or its kept copy, has the same identity.
 * It is a hash of the config, of every vector (any training changes them) and of the first row of every matrix, taken while the upload
 * reads them, so nothing is read twice. Another format of the weights counts as another model.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { ModelConfig } from './config.ts';
import type { RowBlock, WeightReader } from './reader.ts';

export class Identity {
  readonly #parts = new Map<string, string>();

  /** The reader to use for the upload: it hands on what it reads and hashes it on the way. */
  hashing(reader: WeightReader): WeightReader {
    const note = (slot: string, ...arrays: ArrayBufferView[]) => {
      const hash = sha256.create();
      for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
      this.#parts.set(slot, hex(hash.digest()));
    };
    return {
      ...reader,
      vector: async (slot, options) => {
        const values = await reader.vector(slot, options);
        note(slot, values);
        return values;
      },
      matrix: slot => {
        const matrix = reader.matrix(slot);
        return {
          ...matrix,
          rows: async (first, count, options) => {
            const block = await matrix.rows(first, count, options);
            if (first === 0 && count > 0) note(slot, ...firstRow(block, count));
            return block;
          },
        };
      },
    };
  }

  /** The hash, once everything was read. */
  keyOf(config: ModelConfig): string {
    const parts = [...this.#parts].sort(([a], [b]) => (a < b ? -1 : 1));
    return hex(sha256(new TextEncoder().encode(JSON.stringify([config, parts])))).slice(0, 32);
  }
}

function firstRow(block: RowBlock, count: number): ArrayBufferView[] {
  const arrays = block.kind === 'float' ? [block.values] : [block.q, block.scale];
  return arrays.map(array => array.subarray(0, array.length / count));
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
