/** A small random model on the disk, as published: for tests that pick, serve or publish files. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeModelFolder } from '../src/testing/fixture-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A folder of a small random model, as published. */
export async function publishedFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'affinage-model-'));
  await writeModelFolder('published-bf16', vocabOf('published-bf16'), path);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function vocabOf(fixture: string): number {
  const config = JSON.parse(readFileSync(`${root}oracle/fixtures/models/${fixture}/config.json`, 'utf8')) as { vocab_size: number };
  return config.vocab_size;
}
