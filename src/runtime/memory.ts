/** The buffers of tensors: some have one of their own, temporaries share slots by their lifetimes (graph.ts). */
import type { Gpu } from '../gpu/device.ts';
import { allocatedBytes } from '../gpu/memory.ts';
import { type Sizes, type Tensor, tensorBytes } from './graph.ts';

/** The buffers to be made: one for each tensor, and the shared slots with their bytes. */
export interface Needs {
  tensors: readonly Tensor[];
  slots: readonly number[];
}

/** GPU bytes that the needs take at these sizes. */
export function bytesOfNeeds({ tensors, slots }: Needs, sizes: Sizes): number {
  const own = tensors.reduce((sum, tensor) => sum + allocatedBytes(tensorBytes(tensor, sizes)), 0);
  return slots.reduce((sum, bytes) => sum + allocatedBytes(bytes), own);
}

/** Slots that serve several graphs, which run one at a time: the i-th slot is as large as the largest i-th slot of any graph. */
export function widestSlots(...lists: readonly (readonly number[])[]): number[] {
  const count = Math.max(0, ...lists.map(list => list.length));
  return Array.from({ length: count }, (_, i) => Math.max(...lists.map(list => list[i] ?? 0)));
}

export class Memory {
  readonly #own = new Map<Tensor, GPUBuffer>();
  #slots: GPUBuffer[] = [];

  constructor(readonly gpu: Gpu) {}

  /** Frees what there was and makes these buffers, zeroed. Errors: OutOfMemoryError, after which nothing is held. */
  async make(what: string, { tensors, slots }: Needs, sizes: Sizes): Promise<void> {
    this.free();
    const { memory } = this.gpu;
    try {
      await this.gpu.checked(what, () => {
        for (const tensor of tensors) this.#own.set(tensor, memory.storage('activations', tensor.name, tensorBytes(tensor, sizes)));
        this.#slots = slots.map((bytes, i) => memory.storage('activations', `shared ${i}`, bytes));
      });
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** The tensor's own buffer; undefined where it has none here. */
  find(tensor: Tensor): GPUBuffer | undefined {
    return this.#own.get(tensor);
  }

  slot(index: number): GPUBuffer {
    return this.#slots[index]!;
  }

  free(): void {
    this.gpu.memory.free(...this.#own.values(), ...this.#slots);
    this.#own.clear();
    this.#slots = [];
  }
}
