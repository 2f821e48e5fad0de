import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { InputError } from '../errors.ts';
import { recoverReplaced } from '../node/drafts.ts';
import { FolderSource, folderPath } from '../node/folder.ts';
import { refuseOverwriting } from '../node/same-file.ts';
import { keptDtypes } from '../options/tables.ts';
import { UsageError } from './args.ts';
import type { Command } from './command.ts';
import { printable } from './format.ts';
import { describeEntry, libraryFolders, libraryNotes, openLibrary, showProgress } from './library.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'Keep a model that is on this machine as files',
  usage: '[options] FOLDER | FILES...',
  options: {
    name: { value: 'NAME', help: 'what to call it; no hub id; default the name of the folder' },
    dtype: { value: 'TYPE', help: 'keep the weights as q4, q8, f16, f32 or original; default q4, or as they are where they are quantized' },
    json: { help: 'JSON: the entry of the library' },
  },
  notes: [
    'The files are checked before anything is copied. What affinage export wrote is checked byte by byte. An import has a name of its own: it never answers to the name of a model on the hub.',
    ...libraryNotes,
  ],
  examples: ['affinage import ./bio-large-q4', 'affinage import ./my-model --name my-model --dtype q8'],

  async run(context) {
    const { args, io, signal } = context;
    const folder = await folderOf(args.texts);
    const library = openLibrary();
    for (const place of libraryFolders((await library.space()).place))
      refuseOverwriting({ path: place, kind: 'folder', name: 'the library', remedy: 'What lies in the library is kept already.' }, [
        { path: folder, name: 'the folder to import' },
      ]);
    const entry = await library.importFrom(new FolderSource(folder, basename(folder)), {
      name: args.text('name'),
      dtype: args.choice('dtype', keptDtypes),
      signal,
      onProgress: showProgress(context),
    });
    io.status('');
    if (args.flag('json')) return io.out(`${JSON.stringify(entry)}\n`);
    await io.out(`${describeEntry(entry)}: ready, in ${printable((await library.space()).place)}\n`);
  },
};

/** The folder itself, or the one that holds all the files. Errors: UsageError, InputError. */
async function folderOf(paths: readonly string[]): Promise<string> {
  if (paths.length === 0) throw new UsageError('give the FOLDER of a model, or its FILES');
  const full = paths.map(folderPath);
  full.forEach(recoverReplaced);
  const infos = await Promise.all(full.map(path => stat(path).catch(() => null)));
  for (const [i, path] of full.entries()) if (!infos[i]) throw new InputError(`${path} does not exist.`, { path });
  const [first = ''] = full;
  if (infos[0]?.isDirectory() && full.length === 1) return first;
  if (infos.some(info => info?.isDirectory())) throw new UsageError('give one FOLDER, or FILES alone');
  if (!full.some(path => basename(path) === 'config.json'))
    throw new UsageError('FILES must be those of a model: config.json, tokenizer.json and the weights, from one folder');
  const folders = new Set(full.map(path => dirname(path)));
  if (folders.size > 1) throw new InputError('the files lie in several folders; put config.json, tokenizer.json and the weights into one.');
  return dirname(first);
}
