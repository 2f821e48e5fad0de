/** Copies a model chunk by chunk, in bounded memory. */

import { inFolder, lengthFiles, modulesFile, readLayout, sentencePaths, settingsFile } from '../source/modules.ts';
import type { ModelSource, SourceFile } from '../source/source.ts';
import type { OnProgress } from '../types.ts';
import { openSafetensors } from '../weights/safetensors.ts';

/** Where the copy goes. */
export interface ModelSink {
  create(path: string, sizeBytes: number): Promise<SinkFile>;
}

export interface SinkFile {
  /** Called in order, without gaps. */
  write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Once all is written. */
  close(): Promise<void>;
}

export interface CopyOptions {
  /** Default 1 MiB. Larger ones outlive V8's quick collections: 4 MiB doubled the memory that waits for the slow one (measured). */
  chunkBytes?: number;
  /** A new incremental hash for each file; its `hex` is answered. */
  hash?: () => { update(bytes: Uint8Array): void; hex(): string };
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

export interface CopiedFile {
  path: string;
  sizeBytes: number;
  /** Null without `hash`. */
  hash: string | null;
}

/** Files that are copied with the weights if they exist: those that affinage and transformers read, and the licence texts. */
const companions = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'README.md',
  'LICENSE',
  'LICENSE.md',
  'LICENSE.txt',
  'NOTICE',
] as const;

/** Whether a name in a model's folder is one that a copy may have written. */
export function isModelFile(name: string): boolean {
  const ofSentences = name === modulesFile || name === settingsFile || lengthFiles.includes(name) || /^\d+_[A-Z]\w*$/.test(name);
  return (
    ofSentences || name === 'config.json' || /\.safetensors(\.index\.json)?$/.test(name) || companions.some(companion => companion === name)
  );
}

/** Paths of a model's files: weights first, config.json last, so that a copy that broke off has no config.json and is no model. Errors: ModelSourceError. */
export async function modelFiles(source: ModelSource, signal?: AbortSignal): Promise<string[]> {
  const layout = await readLayout(source, signal);
  const { folder } = layout;
  const { tensors } = await openSafetensors(inFolder(source, folder), signal);
  const weights = [...new Set([...tensors.values()].map(({ file }) => folder + file))].sort();
  if (!weights.includes(`${folder}model.safetensors`)) weights.push(`${folder}model.safetensors.index.json`);
  const beside = [...new Set([...companions, ...companions.map(path => folder + path), ...sentencePaths(layout)])];
  const there = await Promise.all(beside.map(path => source.has(path, signal)));
  return [...new Set([...weights, ...beside.filter((_, i) => there[i]), `${folder}config.json`])];
}

/** Copies every file of the model. `onProgress`: stage `quantize`, bytes written. Errors: those of the source and of the sink; the signal's reason. */
export async function copyModel(source: ModelSource, sink: ModelSink, options: CopyOptions = {}): Promise<CopiedFile[]> {
  const { signal, onProgress } = options;
  const files: SourceFile[] = [];
  for (const path of await modelFiles(source, signal)) files.push(await source.open(path, signal));
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const copied: CopiedFile[] = [];
  let before = 0;
  for (const file of files) {
    const hash = await copyFile(file, sink, options, done =>
      onProgress?.({ stage: 'quantize', done: before + done, total, unit: 'bytes', detail: file.path, overall: (before + done) / total }),
    );
    before += file.sizeBytes;
    copied.push({ path: file.path, sizeBytes: file.sizeBytes, hash });
  }
  return copied;
}

async function copyFile(file: SourceFile, sink: ModelSink, options: CopyOptions, onBytes: (done: number) => void): Promise<string | null> {
  const { chunkBytes = 2 ** 20, hash, signal } = options;
  const target = await sink.create(file.path, file.sizeBytes);
  const hasher = hash?.();
  try {
    for (let at = 0; at < file.sizeBytes; ) {
      signal?.throwIfAborted();
      const end = Math.min(file.sizeBytes, at + chunkBytes);
      const bytes = await file.read(at, end, signal);
      hasher?.update(bytes);
      await target.write(at, bytes);
      at = end;
      onBytes(at);
    }
  } catch (error) {
    // The first error is the one to throw.
    await target.close().catch(() => {});
    throw error;
  }
  await target.close();
  return hasher?.hex() ?? null;
}
