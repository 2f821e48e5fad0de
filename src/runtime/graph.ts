/**
 * A graph: kernels in the order in which they run, over tensors. A tensor says what numbers there are and how many, not where they lie.
 * From the kernels' bindings follows how long each tensor is needed, and from that which tensors may lie in the same buffer
 * (`share`; memory.ts makes the buffers). Inference, calibration, the check of a device and training all list their kernels here.
 */
import type { Gpu } from '../gpu/device.ts';
import { type BufferPart, type Kernel, makeStep, type Step } from '../gpu/step.ts';

/** A number, or the name of a size that is known once buffers are made: `tokens`, `sequences`. */
export type Dim = number | string;
export type Sizes = Readonly<Record<string, number>>;

export interface Tensor {
  readonly name: string;
  readonly type: 'f32' | 'f16' | 'u32';
  readonly shape: readonly Dim[];
}

/** What a kernel is bound to: a tensor, or a buffer that is there already (weights). */
export type Binding = Tensor | BufferPart;

export const isTensor = (binding: Binding): binding is Tensor => 'shape' in binding;

/** Bytes of the tensor at these sizes. */
export function tensorBytes({ name, type, shape }: Tensor, sizes: Sizes): number {
  return shape.reduce<number>(
    (bytes, dim) => {
      const size = typeof dim === 'number' ? dim : sizes[dim];
      if (size === undefined) throw new RangeError(`${name}: no size "${dim}" is given. This is a bug of affinage; please report it.`);
      return bytes * size;
    },
    type === 'f16' ? 2 : 4,
  );
}

/** What the cost model needs of a kernel. */
export type Costed = Pick<Kernel, 'label' | 'kind' | 'cost'>;

/** Which temporaries lie in the same buffer. */
export interface Sharing {
  slotOf: ReadonlyMap<Tensor, number>;
  /** Bytes that each slot must have, the largest first. */
  slotBytes: readonly number[];
}

interface Node {
  kernel: Kernel;
  bindings: readonly Binding[];
}

/** First and last kernel that touch a tensor, by index. */
interface Lifetime {
  first: number;
  last: number;
}

export class Graph {
  readonly #nodes: Node[] = [];
  readonly #temporaries = new Set<Tensor>();
  readonly #kept = new Set<Tensor>();

  /**
   * A tensor of this graph alone. It is needed from the first kernel that touches it to the last. At first it holds what another tensor
   * left in the buffer, so its first kernel must write all that later ones read.
   */
  temporary(name: string, type: Tensor['type'], shape: readonly Dim[]): Tensor {
    const tensor = { name, type, shape };
    this.#temporaries.add(tensor);
    return tensor;
  }

  /** The temporary is read after the graph has run: nothing else may be written over it. */
  keep(tensor: Tensor): void {
    this.#kept.add(tensor);
  }

  /** Adds a kernel; `bindings` in its order, without the run's numbers at their end. */
  add(kernel: Kernel, bindings: readonly Binding[]): void {
    const wanted = kernel.bindings.filter(kind => kind !== 'uniform').length;
    if (bindings.length !== wanted) {
      throw new RangeError(
        `${kernel.label} has ${wanted} bindings, ${bindings.length} are given. This is a bug of affinage; please report it.`,
      );
    }
    this.#nodes.push({ kernel, bindings });
  }

  /** The kernels' costs, in their order. Nothing is compiled for it. */
  get costs(): readonly Costed[] {
    return this.#nodes.map(({ kernel }) => kernel);
  }

  /**
   * Places the temporaries, the largest first: each in the smallest slot that is free for the whole time in which it is needed, or in
   * a new one. This keeps the sum of the slots small; it is not always the smallest possible.
   */
  share(sizes: Sizes): Sharing {
    const lifetimes = this.#lifetimes();
    const bytes = new Map([...lifetimes.keys()].map(tensor => [tensor, tensorBytes(tensor, sizes)]));
    const bySize = [...lifetimes].sort(([a, x], [b, y]) => bytes.get(b)! - bytes.get(a)! || x.first - y.first);
    const slots: { bytes: number; taken: Lifetime[] }[] = [];
    const slotOf = new Map<Tensor, number>();
    for (const [tensor, life] of bySize) {
      let slot = slots.findLastIndex(({ taken }) => taken.every(other => other.last < life.first || life.last < other.first));
      if (slot < 0) slot = slots.push({ bytes: bytes.get(tensor)!, taken: [] }) - 1;
      slots[slot]!.taken.push(life);
      slotOf.set(tensor, slot);
    }
    return { slotOf, slotBytes: slots.map(slot => slot.bytes) };
  }

  /** Compiles all pipelines at the same time, equal shader texts only once, and binds the buffers. `onStep` counts them. Errors: GpuError, OutOfMemoryError. */
  async compile(
    gpu: Gpu,
    bufferOf: (tensor: Tensor) => GPUBuffer,
    onStep: (done: number, total: number, label: string) => void = () => {},
  ): Promise<Step[]> {
    let done = 0;
    const total = this.#nodes.length;
    return gpu.checked('compiling the kernels', () =>
      Promise.all(
        this.#nodes.map(async ({ kernel, bindings }) => {
          const buffers = bindings.map(binding => (isTensor(binding) ? bufferOf(binding) : binding));
          const step = await makeStep(gpu, kernel, buffers);
          onStep(++done, total, kernel.label);
          return step;
        }),
      ),
    );
  }

  #lifetimes(): Map<Tensor, Lifetime> {
    const lifetimes = new Map<Tensor, Lifetime>();
    this.#nodes.forEach(({ bindings }, at) => {
      for (const tensor of bindings) {
        if (!isTensor(tensor) || !this.#temporaries.has(tensor)) continue;
        const life = lifetimes.get(tensor);
        if (life) life.last = at;
        else lifetimes.set(tensor, { first: at, last: at });
      }
    });
    for (const tensor of this.#kept) {
      const life = lifetimes.get(tensor);
      if (life) life.last = this.#nodes.length;
    }
    return lifetimes;
  }
}
