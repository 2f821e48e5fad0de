/** Copies a ModelSource into a Storage, chunk by chunk, and checks that reading gives what was written. */
import { ModelFileError, StorageError } from '../../errors.ts';
import type { ModelSource, SourceFile } from '../../source/source.ts';
import { Sha256, sha256Hex } from '../keeping/hash.ts';
import type { Storage, StoredFile } from '../keeping/storage.ts';
import type { KeptFile } from './manifest.ts';
import type { DraftFile } from './pull-state.ts';

export interface TransferPlace {
  storage: Storage;
  /** Where the files go: `models/<key>`. */
  folder: string;
}

export interface CopyOptions {
  chunkBytes: number;
  signal?: AbortSignal;
  /** Called with the bytes of all files stored so far. */
  onBytes?: (done: number, path: string) => void;
  /** Called after each chunk that would survive a crash. */
  onChunk?: () => Promise<void>;
  /** The hashes that the bytes must have, where they are known (importing an export). Errors of the copy then name the chunk. */
  expected?: readonly KeptFile[];
}

/**
 * Copies the files `paths` of `source`. `drafts` lists what is stored already and grows with every chunk; with the same `drafts` an
 * interrupted copy goes on where it stopped. Errors: those of source and storage; ModelFileError for bytes other than `expected`.
 */
export async function copyFiles(
  source: ModelSource,
  paths: readonly string[],
  { storage, folder }: TransferPlace,
  drafts: DraftFile[],
  options: CopyOptions,
): Promise<void> {
  let before = 0;
  for (const path of paths) {
    options.signal?.throwIfAborted();
    const file = await source.open(path, options.signal);
    const out = await storage.open(`${folder}/${path}`, 'write');
    try {
      const wanted = options.expected?.find(other => other.path === path);
      if (wanted && wanted.sizeBytes !== file.sizeBytes) throw brokenImport(path, Math.floor(file.sizeBytes / wanted.chunkBytes), wanted);
      const draft = await draftOf(drafts, file, out, wanted?.chunkBytes ?? options.chunkBytes);
      await copyFile(file, out, draft, wanted, options, done => options.onBytes?.(before + done, path));
    } finally {
      await out.close();
    }
    before += file.sizeBytes;
  }
}

const readBytes = 2 ** 20;

/** The draft of a file, cut to what is really there; a new one when the file has another size now. */
async function draftOf(drafts: DraftFile[], file: SourceFile, out: StoredFile, chunkBytes: number): Promise<DraftFile> {
  const known = drafts.find(({ path }) => path === file.path);
  const there = await out.size();
  if (known && known.sizeBytes === file.sizeBytes && known.chunkBytes === chunkBytes) {
    while (known.chunks.length > 0 && Math.min(known.sizeBytes, known.chunks.length * chunkBytes) > there) known.chunks.pop();
    if (there > known.sizeBytes) await out.truncate(known.sizeBytes);
    return known;
  }
  if (there > 0) await out.truncate(0);
  const draft: DraftFile = { path: file.path, sizeBytes: file.sizeBytes, chunkBytes, chunks: [] };
  if (known) drafts.splice(drafts.indexOf(known), 1, draft);
  else drafts.push(draft);
  return draft;
}

async function copyFile(
  file: SourceFile,
  out: StoredFile,
  draft: DraftFile,
  wanted: KeptFile | undefined,
  { signal, onChunk }: CopyOptions,
  onBytes: (done: number) => void,
): Promise<void> {
  // Memory for one chunk, reused for all of them and filled by small reads: new large buffers would pile up until the collector runs.
  const memory = new Uint8Array(Math.min(draft.chunkBytes, draft.sizeBytes));
  for (let index = draft.chunks.length; index * draft.chunkBytes < draft.sizeBytes; index++) {
    signal?.throwIfAborted();
    const start = index * draft.chunkBytes;
    const bytes = memory.subarray(0, Math.min(draft.sizeBytes - start, draft.chunkBytes));
    for (let at = 0; at < bytes.length; at += readBytes) {
      onBytes(start + at);
      bytes.set(await file.read(start + at, start + Math.min(bytes.length, at + readBytes), signal), at);
    }
    const hash = await sha256Hex(bytes);
    if (wanted && wanted.chunks[index] !== hash) throw brokenImport(file.path, index, wanted);
    await out.write(start, bytes);
    await out.flush();
    draft.chunks.push(hash);
    await onChunk?.();
  }
  onBytes(draft.sizeBytes);
}

export function brokenImport(
  path: string,
  chunk: number,
  { sizeBytes, chunkBytes }: { sizeBytes: number; chunkBytes: number },
): ModelFileError {
  return new ModelFileError(
    `${path} differs from what its manifest.json says, ${rangeText(chunk, chunkBytes, sizeBytes)}: the copy is damaged, or the file was changed. Copy the model again; to use a changed model as it is, remove its manifest.json.`,
    { path, chunk },
  );
}

/** `bytes 4194304 to 8388607`. */
export function rangeText(chunk: number, chunkBytes: number, sizeBytes: number): string {
  return `bytes ${chunk * chunkBytes} to ${Math.max(0, Math.min(sizeBytes, (chunk + 1) * chunkBytes) - 1)}`;
}

/**
 * Reads every byte back and compares it with the drafts' hashes; returns the files for a manifest, with the hash of each whole file.
 * A chunk that reads back wrong is written once more from `source`. Errors: StorageError when it reads back wrong again.
 */
export async function readBack(
  source: ModelSource,
  { storage, folder }: TransferPlace,
  drafts: readonly DraftFile[],
  options: Pick<CopyOptions, 'signal' | 'onBytes'>,
): Promise<KeptFile[]> {
  const files: KeptFile[] = [];
  let before = 0;
  for (const { path, sizeBytes, chunkBytes, chunks } of drafts) {
    const whole = new Sha256();
    const full = `${folder}/${path}`;
    let file = await storage.open(full, 'read');
    try {
      if ((await file.size()) !== sizeBytes) throw failingDisk(storage, full);
      for (let index = 0; index < chunks.length; index++) {
        options.signal?.throwIfAborted();
        const start = index * chunkBytes;
        const end = Math.min(sizeBytes, start + chunkBytes);
        let bytes = await file.read(start, end);
        if ((await sha256Hex(bytes)) !== chunks[index]) {
          await file.close();
          await rewrite(source, storage, path, full, start, end, options.signal);
          file = await storage.open(full, 'read');
          bytes = await file.read(start, end);
          if ((await sha256Hex(bytes)) !== chunks[index]) throw failingDisk(storage, full);
        }
        whole.update(bytes);
        options.onBytes?.(before + end, path);
      }
    } finally {
      await file.close();
    }
    files.push({ path, sizeBytes, sha256: whole.hex(), chunkBytes, chunks });
    before += sizeBytes;
  }
  return files;
}

async function rewrite(
  source: ModelSource,
  storage: Storage,
  path: string,
  full: string,
  start: number,
  end: number,
  signal?: AbortSignal,
) {
  const bytes = await (await source.open(path, signal)).read(start, end, signal);
  const out = await storage.open(full, 'write');
  try {
    await out.write(start, bytes);
    await out.flush();
  } finally {
    await out.close();
  }
}

function failingDisk(storage: Storage, path: string): StorageError {
  return new StorageError(
    `${path} in ${storage.name} does not hold what was written a moment ago: the disk or its driver fails. Use another place.`,
    {
      path,
    },
  );
}
