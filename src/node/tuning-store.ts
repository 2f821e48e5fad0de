/** Remembered kernel choices in Node: one small JSON file per adapter and version, in the platform's cache folder. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../inference/environment.ts';

/** AFFINAGE_CACHE, or the platform's cache folder for this package. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform, home = homedir()): string {
  if (env.AFFINAGE_CACHE) return env.AFFINAGE_CACHE;
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'affinage', 'Cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'affinage');
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'affinage');
}

/**
 * `onProblem` is called once if the folder cannot be used; nothing is then remembered, and variants are measured again at each load.
 * Values are JSON text. The key is hashed for the file name and also stored inside, so that a collision of hashes is noticed.
 */
export function folderTuning(folder: string, onProblem: (text: string) => void = () => {}): Environment['tuning'] {
  let told = false;
  const problem = (error: unknown) => {
    if (told) return;
    told = true;
    onProblem(
      `kernel choices are not remembered: ${folder} cannot be used (${error instanceof Error ? error.message : String(error)}); set AFFINAGE_CACHE to a folder that can`,
    );
  };
  const fileOf = (key: string) => join(folder, `tuning-${createHash('sha256').update(key).digest('hex').slice(0, 16)}.json`);
  return {
    async get(key) {
      try {
        const stored: unknown = JSON.parse(await readFile(fileOf(key), 'utf8'));
        if (typeof stored !== 'object' || stored === null || !('key' in stored) || !('value' in stored)) return null;
        return stored.key === key && typeof stored.value === 'string' ? stored.value : null;
      } catch (error) {
        const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!missing && !(error instanceof SyntaxError)) problem(error);
        return null;
      }
    },
    async set(key, value) {
      try {
        await mkdir(folder, { recursive: true });
        const file = fileOf(key);
        // Two processes may write at once: each writes its own file and renames it, so that readers never see a part.
        const draft = `${file}.${process.pid}`;
        await writeFile(draft, JSON.stringify({ key, value }));
        await rename(draft, file);
      } catch (error) {
        problem(error);
      }
    },
  };
}
