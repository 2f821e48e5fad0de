/** A batch: several texts, one after the other without padding, for one forward pass. */
import { attentionTiles } from '../kernels/attention.ts';
import type { Inputs } from '../model/inputs.ts';

export interface Batch {
  /** Indices of the texts, in the batch's order. */
  texts: number[];
  tokens: number;
  ids: Uint32Array<ArrayBuffer>;
  /** RoPE's position: starts again at 0 with each text. */
  positions: Uint32Array<ArrayBuffer>;
  /** [texts + 1]: text i is tokens cuSeqlens[i] … cuSeqlens[i + 1]. */
  cuSeqlens: Uint32Array<ArrayBuffer>;
}

/** Packs whole texts in the order given, up to `maxTokens` a batch; a longer text is a batch of its own. */
export function packBatches(
  ids: readonly (readonly number[])[],
  maxTokens: number,
  order: readonly number[] = ids.map((_, i) => i),
): Batch[] {
  const groups: number[][] = [];
  let room = 0;
  for (const text of order) {
    const length = ids[text]!.length;
    const group = groups.at(-1);
    if (group && length <= room) group.push(text);
    else {
      groups.push([text]);
      room = maxTokens;
    }
    room -= length;
  }
  return groups.map(texts => packBatch(texts, ids));
}

function packBatch(texts: number[], ids: readonly (readonly number[])[]): Batch {
  const cuSeqlens = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => {
    cuSeqlens[i + 1] = cuSeqlens[i]! + ids[text]!.length;
  });
  const tokens = cuSeqlens[texts.length]!;
  const batch: Batch = { texts, tokens, ids: new Uint32Array(tokens), positions: new Uint32Array(tokens), cuSeqlens };
  texts.forEach((text, i) => {
    batch.ids.set(ids[text]!, cuSeqlens[i]!);
    for (let p = 0; p < ids[text]!.length; p++) batch.positions[cuSeqlens[i]! + p] = p;
  });
  return batch;
}

/** Writes a batch to the GPU's input buffers, and clears the flags of the batch before. */
export function writeBatch(queue: GPUQueue, bufferOf: (name: keyof Inputs) => GPUBuffer, batch: Batch, tileRows: number): void {
  const tiles = new Uint32Array(attentionTiles(batch.cuSeqlens, tileRows));
  queue.writeBuffer(bufferOf('ids'), 0, batch.ids);
  queue.writeBuffer(bufferOf('positions'), 0, batch.positions);
  queue.writeBuffer(bufferOf('cuSeqlens'), 0, batch.cuSeqlens);
  queue.writeBuffer(bufferOf('tiles'), 0, tiles);
  queue.writeBuffer(bufferOf('flags'), 0, new Uint32Array(batch.texts.length));
}
