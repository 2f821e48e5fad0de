/** Reads every byte of a kept model and repairs broken chunks. */
import { ModelFileError } from '../../errors.ts';
import { sha256Hex } from '../keeping/hash.ts';
import type { LibraryModel, TransferOptions } from '../types.ts';
import { entryOf, type LibraryContext } from './context.ts';
import { clearDamage } from './damage.ts';
import { bytesOf, type KeptFile, type Manifest } from './manifest.ts';
import { Mender, type MenderOptions } from './mend.ts';
import { openOrigin } from './origin.ts';
import { modelFile } from './places.ts';
import { readOrNull } from './verified-source.ts';

export function menderOf(
  context: LibraryContext,
  key: string,
  manifest: Manifest,
  options: Pick<MenderOptions, 'onNotice' | 'holdsLock'>,
): Mender {
  return new Mender(key, manifest, { storage: context.storage, openOrigin: async ({ origin }) => openOrigin(context, origin), ...options });
}

/** See `ModelLibrary.check`. Every broken chunk is tried before the first failure is thrown. Errors: ModelFileError; the signal's reason. */
export async function checkEntry(
  context: LibraryContext,
  key: string,
  manifest: Manifest,
  { signal, onProgress, holdsLock }: TransferOptions & { holdsLock?: boolean },
): Promise<LibraryModel> {
  const total = bytesOf(manifest);
  let done = 0;
  const tell = (extra: { detail?: string; notice?: string }) =>
    onProgress?.({ stage: 'verify', done, total, unit: 'bytes', overall: total > 0 ? done / total : 1, ...extra });
  const mender = menderOf(context, key, manifest, { holdsLock, onNotice: notice => tell({ notice }) });
  let failure: unknown;
  for (const file of manifest.files) {
    for (let chunk = 0; chunk < file.chunks.length; chunk++) {
      signal?.throwIfAborted();
      try {
        if (!(await isSound(context, key, file, chunk))) await mender.chunk(file, chunk, signal);
      } catch (error) {
        // Go on: other chunks may still be repaired, and the record of damage must list every broken one.
        if (!(error instanceof ModelFileError)) throw error;
        failure ??= error;
      }
      done += Math.min(file.chunkBytes, file.sizeBytes - chunk * file.chunkBytes);
      tell({ detail: file.path });
    }
  }
  if (failure) throw failure;
  await clearDamage(context.storage, key);
  return entryOf(key, manifest, false);
}

async function isSound({ storage }: LibraryContext, key: string, file: KeptFile, chunk: number): Promise<boolean> {
  const start = chunk * file.chunkBytes;
  const bytes = await readOrNull(storage, modelFile(key, file.path), start, Math.min(file.sizeBytes, start + file.chunkBytes));
  return bytes !== null && (await sha256Hex(bytes)) === file.chunks[chunk];
}
