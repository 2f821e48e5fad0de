/** Remembered kernel choices in a browser: the Cache API, which pages and workers both have. */
import type { Environment } from '../inference/environment.ts';

const cacheName = 'affinage-tuning';
/** The Cache API stores answers by the address of a request. This host does not exist, and nothing is ever sent to it. */
const addressOf = (key: string) => `https://tuning.affinage.invalid/${encodeURIComponent(key)}`;

/** If storage is refused (private windows, sandboxed frames, full disks), the choices are measured again at the next load. */
export function browserTuning(): Environment['tuning'] {
  return {
    async get(key) {
      try {
        const store = await caches.open(cacheName);
        const found = await store.match(addressOf(key));
        return found ? await found.text() : null;
      } catch {
        return null;
      }
    },
    async set(key, value) {
      try {
        const store = await caches.open(cacheName);
        await store.put(addressOf(key), new Response(value));
      } catch {
        // Ignored, as the comment of this function explains.
      }
    },
  };
}
