/** Shared by all wrappers: what a variant is and how storage types reach a shader. */
import type { DeviceProfile } from '../gpu/device.ts';
import type { Composition } from '../gpu/shader.ts';
import type { StorageType } from '../types.ts';
import type { WeightFormat } from '../weights/formats.ts';

/** `FORMAT` of shaders/include/weight-row.wgsl. */
export const formatCode: Readonly<Record<WeightFormat, number>> = { f32: 0, f16: 1, q8: 2, q4: 3 };

/** One way to compute a kernel. All variants of a kernel give the same result, within the kernel's tolerance. */
export interface Variant<Name extends string = string> {
  name: Name;
  /** Whether this adapter can run it at all (features, workgroup memory). */
  runsOn(profile: DeviceProfile): boolean;
  /** What an adapter must have to run it, in words; absent where all run it. */
  needs?: string;
  /** Whether it is the default for this kind of adapter, while nothing has been measured. */
  suits(profile: DeviceProfile): boolean;
}

/** Subgroup size of the `lanes` variants: lavapipe's on every processor with 256-bit vectors. */
export const lanes = 8;

export function hasLanes({ software, subgroupSize }: DeviceProfile): boolean {
  return software && subgroupSize?.min === lanes && subgroupSize.max === lanes;
}

/** What `hasLanes` asks of an adapter, in words. */
export const lanesNeed = `a software adapter whose subgroups have ${lanes} threads`;

/** Whether four threads can pass numbers to one another: the `quad` variants. */
export function hasQuads({ subgroups, subgroupSize }: DeviceProfile): boolean {
  return subgroups && (subgroupSize?.min ?? 4) >= 4;
}

/** What `hasQuads` asks of an adapter, in words. */
export const quadsNeed = 'subgroups of at least 4 threads';

/** The variant to use where nothing was measured: the first that suits, else the first that runs. */
export function defaultVariant<Name extends string>(variants: readonly Variant<Name>[], profile: DeviceProfile): Name {
  const able = variants.filter(v => v.runsOn(profile));
  return (able.find(v => v.suits(profile)) ?? able[0]!).name;
}

/** Aliases for `elem` and its vectors. */
export function elemAliases(
  storage: StorageType,
  names: readonly ('elem' | 'elem2' | 'elem4')[] = ['elem', 'elem4'],
): Composition['aliases'] {
  const suffix = storage === 'f16' ? 'h' : 'f';
  const types = { elem: storage, elem2: `vec2${suffix}`, elem4: `vec4${suffix}` };
  return Object.fromEntries(names.map(name => [name, types[name]]));
}

/** Four values of a storage type in WGSL. */
export function vec4Of(storage: StorageType): 'vec4f' | 'vec4h' {
  return storage === 'f16' ? 'vec4h' : 'vec4f';
}

/** Variants of the kernels that reduce a row: many threads a row suit GPUs, few threads (or one) the software adapters. */
export function rowVariants<Name extends string>(gpu: Name, software: Name): readonly Variant<Name>[] {
  return [
    { name: gpu, runsOn: () => true, suits: profile => !profile.software },
    { name: software, runsOn: () => true, suits: profile => profile.software },
  ];
}

/** Of a kernel that has no variants: the one that runs everywhere. */
export const plainVariants: readonly Variant<'plain'>[] = [{ name: 'plain', runsOn: () => true, suits: () => true }];

export function elemBytes(storage: StorageType): number {
  return storage === 'f16' ? 2 : 4;
}
