/** The adapter under test: Dawn on the driver that VK_ICD_FILENAMES names. */
import { type Gpu, type OptionalFeature, openGpu } from '../gpu/device.ts';
import { politely } from '../node/polite-wait.ts';

let entry: Promise<GPU> | undefined;

/** npm `webgpu`'s entry point; kept for the life of the process, or Dawn aborts when it is collected. */
export function dawn(): Promise<GPU> {
  entry ??= import('webgpu').then(({ create, globals }) => {
    Object.assign(globalThis, globals);
    return create([]);
  });
  return entry;
}

export async function testGpu(without: readonly OptionalFeature[] = []): Promise<Gpu> {
  return openGpu(await dawn(), { without, whileWaiting: politely });
}
