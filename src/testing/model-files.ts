/** A fixture model as the files of a repository: for hubs and storages of tests. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelSource } from '../source/source.ts';
import { writeModelFolder } from './fixture-folder.ts';
import { type FixtureName, memorySource } from './fixtures.ts';

const ofTheTests = new Set(['cases.json', 'expected.safetensors']);

/** Config, tokenizer, weights, and a card with a licence. */
export async function modelFilesOf(name: FixtureName): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const folder = await mkdtemp(join(tmpdir(), 'affinage-model-'));
  try {
    const config: unknown = JSON.parse(
      await readFile(new URL(`../../oracle/fixtures/models/${name}/config.json`, import.meta.url), 'utf8'),
    );
    const vocabSize = (config as { vocab_size: number }).vocab_size;
    await writeModelFolder(name, vocabSize, folder);
    const paths = (await readdir(folder)).filter(path => !ofTheTests.has(path));
    const files = await Promise.all(paths.map(async path => [path, Uint8Array.from(await readFile(join(folder, path)))] as const));
    const card = new TextEncoder().encode('---\nlicense: apache-2.0\nlanguage: fr\n---\nA random model.\n');
    return { ...Object.fromEntries(files), 'README.md': card };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** These files as a source. */
export function sourceOf(files: Readonly<Record<string, Uint8Array>>, name = 'files'): ModelSource {
  return memorySource(name, async path => files[path]);
}
