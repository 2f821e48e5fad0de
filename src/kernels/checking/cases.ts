/**
 * A kernel's cases are declared once: inputs, a reference in f64 and bounds, each by itself. So one declaration serves the tests of values,
 * windows, gradients (gradient.ts) and races, the mutation check and the bench; one that needs no expected answer does not compute it.
 * "Check this device" (src/verify) runs them too. The engine and the kernels themselves never import them.
 */
import type { DeviceProfile } from '../../gpu/device.ts';
import type { BindingKind } from '../../gpu/pipeline.ts';
import type { Run } from '../../gpu/run.ts';
import type { Kernel } from '../../gpu/step.ts';
import type { StorageType } from '../../types.ts';
import type { Variant } from '../variants.ts';

/** Numbers as a reference has them: floats in f64, integers as they are. */
export type Values = Float64Array | Uint32Array;

/** Contents of buffers by their names, before the run (of an output too). A reference must not change them. */
export type Inputs<Name extends string = string> = Readonly<Record<Name, Values>>;

/** Outputs by name; an output that is absent is not compared. */
export type Outputs<Name extends string = string> = Readonly<Partial<Record<Name, Values>>>;

/**
 * What the kernel computes, plainly and in f64: nothing is rounded to f32 on the way, so that differences of it are gradients. Pure: it
 * draws no random numbers and gives the same for the same inputs.
 */
export type Reference<Name extends string = string> = (inputs: Inputs<Name>) => Outputs<Name>;

/** One binding of a case, in the kernel's order; the run uniform is added by the runner. */
export interface CaseBuffer<Name extends string = string> {
  name: Name;
  /** `elem`: f32 or f16 by the case's storage; the others as they say. */
  type: 'elem' | 'f32' | 'u32';
  kind: Exclude<BindingKind, 'uniform'>;
  /** Content before the run (of an output too: residual adds to it). */
  data: Float32Array | Uint32Array;
  /** The numbers that the words of a `u32` buffer stand for, where the reference computes with those: weights in a format, halves. */
  decoded?: () => Float64Array;
}

export interface CaseInstance<Name extends string = string> {
  kernel: Kernel;
  buffers: readonly CaseBuffer<Name>[];
  run: Run;
  /** What must stand in the outputs afterwards, from their start on; they may be longer. */
  reference(inputs: Inputs<Name>): Outputs<Name>;
  /** Bound of the float outputs: largest normalised mean squared error; default 1e-10 for f32 storage, 1e-6 for f16. u32 must be equal. */
  maxNmse?: number;
  /** f32 outputs that must be the reference rounded to f32, bit for bit: NaN and infinities too. */
  exact?: readonly Name[];
}

/** The instance as it is; binds the names that the reference reads and gives to those of the buffers. */
export function caseInstance<Name extends string>(instance: CaseInstance<Name>): CaseInstance {
  return instance;
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
  /** Timed by the kernel bench too (`affinage bench --kernels`); see also `CaseSet.benchCases`. */
  bench?: boolean;
  /** Part of the short check of a device: small, compiled quickly, and what every model does. Each variant of a set has one such case. */
  quick?: boolean;
  /** The inputs hold NaN or infinities: WGSL lets an adapter assume that there are none. A failure is reported, but does not fail the adapter. */
  nonFinite?: boolean;
  make(context: CaseContext<Name>): CaseInstance;
}

export interface CaseSet<Name extends string = string> {
  kernel: string;
  variants: readonly Variant<Name>[];
  storages?: readonly StorageType[];
  /** Only training uses it: neither a check of a device nor a first load runs it. */
  training?: boolean;
  cases: readonly KernelCase<Name>[];
  /** Sizes of real models. Only the kernel bench runs them, as the reference takes long for them. */
  benchCases?: readonly KernelCase<Name>[];
}

/** Keeps the variant names typed inside a set, and lets sets of different kernels stand in one list. */
export function caseSet<Name extends string>(set: CaseSet<Name>): CaseSet {
  return set as unknown as CaseSet;
}

/** The case as a part of the short check. */
export function quick<C extends { quick?: boolean }>(kernelCase: C): C {
  return { ...kernelCase, quick: true };
}
