/**
 * The numbers that change from run to run. Each kernel declares its own, with their types: `struct Run` in its WGSL file and `numbers` in
 * its wrapper, which `checkStruct` holds against each other. A run is a plain record of named numbers; every kernel takes those that it
 * declares. Everything else is fixed in a plan, so a run creates no GPU object.
 *
 * They lie in one uniform buffer of `runSlots` slots. In a submit, each dispatch names by a dynamic offset the slot that holds its numbers
 * (`RunSlots`); kernels whose numbers pack to the same bytes share one.
 */
import { GpuError } from '../errors.ts';

/** One run's numbers by name: what the caller of kernels knows. `firstGroup` is never among them. */
export type Run = Readonly<Record<string, number>>;

/** `u32` and `f32` stand in the kernel's `struct Run`; `count`, a whole number as u32, is read by `grid` and `cost` alone. */
export type NumberType = 'u32' | 'f32' | 'count';

/**
 * What a wrapper declares, in the order of its struct: `firstRow` is `first_row` there. `firstGroup`, a u32, is that of a window
 * (`Kernel.rowAxis`): the first workgroup along the row axis, set by whoever parts the dispatch and 0 where nobody does.
 */
export type Numbers = Readonly<Record<string, NumberType>>;

/** Where a kernel's number comes from, if not from the run's number of the same name: the run's number of another name, or always this value. */
export type Sources<N extends Numbers> = { readonly [Name in keyof N]?: string | number };

/** A kernel's own numbers, as its `grid` and `cost` see them. */
export type Own<N extends Numbers> = { readonly [Name in Exclude<keyof N, 'firstGroup'>]: number };

/** One declared number of a kernel. */
export interface RunNumber {
  name: string;
  type: NumberType;
  from: string | number;
}

/** What of a kernel or a step its numbers are packed by. */
export interface HasNumbers {
  label: string;
  numbers: readonly RunNumber[];
}

const bug = 'This is a bug of affinage; please report it.';

export function runNumbers<N extends Numbers>(numbers: N, from: Sources<N>): RunNumber[] {
  return Object.entries(numbers).map(([name, type]) => ({ name, type, from: from[name] ?? name }));
}

/**
 * Errors: GpuError unless `struct Run` of the composed text has exactly the kernel's u32 and f32 numbers, in their order. A kernel without
 * any has no such struct.
 */
export function checkStruct({ label, numbers }: HasNumbers, code: string): void {
  const body = /^struct Run \{([^}]*)\}/m.exec(code)?.[1] ?? '';
  const declared = [...body.replace(/\/\/.*$/gm, '').matchAll(/(\w+)\s*:\s*([^,\s]+)/g)].map(([, name, type]) => `${name}: ${type}`);
  const expected = numbers
    .filter(({ type }) => type !== 'count')
    .map(({ name, type }) => `${name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)}: ${type}`);
  if (declared.join() === expected.join()) return;
  const told = (fields: readonly string[]) => (fields.length > 0 ? `{ ${fields.join(', ')} }` : 'nothing');
  throw new GpuError(`Kernel ${label}: struct Run of its shader has ${told(declared)}, its wrapper declares ${told(expected)}. ${bug}`);
}

const f32 = new Float32Array(1);
const f32Bits = new Uint32Array(f32.buffer);

/** The value in this run. Errors: GpuError where the run lacks it or it does not fit its type. */
function valueIn(run: Run, label: string, number: RunNumber): number {
  const { type, from } = number;
  const value = typeof from === 'number' ? from : run[from];
  if (value === undefined || !(type === 'f32' ? Number.isFinite(Math.fround(value)) : value >>> 0 === value))
    throw unfit(label, number, value);
  return value;
}

function unfit(label: string, { name, type, from }: RunNumber, value: number | undefined): GpuError {
  const called = typeof from === 'number' || from === name ? name : `${name}, which is the run's ${from}`;
  const wanted = type === 'f32' ? 'a finite number that f32 can hold' : 'a whole number from 0 to 4294967295';
  const what = value === undefined ? `no value for ${called}` : `${value} for ${called}`;
  return new GpuError(`Kernel ${label}: the run gives ${what}; expected ${wanted}. ${bug}`, { label, number: name });
}

/** The kernel's own numbers in this run. Errors: GpuError, see `packRun`. */
export function ownNumbers({ label, numbers }: HasNumbers, run: Run): Run {
  const own: Record<string, number> = {};
  for (const number of numbers) if (number.name !== 'firstGroup') own[number.name] = valueIn(run, label, number);
  return own;
}

/**
 * The words of the kernel's `struct Run`, written to the start of `into`; returns how many. Errors: GpuError naming kernel and number
 * where the run lacks one that is declared, or has one that does not fit its type.
 */
export function packRun({ label, numbers }: HasNumbers, run: Run, firstGroup: number, into: Uint32Array): number {
  let at = 0;
  for (const number of numbers) {
    if (number.type === 'count') continue;
    const value = number.name === 'firstGroup' ? firstGroup : valueIn(run, label, number);
    if (number.type === 'f32') {
      f32[0] = value;
      into[at++] = f32Bits[0]!;
    } else into[at++] = value;
  }
  return at;
}

/** 256 bytes is the alignment of dynamic offsets that every adapter accepts, and more than any kernel's numbers take. */
export const runSlotBytes = 256;
export const runSlots = 64;
const slotWords = runSlotBytes / 4;

/** The slots of one submit after another: `place` what its dispatches read, `send` it before they are submitted. */
export class RunSlots {
  readonly #queue: GPUQueue;
  readonly #buffer: GPUBuffer;
  readonly #words = new Uint32Array(runSlots * slotWords);
  readonly #packed = new Uint32Array(slotWords);
  #used = 0;

  /** `buffer`: uniform, of `runSlots` × `runSlotBytes`, bound by every step. */
  constructor(device: GPUDevice, buffer: GPUBuffer) {
    this.#queue = device.queue;
    this.#buffer = buffer;
  }

  /** The slot with the kernel's numbers of this run; null where all slots hold others. Errors: as `packRun`. */
  place(kernel: HasNumbers, run: Run, firstGroup = 0): number | null {
    const packed = this.#packed;
    const words = this.#words;
    const count = packRun(kernel, run, firstGroup, packed);
    // What stands behind a kernel's own numbers in a slot does not concern it.
    search: for (let slot = 0; slot < this.#used; slot++) {
      for (let i = 0; i < count; i++) if (words[slot * slotWords + i] !== packed[i]) continue search;
      return slot;
    }
    if (this.#used === runSlots) return null;
    const start = this.#used * slotWords;
    words.fill(0, start, start + slotWords);
    for (let i = 0; i < count; i++) words[start + i] = packed[i]!;
    return this.#used++;
  }

  /** Writes the slots for the submit that comes next, and begins anew. */
  send(): void {
    if (this.#used > 0) this.#queue.writeBuffer(this.#buffer, 0, this.#words.subarray(0, this.#used * slotWords));
    this.#used = 0;
  }

  /** Forgets what was placed and not sent. */
  clear(): void {
    this.#used = 0;
  }
}
