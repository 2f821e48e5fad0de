/**
 * Safetensors, read as a hostile file: everything in it is checked before it is used, and no memory is allocated for a size that is
 * larger than the file itself.
 *
 * Format (huggingface/safetensors): u64 little-endian N, N bytes of JSON `{name: {dtype, shape, data_offsets}}`, then the
 * data; offsets count from the end of the header. A big checkpoint is several such files and `model.safetensors.index.json`.
 */
import { ModelFileError, ModelSourceError } from '../errors.ts';
import { Notes } from '../notes.ts';
import type { ModelSource, SourceFile } from '../source/source.ts';
import { checkTensors, listNames, parseHeaderJson, quoteName, showValue, type TensorSpan } from './safetensors-header.ts';

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

/** A hundred times the header of the largest ModernBERT that we accept. The reference allows 100 MB, which costs a second and a gigabyte to read. */
const maxHeaderBytes = 16 * 2 ** 20;
const maxShards = 10_000;

/** One tensor: `start` and `end` are bytes from the beginning of `file`. */
export interface TensorInfo extends TensorSpan {
  /** Path of the file inside the model. */
  file: string;
}

export interface ReadOptions {
  signal?: AbortSignal;
}

/** An opened checkpoint: names and places are known, the data is read on demand. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** `__metadata__` of the file; of several shards, all of them together. */
  readonly metadata: Readonly<Record<string, string>>;
  /** All bytes of a tensor. Errors: ModelFileError when there is no such tensor. */
  read(name: string, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes [startByte, endByte) of a tensor, counted from its beginning. RangeError outside the tensor. */
  readRange(name: string, startByte: number, endByte: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Opens `model.safetensors`, else the shards that `model.safetensors.index.json` lists; reads headers only.
 * `notes` takes where index and shards disagree. Errors: ModelSourceError when neither is there, ModelFileError for a file that is damaged, hostile or no safetensors.
 */
export async function openSafetensors(source: ModelSource, signal?: AbortSignal, notes: Notes = new Notes()): Promise<Checkpoint> {
  if (await source.has(singleFile, signal)) {
    const file = await source.open(singleFile, signal);
    const { tensors, metadata } = await readHeader(file, signal);
    return makeCheckpoint(new Map([[file.path, file]]), tensors, metadata);
  }
  if (await source.has(indexFile, signal)) return openShards(source, signal, notes);
  throw new ModelSourceError(
    `${source.name} has no ${singleFile} and no ${indexFile}. Weights in another format (pytorch_model.bin, .onnx, .gguf) must be saved as safetensors first.`,
    { source: source.name },
  );
}

async function openShards(source: ModelSource, signal: AbortSignal | undefined, notes: Notes): Promise<Checkpoint> {
  const index = await source.open(indexFile, signal);
  if (index.sizeBytes > maxHeaderBytes) {
    throw new ModelFileError(`${indexFile} has ${index.sizeBytes} bytes; more than ${maxHeaderBytes} is no index. Fetch it again.`);
  }
  const json = parseHeaderJson(await index.read(0, index.sizeBytes, signal), indexFile);
  const map = json.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new ModelFileError(`${indexFile} has no "weight_map" object. Fetch it again.`);
  }
  const shardOf = new Map<string, string>();
  for (const [name, file] of Object.entries(map)) {
    // A plain file name beside the index and nothing else: no folder, no parent, no address, no escape.
    if (typeof file !== 'string' || file.length > 255 || !/^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/.test(file) || file.includes('..')) {
      throw new ModelFileError(
        `${indexFile} places ${quoteName(name)} in ${showValue(file)}; only a .safetensors file beside the index is allowed. Do not trust this model.`,
      );
    }
    shardOf.set(name, file);
  }
  const names = [...new Set(shardOf.values())].sort();
  if (names.length === 0 || names.length > maxShards) {
    throw new ModelFileError(`${indexFile} names ${names.length} files; accepted: 1 to ${maxShards}.`);
  }
  const files = new Map<string, SourceFile>();
  const found = new Map<string, TensorInfo>();
  const unlisted: string[] = [];
  const twins: string[] = [];
  const metadata: [string, string][] = [];
  for (const name of names) {
    const file = await source.open(name, signal);
    files.set(file.path, file);
    const shard = await readHeader(file, signal);
    for (const tensor of shard.tensors) {
      const listed = shardOf.get(tensor.name);
      const twin = found.get(tensor.name);
      // The index decides which files belong together; the shards' own headers decide what they hold. So, as in transformers, a tensor that the
      // index does not list is still used. Of a tensor that two shards hold, the one that the index names is used.
      if (twin && listed !== name && listed !== twin.file) {
        throw new ModelFileError(
          `${name} and ${twin.file} both hold ${quoteName(tensor.name)}, and ${indexFile} does not say which is meant. The files are of different models; fetch them again.`,
        );
      }
      if (twin) twins.push(tensor.name);
      else if (listed === undefined) unlisted.push(tensor.name);
      if (!twin || listed === name) found.set(tensor.name, tensor);
    }
    metadata.push(...Object.entries(shard.metadata));
  }
  for (const [name, file] of shardOf) {
    if (found.has(name)) continue;
    throw new ModelFileError(
      `${indexFile} places ${quoteName(name)} in ${file}, which does not hold it. The files are of different models; fetch them again.`,
    );
  }
  if (unlisted.length > 0)
    notes.add(`${indexFile} does not list ${listNames(unlisted)}, which its files hold. What the files hold is used.`);
  if (twins.length > 0) notes.add(`Several files hold ${listNames(twins)}. The one that ${indexFile} names is used.`);
  return makeCheckpoint(files, [...found.values()], Object.fromEntries(metadata));
}

/** Header of one file, checked against the file's size. */
async function readHeader(file: SourceFile, signal?: AbortSignal): Promise<{ tensors: TensorInfo[]; metadata: Record<string, string> }> {
  const size = file.sizeBytes;
  const fail = (text: string): ModelFileError => new ModelFileError(`${file.path}: ${text}`, { file: file.path, sizeBytes: size });
  if (size < 10) throw fail(`only ${size} bytes; a safetensors file has at least 10. The download broke off: fetch it again.`);
  const prefix = await file.read(0, 8, signal);
  const view = new DataView(prefix.buffer, prefix.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > maxHeaderBytes || length > size - 8 || length < 2) {
    const start = new TextDecoder().decode(await file.read(0, Math.min(size, 64), signal));
    if (/^\s*</.test(start)) throw fail('this is a web page, not a model file: check the address of the model.');
    if (start.startsWith('version https://git-lfs'))
      throw fail('this is a Git LFS pointer, not the model: run `git lfs pull` or download the file itself.');
    if (start.startsWith('PK') || start.startsWith('GGUF'))
      throw fail('this is another format under the name of safetensors: convert it first.');
    if (length <= maxHeaderBytes && length >= 2)
      throw fail(`the header should have ${length} bytes, the file has ${size}. The download broke off: fetch it again.`);
    throw fail(
      `the header would have ${length} bytes; accepted: 2 to ${maxHeaderBytes}. The file is damaged or no safetensors: fetch it again.`,
    );
  }
  const json = parseHeaderJson(await file.read(8, 8 + length, signal), file.path);
  const { spans, metadata } = checkTensors(json, size - 8 - length, file.path);
  const base = 8 + length;
  return { tensors: spans.map(span => ({ ...span, file: file.path, start: base + span.start, end: base + span.end })), metadata };
}

function makeCheckpoint(files: ReadonlyMap<string, SourceFile>, list: readonly TensorInfo[], metadata: Record<string, string>): Checkpoint {
  const tensors = new Map(list.map(tensor => [tensor.name, tensor]));
  const readRange = async (name: string, startByte: number, endByte: number, options: ReadOptions = {}) => {
    const tensor = tensors.get(name);
    const file = tensor ? files.get(tensor.file) : undefined;
    if (!tensor || !file) throw new ModelFileError(`The checkpoint has no tensor ${quoteName(name)}.`);
    const size = tensor.end - tensor.start;
    if (!(startByte >= 0 && startByte <= endByte && endByte <= size)) {
      throw new RangeError(`bytes ${startByte} to ${endByte} are outside ${quoteName(name)} of ${size} bytes`);
    }
    if (startByte === endByte) return new Uint8Array(0);
    const bytes = await file.read(tensor.start + startByte, tensor.start + endByte, options.signal);
    if (bytes.byteLength !== endByte - startByte) {
      throw new ModelFileError(
        `${tensor.file} answered ${bytes.byteLength} bytes instead of ${endByte - startByte}; fetch the model again.`,
      );
    }
    return bytes;
  };
  return {
    tensors,
    metadata,
    readRange,
    read: async (name, options) => {
      const tensor = tensors.get(name);
      if (!tensor) throw new ModelFileError(`The checkpoint has no tensor ${quoteName(name)}.`);
      return readRange(name, 0, tensor.end - tensor.start, options);
    },
  };
}
