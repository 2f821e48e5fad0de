/**
 * Which model is this? By what it computes with, not by where it lies: the same model in another folder, or its kept copy, is the same.
 * Every vector (they change in any training) and the first row of every matrix are hashed as the upload reads them, with the config: a
 * few thousand numbers, no second reading. Another format of the weights counts as another model.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { ModelConfig } from './config.ts';
import type { RowBlock, WeightReader } from './reader.ts';

export class Identity {
  readonly #parts = new Map<string, string>();

  /** The reader, overheard. */
  overhear(reader: WeightReader): WeightReader {
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

  /** Once everything was read. */
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
