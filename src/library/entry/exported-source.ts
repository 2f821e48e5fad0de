/** Reads a folder that `export` wrote, in place, checking every chunk against its manifest. */
import { ModelFileError } from '../../errors.ts';
import type { ModelSource } from '../../source/source.ts';
import { manifestOf } from './manifest.ts';
import { rangeText } from './transfer.ts';
import { VerifiedSource } from './verified-source.ts';

/**
 * The same source with every chunk hashed before it is used, if it has one of affinage's manifests; otherwise the source as it is.
 * Errors: ModelFileError for a damaged manifest and, when reading, for bytes that do not have the manifest's hash.
 */
export async function checkedExport(source: ModelSource, signal?: AbortSignal): Promise<ModelSource> {
  const manifest = await manifestOf(source, signal);
  if (!manifest) return source;
  return new VerifiedSource(
    source.name,
    manifest.files,
    async (path, start, end, readSignal) => {
      const file = (await source.has(path, readSignal)) ? await source.open(path, readSignal) : null;
      return file && file.sizeBytes >= end ? file.read(start, end, readSignal) : null;
    },
    async ({ path, chunkBytes, sizeBytes }, chunk) => {
      throw new ModelFileError(
        `${path} of ${source.name} differs from what its manifest.json says, ${rangeText(chunk, chunkBytes, sizeBytes)}. Copy the folder again; to use it as it is, remove its manifest.json.`,
        { path, source: source.name, chunk },
      );
    },
  );
}
