/** Shared by all wrappers: what a variant is and how storage types reach a shader. */
import type { DeviceProfile } from '../gpu/device.ts';
import type { Composition } from '../gpu/shader.ts';

/** Storage of activations; mirrors engine's StorageType without importing upwards. */
export type Storage = 'f32' | 'f16';

/** One way to compute a kernel. All variants of a kernel give the same result within its tolerance. */
export interface Variant<Name extends string = string> {
  name: Name;
  /** Whether this adapter can run it at all (features, workgroup memory). */
  runsOn(profile: DeviceProfile): boolean;
  /** Listed first when nothing has been measured. */
  suits(profile: DeviceProfile): boolean;
}

/** The variant to use where nothing was measured: the first that suits, else the first that runs. */
export function defaultVariant<Name extends string>(variants: readonly Variant<Name>[], profile: DeviceProfile): Name {
  const able = variants.filter(v => v.runsOn(profile));
  return (able.find(v => v.suits(profile)) ?? able[0]!).name;
}

/** Aliases for `elem` and its vectors. */
export function elemAliases(storage: Storage, names: readonly ('elem' | 'elem2' | 'elem4')[] = ['elem', 'elem4']): Composition['aliases'] {
  const suffix = storage === 'f16' ? 'h' : 'f';
  const types = { elem: storage, elem2: `vec2${suffix}`, elem4: `vec4${suffix}` };
  return Object.fromEntries(names.map(name => [name, types[name]]));
}

export function elemBytes(storage: Storage): number {
  return storage === 'f16' ? 2 : 4;
}
