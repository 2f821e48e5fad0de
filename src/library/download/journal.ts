/**
 * The state of a download: `download.json` in its folder, always replaced as a whole. It is not trusted: every chunk that it lists is
 * hashed again from storage before it is used.
 */
import { checkPath } from '../../source/path.ts';
import { readSealed, writeSealed } from '../keeping/sealed.ts';
import type { Storage } from '../keeping/storage.ts';

export const journalName = 'download.json';

export interface JournalFile {
  path: string;
  sizeBytes: number;
  /** As the host announced them: by these a later download recognises the same file. */
  sha256: string | null;
  gitOid: string | null;
  etag: string | null;
  chunkBytes: number;
  /** sha256 of each chunk that is there; null where it is not. */
  chunks: (string | null)[];
  /** Chunks that broke off: their first bytes, and the sha256 of those. */
  partial: { chunk: number; bytes: number; sha256: string }[];
}

export interface Journal {
  version: 1;
  name: string;
  commit: string | null;
  files: JournalFile[];
}

/** How many bytes an interrupted download has and needs, by its journal alone. Null when there is none. */
export interface DownloadState {
  name: string;
  commit: string | null;
  doneBytes: number;
  totalBytes: number;
}

/** Errors: those of the storage. */
export async function downloadState(storage: Storage, folder: string): Promise<DownloadState | null> {
  const journal = await readJournal(storage, folder);
  if (journal === null || journal === 'damaged') return null;
  let [doneBytes, totalBytes] = [0, 0];
  for (const file of journal.files) {
    totalBytes += file.sizeBytes;
    for (const { bytes } of file.partial) doneBytes += bytes;
    file.chunks.forEach((chunk, i) => {
      if (chunk !== null) doneBytes += chunkSize(file, i);
    });
  }
  return { name: journal.name, commit: journal.commit, doneBytes, totalBytes };
}

export function chunkSize(file: { sizeBytes: number; chunkBytes: number }, chunk: number): number {
  return Math.min(file.chunkBytes, file.sizeBytes - chunk * file.chunkBytes);
}

export function chunkCount(file: { sizeBytes: number; chunkBytes: number }): number {
  return Math.ceil(file.sizeBytes / file.chunkBytes);
}

/** The journal of a folder; null when there is none, `damaged` when its checksum or shape is wrong. Errors: those of the storage. */
export function readJournal(storage: Storage, folder: string): Promise<Journal | 'damaged' | null> {
  return readSealed<Journal>(storage, `${folder}/${journalName}`, isJournal);
}

export function writeJournal(storage: Storage, folder: string, journal: Journal): Promise<void> {
  return writeSealed(storage, `${folder}/${journalName}`, journal);
}

function isJournal(json: unknown): json is Journal {
  if (!isObject(json) || json.version !== 1 || typeof json.name !== 'string' || !isTextOrNull(json.commit)) return false;
  return Array.isArray(json.files) && json.files.every(isJournalFile);
}

function isJournalFile(json: unknown): json is JournalFile {
  if (!isObject(json) || typeof json.path !== 'string' || !isSize(json.sizeBytes) || !isSize(json.chunkBytes) || json.chunkBytes === 0)
    return false;
  if (![json.sha256, json.gitOid, json.etag].every(isTextOrNull)) return false;
  const { sizeBytes, chunkBytes, chunks, partial } = json;
  const count = chunkCount({ sizeBytes, chunkBytes });
  if (!Array.isArray(chunks) || chunks.length !== count || !chunks.every(isTextOrNull) || !Array.isArray(partial)) return false;
  try {
    checkPath(json.path);
  } catch {
    return false;
  }
  return partial.every(
    part =>
      isObject(part) &&
      isSize(part.chunk) &&
      part.chunk < count &&
      isSize(part.bytes) &&
      part.bytes <= chunkBytes &&
      typeof part.sha256 === 'string',
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
