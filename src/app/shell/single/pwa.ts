/** In the place of ../pwa.ts: the page in one file is whole on this machine already, and is updated by getting a newer file. */

/** Nothing to register: browsers give a page opened from the disk no service worker. */
export async function registerOffline(): Promise<void> {}

/** Never offered, as no version is ever found to wait. */
export function applyUpdate(): void {}
