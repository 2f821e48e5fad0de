import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { openNodeSource } from '../node/environment.ts';
import { DraftFolder } from '../node/file-sink.ts';
import { folderPath } from '../node/folder.ts';
import { type CopiedFile, copyModel } from '../quantize/copy.ts';
import { type ConvertedSource, quantisedSource } from '../quantize/quantised-source.ts';
import { UsageError } from './args.ts';
import type { Command, Context } from './command.ts';
import { bytes, printable, table } from './format.ts';

const dtypes = ['f32', 'f16', 'q8', 'q4'] as const;
/** A network source is read here and there, in the order of the new file: large windows would be fetched to be thrown away. */
const windowBytes = 2 * 2 ** 20;

export const quantize: Command = {
  name: 'quantize',
  summary: 'Convert a model to smaller weights and write it into a folder',
  usage: '[options] SOURCE --out FOLDER',
  options: {
    dtype: { value: 'TYPE', help: 'weights: q4, q8, f16, f32; default q4' },
    embedding: { value: 'TYPE', help: 'embedding table and decoder, for q4 and q8; default q8' },
    out: { value: 'FOLDER', help: 'where to write; it must not exist yet, or be empty' },
    force: { help: 'replace a model that FOLDER holds' },
    json: { help: 'JSON: sizes, time, and the SHA-256 of every file' },
  },
  notes: [
    'SOURCE is a folder, an address, a hub id (owner/name[@revision]) or mini. Memory use does not grow with the model.',
    'FOLDER appears when it is complete: whatever stops the work earlier leaves nothing.',
  ],
  examples: [
    'affinage quantize almanach/ModernCamemBERT-bio-large --dtype q4 --out bio-large-q4',
    'affinage quantize ./my-model --dtype q4 --embedding q4 --out my-model-q4 --json',
  ],
  withoutGpu: true,

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
    await refuseItself(name, out);

    const started = performance.now();
    const model = await quantisedSource(openNodeSource(name, { http: { windowBytes } }), { dtype, embedding, signal });
    const files = await write(context, model, out);
    const report = {
      source: model.name,
      folder: folderPath(out),
      dtype,
      unchanged: model.unchanged,
      original: { dtype: model.original, bytes: model.originalBytes },
      bytes: model.bytes,
      seconds: (performance.now() - started) / 1000,
      files,
    };
    await context.io.out(args.flag('json') ? `${JSON.stringify(report)}\n` : readable(report));
  },
};

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

/** Replacing the original by its own conversion would lose it. */
async function refuseItself(source: string, out: string): Promise<void> {
  const [from, to] = await Promise.all([source, out].map(path => realpath(folderPath(path)).catch(() => null)));
  if (from && from === to) throw new UsageError('--out is the source itself; give another folder');
}

interface Report {
  source: string;
  folder: string;
  dtype: string;
  unchanged: boolean;
  original: { dtype: string; bytes: number };
  bytes: number;
  seconds: number;
}

function readable({ source, folder, dtype, unchanged, original, bytes: after, seconds }: Report): string {
  return table([
    ['source', printable(source), original.dtype, bytes(original.bytes)],
    ['written', printable(folder), dtype, bytes(after)],
    ['time', `${seconds.toFixed(1)} s${unchanged ? '; the weights have this format already and were copied as they are' : ''}`],
  ]);
}
