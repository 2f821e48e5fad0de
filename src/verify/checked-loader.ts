/**
 * `loadModel` with a check of the adapter: at the first load on an adapter with these features and this version, the short form of the
 * check runs before the model is ready. The kernels' cases are a separate chunk, loaded only then.
 */
import type { Environment } from '../inference/environment.ts';
import { createLoader, type LoadModel } from '../inference/load.ts';
import type { InternalOptions, Loaded } from '../inference/open.ts';
import type { DeviceCheckNote } from '../types.ts';

/** As `createLoader`. Errors: also GpuError, naming the kernels, when this adapter computes wrong numbers. */
export function createCheckedLoader(env: Environment, internal: InternalOptions = {}): LoadModel {
  return createLoader(env, {
    ...internal,
    async check(loaded, options) {
      const key = `checked|${env.version}|${loaded.gpu.profile.key}`;
      const earlier = parseNote(await env.tuning.get(key));
      const used = usedBy(loaded);
      if (earlier && used.every(variant => earlier.variants.includes(variant))) return earlier.note;
      const chunk = await import('./check-on-load.ts').catch(() => null);
      if (!chunk) {
        // The site was updated since the page was opened, so the chunk no longer exists. The model still loads; the next load checks.
        const notice = 'This adapter was not checked: the code of the check could not be loaded. Reload the page.';
        options.onProgress?.({ stage: 'check', done: 0, total: 0, unit: 'items', notice });
        return undefined;
      }
      const { checkOnLoad } = chunk;
      const note = await checkOnLoad(loaded, options);
      // Only a passed check is remembered: after a failure the next load checks again, perhaps with another driver.
      const variants = [...new Set([...(earlier?.variants ?? []), ...used])];
      await env.tuning.set(key, JSON.stringify({ note, variants } satisfies Remembered));
      return note;
    },
  });
}

interface Remembered {
  note: DeviceCheckNote;
  /** Variants that tuning had chosen: another choice is checked when it is made. */
  variants: string[];
}

function usedBy({ variants }: Loaded): string[] {
  return variants.map(({ task, chosen }) => `${task.split(' ')[0]} ${chosen}`);
}

/** Null for an absent or damaged note. */
function parseNote(text: string | null): Remembered | null {
  if (!text) return null;
  try {
    const { note, variants } = JSON.parse(text) as Partial<Remembered>;
    const fits = note?.passed === true && typeof note.at === 'number' && note.form === 'short' && Array.isArray(variants);
    return fits ? { note: { passed: true, at: note.at, form: 'short' }, variants } : null;
  } catch {
    return null;
  }
}
