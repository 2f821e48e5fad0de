/**
 * A kernel's cases are declared once and serve the correctness tests, the benchmark and (later) the gradient checks.
 * "Check this device" (src/verify) runs them too; the engine and the kernels themselves never import them.
 */
import type { DeviceProfile } from '../../gpu/device.ts';
import type { BindingKind } from '../../gpu/pipeline.ts';
import type { RunSizes } from '../../gpu/run.ts';
import type { Kernel } from '../../gpu/step.ts';
import type { StorageType } from '../../types.ts';
import type { Variant } from '../variants.ts';

/** One binding of a case, in the kernel's order; the run uniform is added by the runner. */
export interface CaseBuffer {
  name: string;
  /** `elem`: f32 or f16 by the case's storage; the others as they say. */
  type: 'elem' | 'f32' | 'u32';
  kind: Exclude<BindingKind, 'uniform'>;
  /** Content before the run (of an output too: residual adds to it). */
  data: Float32Array | Uint32Array;
  /** Outputs: what must stand in it afterwards. u32 must be equal, floats within `maxNmse`. */
  expected?: Float32Array | Uint32Array;
}

export interface CaseInstance {
  kernel: Kernel;
  buffers: CaseBuffer[];
  run: Partial<RunSizes>;
  /** Largest normalised mean squared error; default 1e-10 for f32 storage, 1e-6 for f16. */
  maxNmse?: number;
}

export interface CaseContext<Name extends string = string> {
  variant: Name;
  storage: StorageType;
  profile: DeviceProfile;
  /** Rounds values to what the storage type can hold, so that the reference starts from the same numbers. */
  round(values: Float32Array): Float32Array<ArrayBuffer>;
  /** Seeded normal numbers × scale, already rounded to the storage type. */
  random(length: number, scale?: number): Float32Array<ArrayBuffer>;
  /** Seeded integers in [0, below). */
  randomInts(length: number, below: number): Uint32Array<ArrayBuffer>;
}

export interface KernelCase<Name extends string = string> {
  name: string;
  /** Only these variants; default all. */
  variants?: readonly Name[];
  /** Timed by the kernel bench too. */
  bench?: boolean;
  /** Part of the short check of a device: small, compiled quickly, what every model does. Each variant of a set has one. */
  quick?: boolean;
  /** The inputs hold NaN or infinities: WGSL lets an adapter assume that there are none. A failure is told, but does not condemn it. */
  nonFinite?: boolean;
  make(context: CaseContext<Name>): CaseInstance;
}

export interface CaseSet<Name extends string = string> {
  kernel: string;
  variants: readonly Variant<Name>[];
  storages?: readonly StorageType[];
  cases: readonly KernelCase<Name>[];
}

/** Keeps the variant names typed inside a set, and lets sets of different kernels stand in one list. */
export function caseSet<Name extends string>(set: CaseSet<Name>): CaseSet {
  return set as unknown as CaseSet;
}

/** The case as a part of the short check. */
export function quick<Name extends string>(kernelCase: KernelCase<Name>): KernelCase<Name> {
  return { ...kernelCase, quick: true };
}
