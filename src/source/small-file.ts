/** The files of a model that are read whole: its settings and its tokenizer. */
import { ModelSourceError } from '../errors.ts';
import type { ModelSource } from './source.ts';

/** Larger than any tokenizer.json known (XLM-R's has 17 MB). */
const maxBytes = 64 * 2 ** 20;

/** All bytes of a file. Errors: ModelSourceError for one larger than any such file is, or that cannot be read. */
export async function readSmallFile(source: ModelSource, path: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const file = await source.open(path, signal);
  if (file.sizeBytes > maxBytes) {
    throw new ModelSourceError(
      `${path} of ${source.name} has ${file.sizeBytes} bytes; at most ${maxBytes} can belong there. Check the source.`,
    );
  }
  return file.read(0, file.sizeBytes, signal);
}
