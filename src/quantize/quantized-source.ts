/**
 * A model in another weight format, without converting it first: the other files are unchanged, and `model.safetensors` is computed while
 * it is read. Pull, export, repair of a broken part and `affinage quantize` all read their data from this.
 */

import { InputError, ModelSourceError } from '../errors.ts';
import { readModelConfig } from '../model/config-file.ts';
import { formatOf, isTable } from '../model/parameters.ts';
import { openWeights, type WeightReader } from '../model/reader.ts';
import { inFolder, readLayout } from '../source/modules.ts';
import type { ModelSource, SourceFile } from '../source/source.ts';
import type { Dtype } from '../types.ts';
import { quantize } from '../weights/quantize.ts';
import { ConvertedFile, type QuantizeRows } from './converted-file.ts';
import { type FileLayout, layoutFile } from './layout.ts';

export type { QuantizeRows } from './converted-file.ts';

import { groupSize, type StoredFormat } from '../weights/formats.ts';

export interface ConvertOptions {
  /** Format of the matrices. */
  dtype: Dtype;
  /** Format of the embedding table and the decoder; default q8 for q4, else the dtype. Only q8 and q4 let it differ. */
  embedding?: Dtype;
  signal?: AbortSignal;
  /** In place of the quantizer on the CPU. */
  quantizeRows?: QuantizeRows;
  /** Rows computed at once, in bytes of their f32; default 1 MiB. The bytes of the file do not depend on it. */
  blockBytes?: number;
}

/** A converted model, and what the conversion did. */
export interface ConvertedSource extends ModelSource {
  /** Format of most matrices in the original. */
  readonly original: StoredFormat;
  /** Bytes of all parameters, in the original and now. */
  readonly originalBytes: number;
  readonly bytes: number;
  /** The original has the requested formats already, so every file is unchanged. */
  readonly unchanged: boolean;
}

/**
 * The model of `source` in the formats asked. Reads config.json and the headers of the weights; rows are read when the converted file is.
 * The bytes depend on the original and the options alone. An original that has the formats already is passed through as it is.
 * Errors: those of reading a model; InputError for a conversion that would only lose (q8 of a q4 file).
 */
export async function quantizedSource(source: ModelSource, options: ConvertOptions): Promise<ConvertedSource> {
  const { dtype, embedding, signal, quantizeRows = quantizeOnCpu } = options;
  if (embedding !== undefined && embedding !== dtype && dtype !== 'q4' && dtype !== 'q8') {
    throw new InputError(`The embedding table has the format of the other weights in ${dtype}: ask for q8 or q4 to give it its own.`);
  }
  const { folder } = await readLayout(source, signal);
  const files = inFolder(source, folder);
  const weightFile = `${folder}model.safetensors`;
  const config = await readModelConfig(files, signal);
  const reader = await openWeights(files, config, signal);
  const formats = chooseFormats(reader, dtype, embedding, source.name);
  const about = { name: source.name, original: reader.stored, originalBytes: reader.totalBytes };
  if ([...formats].every(([slot, format]) => reader.describe(slot).stored === format)) {
    return {
      ...about,
      bytes: reader.totalBytes,
      unchanged: true,
      open: (path, given) => source.open(path, given),
      has: (path, given) => source.has(path, given),
    };
  }
  const layout = layoutOf(reader, formats, dtype);
  const file = new ConvertedFile(layout, formats, reader, quantizeRows, source.name, options.blockBytes);
  file.path = weightFile;
  return {
    ...about,
    bytes: layout.sizeBytes - layout.header.length,
    unchanged: false,
    has: async (path, given) => path === weightFile || (!isWeightFile(path, folder) && (await source.has(path, given))),
    open: async (path, given): Promise<SourceFile> => {
      given?.throwIfAborted();
      if (path === weightFile) return file;
      if (!isWeightFile(path, folder)) return source.open(path, given);
      throw new ModelSourceError(`${source.name} as ${dtype} has no ${path}: all its weights are in ${weightFile}.`, { path });
    },
  };
}

const quantizeOnCpu: QuantizeRows = (values, rows, K, format) => quantize(values, rows, K, format);

/** The original's own weights, which the converted file stands for. */
const isWeightFile = (path: string, folder: string): boolean =>
  path.startsWith(folder) && /^[^/]*\.safetensors(\.index\.json)?$/.test(path.slice(folder.length));

/** Format of every matrix. An embedding table or head that is q4 already stays so unless its format was asked for. */
function chooseFormats(reader: WeightReader, dtype: Dtype, embedding: Dtype | undefined, name: string): Map<string, Dtype> {
  const formats = new Map<string, Dtype>();
  for (const slot of reader.slots) {
    if (!reader.isMatrix(slot)) continue;
    const { stored, name: tensor, parameter } = reader.describe(slot);
    const asked = isTable(parameter) ? embedding : undefined;
    let format = asked ?? formatOf(parameter, dtype);
    if (format === 'q8' && dtype === 'q4' && stored === 'q4' && !asked) format = 'q4';
    if ((stored === 'q4' || stored === 'q8') && depth[format] > depth[stored]) {
      throw new InputError(
        `"${tensor}" of ${name} is ${stored}: the detail that this left out does not come back in ${format}, the file would only grow. ` +
          `Convert the original model instead, or use this one as it is.`,
        { tensor, stored, asked: format },
      );
    }
    formats.set(slot, format);
  }
  return formats;
}

const depth: Readonly<Record<Dtype, number>> = { q4: 4, q8: 8, f16: 16, f32: 32 };

function layoutOf(reader: WeightReader, formats: ReadonlyMap<string, Dtype>, dtype: Dtype): FileLayout {
  const parameters = [...reader.slots].map(slot => {
    const { name, parameter } = reader.describe(slot);
    return { slot, name, shape: parameter.shape, format: formats.get(slot) ?? 'f32' };
  });
  const quantized = dtype === 'q8' || dtype === 'q4';
  // transformers asks float files for this word.
  const metadata: Record<string, string> = quantized
    ? { format: 'affinage', affinage_version: '1', dtype, group_size: String(groupSize) }
    : { format: 'pt' };
  return layoutFile(parameters, metadata);
}
