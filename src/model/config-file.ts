/** config.json of a source: the one place where the file is read. */
import { Notes } from '../notes.ts';
import { readSmallFile } from '../source/small-file.ts';
import type { ModelSource } from '../source/source.ts';
import { type ModelConfig, readConfig } from './config.ts';

/** Reads and checks config.json. `notes` takes what was assumed. Errors: ConfigError; ModelSourceError where it cannot be read. */
export async function readModelConfig(source: ModelSource, signal?: AbortSignal, notes = new Notes()): Promise<ModelConfig> {
  return readConfig(await readSmallFile(source, 'config.json', signal), `config.json of ${source.name}`, notes);
}
