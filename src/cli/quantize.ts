import { createHash } from 'node:crypto';
import { localFolder, openNodeSource } from '../node/environment.ts';
import { DraftFolder } from '../node/file-sink.ts';
import { folderPath } from '../node/folder.ts';
import { refuseOverwriting } from '../node/same-file.ts';
import { dtypes } from '../options/tables.ts';
import { Calibration } from '../quantize/calibrate.ts';
import { calibratedRows, nearestRows } from '../quantize/calibrated-rows.ts';
import { type CopiedFile, copyModel } from '../quantize/copy.ts';
import type { Choice } from '../quantize/gpu-choice.ts';
import { gpuRows } from '../quantize/gpu-rows.ts';
import { type ConvertedSource, type QuantizeRows, quantizedSource } from '../quantize/quantized-source.ts';
import { UsageError } from './args.ts';
import type { Command, Context } from './command.ts';
import { bytes, printable, table } from './format.ts';
import { givenTextOption, readTexts, type TextInput, textInput, textOptions } from './text-input.ts';

/** Small, because a network source is read in the order of the new file, not in its own: much of a large window would go unused. */
const windowBytes = 2 * 2 ** 20;

export const quantize: Command = {
  name: 'quantize',
  summary: 'Convert a model to smaller weights and write it into a folder',
  usage: '[options] SOURCE --out FOLDER',
  options: {
    dtype: { value: 'TYPE', help: 'weights: q4, q8, f16, f32; default q4' },
    embedding: { value: 'TYPE', help: 'embedding table and decoder, for q4 and q8; default q8' },
    method: { value: 'KIND', help: 'q4 codes by search, the default, or rtn: plain round-to-nearest, for comparison' },
    calibrate: { value: 'FILE', help: 'fit the q4 codes to texts: .txt, .jsonl, .ndjson, .csv, .tsv; or the word builtin' },
    ...textOptions,
    'no-gpu': { help: 'quantize on the CPU alone; default: on the GPU where it is faster, to the same bits' },
    out: { value: 'FOLDER', help: 'where to write; it must not exist yet, or be empty' },
    force: { help: 'replace a model that FOLDER holds' },
    json: { help: 'JSON: sizes, time, and the SHA-256 of every file' },
  },
  notes: [
    'SOURCE is a folder, an address, a hub id (owner/name[@revision]) or mini. Memory use does not grow with the model.',
    'FOLDER appears when it is complete: whatever stops the work earlier leaves nothing.',
    'With --calibrate the model is run over the text, which needs a GPU and takes much longer; another adapter may round a few codes differently.',
  ],
  examples: [
    'affinage quantize almanach/ModernCamemBERT-bio-large --dtype q4 --out bio-large-q4',
    'affinage quantize ./my-model --dtype q4 --embedding q4 --out my-model-q4 --json',
  ],
  async run(context) {
    const { args, signal } = context;
    const [name, ...others] = args.texts;
    if (name === undefined || others.length > 0) throw new UsageError('give one SOURCE: a folder, an address, a hub id or mini');
    const out = args.text('out');
    if (out === undefined) throw new UsageError('--out is missing: the folder to write');
    const dtype = args.choice('dtype', dtypes) ?? 'q4';
    const embedding = args.choice('embedding', dtypes);
    const isPlain = dtype === 'f16' || dtype === 'f32';
    if (embedding && isPlain) throw new UsageError(`--embedding belongs to --dtype q4 or q8; with ${dtype} the table has the same format`);

    const calibrate = args.text('calibrate');
    if (calibrate !== undefined && dtype !== 'q4') throw new UsageError('--calibrate belongs to --dtype q4');
    if (calibrate !== undefined && args.flag('no-gpu'))
      throw new UsageError('--calibrate runs the model, which needs the GPU; leave out --no-gpu');

    const method = args.choice('method', ['search', 'rtn'] as const);
    if (method !== undefined && dtype !== 'q4') throw new UsageError('--method belongs to --dtype q4');
    if (method !== undefined && calibrate !== undefined) throw new UsageError('--method and --calibrate exclude each other');

    const calibrationTexts = calibrate === undefined || calibrate === 'builtin' ? null : textInput(calibrate, '--calibrate', args);
    if (calibrationTexts === null && givenTextOption(args)) throw new UsageError(`--${givenTextOption(args)} belongs to --calibrate FILE`);
    refuseOverwriting({ path: folderPath(out), kind: 'folder', name: '--out' }, [
      { path: localFolder(name) ?? '', name: 'the source' },
      { path: calibrate ?? '', name: '--calibrate' },
    ]);

    const started = performance.now();
    const source = openNodeSource(name, { http: { windowBytes } });
    const places: Record<string, Choice> = {};
    const rows =
      method === 'rtn'
        ? { quantizeRows: nearestRows, dispose: () => {} }
        : calibrate === undefined
          ? plainRows(context, places)
          : await calibratedBy(context, source, calibrationTexts);
    let model: ConvertedSource;
    let files: CopiedFile[];
    try {
      model = await quantizedSource(source, { dtype, embedding, signal, quantizeRows: rows.quantizeRows });
      files = await write(context, model, out);
    } finally {
      rows.dispose();
    }
    const report = {
      source: model.name,
      folder: folderPath(out),
      dtype,
      unchanged: model.unchanged,
      original: { dtype: model.original, bytes: model.originalBytes },
      bytes: model.bytes,
      places,
      calibrated: calibrate !== undefined,
      seconds: (performance.now() - started) / 1000,
      files,
    };
    await context.io.out(args.flag('json') ? `${JSON.stringify(report)}\n` : readable(report));
  },
};

interface Rows {
  quantizeRows?: QuantizeRows;
  dispose(): void;
}

/** `places` gets for each format where it was quantized (CPU or GPU), if there was a choice. */
function plainRows({ args, io, env, verbose }: Context, places: Record<string, Choice>): Rows {
  if (args.flag('no-gpu')) return { dispose: () => {} };
  return gpuRows(env, {
    onChoice: (format, choice) => {
      places[format] = choice;
    },
    onUnavailable: error => verbose && io.note(`affinage: quantizing on the CPU: ${error instanceof Error ? error.message : error}`),
  });
}

/** Errors: InputError for a text that cannot be read, those of a GPU and of reading a model. */
async function calibratedBy(context: Context, source: ReturnType<typeof openNodeSource>, input: TextInput | null): Promise<Rows> {
  const { env, signal } = context;
  const texts: string[] = [];
  if (input) for await (const { text } of readTexts(input, context)) if (text.trim() !== '') texts.push(text);
  const calibration = await Calibration.open(env, source, { texts: input ? texts : undefined, signal });
  return { quantizeRows: calibratedRows(calibration), dispose: () => calibration.dispose() };
}

async function write({ args, io, signal }: Context, model: ConvertedSource, out: string): Promise<CopiedFile[]> {
  const draft = await DraftFolder.create(out, { force: args.flag('force') });
  try {
    const files = await copyModel(model, draft, {
      signal,
      hash: args.flag('json') ? sha256 : undefined,
      onProgress: ({ done, total, detail }) =>
        io.status(`writing ${bytes(done)} of ${bytes(total)} (${Math.floor((100 * done) / total)} %) ${detail}`),
    });
    signal.throwIfAborted();
    await draft.finish();
    return files;
  } catch (error) {
    await draft.discard();
    throw error;
  } finally {
    io.status('');
  }
}

function sha256() {
  const hash = createHash('sha256');
  return { update: (data: Uint8Array) => void hash.update(data), hex: () => hash.digest('hex') };
}

interface Report {
  source: string;
  folder: string;
  dtype: string;
  unchanged: boolean;
  original: { dtype: string; bytes: number };
  bytes: number;
  places: Record<string, Choice>;
  seconds: number;
}

function readable({ source, folder, dtype, unchanged, original, bytes: after, places, seconds }: Report): string {
  const speed = (perSecond: number) => `${(perSecond / 1e6).toFixed(1)}`;
  const told = Object.entries(places).map(([format, { place, cpu, gpu, refused }]) => [
    format,
    refused
      ? `on the CPU: ${printable(refused)}`
      : `on the ${place.toUpperCase()}: GPU ${speed(gpu)}, CPU ${speed(cpu)} million weights a second`,
  ]);
  return table([
    ['source', printable(source), original.dtype, bytes(original.bytes)],
    ['written', printable(folder), dtype, bytes(after)],
    ...told,
    ['time', `${seconds.toFixed(1)} s${unchanged ? '; the weights have this format already and were copied as they are' : ''}`],
  ]);
}
