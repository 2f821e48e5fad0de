/** Writes a kept model as a plain folder that `import`, a static host, or any reader of safetensors can use. */
import type { ModelSink } from '../quantize/copy.ts';
import type { ModelSource } from '../source/source.ts';
import { bytesOf, encodeManifest, type Manifest } from './entry/manifest.ts';
import { manifestFile } from './entry/places.ts';
import type { TransferOptions } from './types.ts';

/**
 * `source`: the verified model. config.json is written after the weights and the manifest last, so that an export that broke off can be
 * recognised. Errors: those of source and sink; the signal's reason.
 */
export async function exportModel(
  source: ModelSource,
  manifest: Manifest,
  sink: ModelSink,
  { signal, onProgress }: TransferOptions,
): Promise<void> {
  const total = bytesOf(manifest);
  const files = [...manifest.files].sort((a, b) => Number(a.path === 'config.json') - Number(b.path === 'config.json'));
  let done = 0;
  for (const { path, sizeBytes, chunkBytes } of files) {
    const file = await source.open(path, signal);
    const out = await sink.create(path, sizeBytes);
    try {
      for (let at = 0; at < sizeBytes; at += chunkBytes) {
        const bytes = await file.read(at, Math.min(sizeBytes, at + chunkBytes), signal);
        await out.write(at, bytes);
        done += bytes.length;
        onProgress?.({ stage: 'files', done, total, unit: 'bytes', detail: path, overall: total > 0 ? done / total : 1 });
      }
    } catch (error) {
      await out.close().catch(() => {}); // the first error is the one to throw
      throw error;
    }
    await out.close();
  }
  const bytes = await encodeManifest(manifest);
  const file = await sink.create(manifestFile, bytes.length);
  await file.write(0, bytes);
  await file.close();
}
