/** The last step of a download: every file is read back and hashed as a whole. Broken chunks are found by fetching chunks again. */
import { ModelFileError } from '../../errors.ts';
import { abortError } from '../../source/abort.ts';
import type { HttpOptions } from '../../source/http-request.ts';
import { GitOid, Sha256, sha256Hex } from '../keeping/hash.ts';
import type { DownloadFile } from './download-file.ts';
import { fetchPart, type TransferEvents } from './download-transfer.ts';
import { chunkCount, chunkSize } from './journal.ts';

export interface VerifyContext {
  options: HttpOptions;
  signal: AbortSignal;
  events: TransferEvents;
  /** Bytes hashed of this file. */
  onHashed(bytes: number): void;
  /** Fetches the chunks that are missing. */
  refill(file: DownloadFile): Promise<void>;
}

interface Verdict {
  /** Of the whole file. */
  sha256: string;
  /** The announced hash; the hash of the bytes where the host announced none. */
  expected: string;
  actual: string;
  /** Chunks whose bytes in the storage are not those that were written. */
  broken: number[];
}

/**
 * Verifies a file whose chunks are all stored; returns its sha256. Broken chunks are fetched again, if need be every chunk in turn.
 * Errors: ModelFileError when the host's bytes do not have the hash that it announces; ModelSourceError; those of the storage.
 */
export async function verifyFile(file: DownloadFile, context: VerifyContext): Promise<string> {
  let verdict = await judge(file, context);
  if (isRight(verdict)) return verdict.sha256;
  context.events.onNotice(`${file.path} does not have the announced hash: looking for the damaged part.`);
  if (verdict.broken.length > 0) {
    // These changed in the storage after they were written, so only these are fetched again.
    for (const chunk of verdict.broken) file.chunks[chunk] = null;
    await context.refill(file);
    verdict = await judge(file, context);
    if (isRight(verdict)) return verdict.sha256;
  }
  if (file.sequential) {
    file.forget();
    await context.refill(file);
    verdict = await judge(file, context);
    if (isRight(verdict)) return verdict.sha256;
  } else {
    for (let chunk = 0; chunk < chunkCount(file); chunk++) {
      if (!(await replaceIfOther(file, chunk, context))) continue;
      verdict = await judge(file, context);
      if (isRight(verdict)) return verdict.sha256;
    }
  }
  const { expected, actual } = verdict;
  file.forget();
  const source = file.target.source;
  throw new ModelFileError(
    `${file.path} of ${source} is not the file that the host announces, even after a second download: its hash is ${actual}, and should be ${expected}. Use another mirror or revision, and do not trust these bytes.`,
    { path: file.path, source, expected, actual },
  );
}

function isRight({ expected, actual, broken }: Verdict): boolean {
  return expected === actual && broken.length === 0;
}

/** Reads the file back and hashes it. If the hash is wrong, or the host announced none, also compares each chunk with its recorded hash. */
async function judge(file: DownloadFile, context: VerifyContext): Promise<Verdict> {
  await file.trim();
  const { sha256: announced, gitOid } = file.remote;
  const whole = new Sha256();
  const git = gitOid === null ? null : new GitOid(file.sizeBytes);
  const broken: number[] = [];
  let done = 0;
  for (const [chunk, hash] of file.chunks.entries()) {
    const bytes = await readChunk(file, chunk, context.signal);
    whole.update(bytes);
    git?.update(bytes);
    if (!file.announced && (await sha256Hex(bytes)) !== hash) broken.push(chunk);
    done += bytes.length;
    context.onHashed(done);
  }
  const sha256 = whole.hex();
  const actual = git ? git.hex() : sha256;
  const expected = announced ?? gitOid ?? sha256;
  if (actual === expected) return { sha256, expected, actual, broken };
  for (const [chunk, hash] of file.chunks.entries())
    if ((await sha256Hex(await readChunk(file, chunk, context.signal))) !== hash) broken.push(chunk);
  return { sha256, expected, actual, broken };
}

/** Fetches a chunk again. If it differs from the stored one it is fetched once more, and the version received twice is stored. True when the stored chunk was replaced. */
async function replaceIfOther(file: DownloadFile, chunk: number, context: VerifyContext): Promise<boolean> {
  const again = await fetchAgain(file, chunk, context);
  if (again.hash === file.chunks[chunk]) return false;
  const third = await fetchAgain(file, chunk, context);
  if (third.hash === file.chunks[chunk]) return false;
  await file.keepChunk(chunk, third.bytes);
  return true;
}

async function fetchAgain(
  file: DownloadFile,
  chunk: number,
  { options, signal, events }: VerifyContext,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; hash: string }> {
  const bytes = new Uint8Array(chunkSize(file, chunk));
  const outcome = await fetchPart(file, chunk * file.chunkBytes, bytes, 0, options, signal, events, () => {});
  if (outcome === 'done') return { bytes, hash: await sha256Hex(bytes) };
  // The host has just stopped sending parts, so the next download of this file is one stream.
  if (outcome !== 'left') outcome.cancel();
  throw new ModelFileError(
    `${file.path} of ${file.target.source} is damaged, and its host no longer sends parts of files. Start the download again.`,
    {
      path: file.path,
      source: file.target.source,
    },
  );
}

async function readChunk(file: DownloadFile, chunk: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  if (signal.aborted) throw abortError(signal);
  const start = chunk * file.chunkBytes;
  return file.read(start, start + chunkSize(file, chunk));
}
