import { DraftFolder } from '../node/file-sink.ts';
import { folderPath } from '../node/folder.ts';
import { refuseOverwriting } from '../node/same-file.ts';
import { UsageError } from './args.ts';
import type { Command } from './command.ts';
import { bytes, printable } from './format.ts';
import { describeEntry, entryOptions, findEntry, libraryFolders, openLibrary, showProgress } from './library.ts';

export const exportCommand: Command = {
  name: 'export',
  summary: 'Write a kept model into a folder: for a host without network, a static host, another program',
  usage: '[options] MODEL FOLDER',
  options: { ...entryOptions, force: { help: 'replace a model that FOLDER holds' }, json: { help: 'JSON: the entry and the folder' } },
  notes: ['FOLDER appears when it is complete. affinage import reads it, and checks every byte against its manifest.json.'],
  examples: ['affinage export almanach/ModernCamemBERT-bio-large ./bio-large-q4'],
  withoutGpu: true,

  async run(context) {
    const { args, io, signal } = context;
    const [name, folder, ...others] = args.texts;
    if (!name || !folder || others.length > 0) throw new UsageError('give MODEL and FOLDER');
    const library = openLibrary();
    const { key } = await findEntry(library, name, args);
    const places = libraryFolders((await library.space()).place).map(path => ({ path, name: 'the library' }));
    refuseOverwriting({ path: folderPath(folder), kind: 'folder', name: 'FOLDER' }, places);
    const draft = await DraftFolder.create(folder, { force: args.flag('force') });
    try {
      const entry = await library.export(key, draft, { signal, onProgress: showProgress(context) });
      signal.throwIfAborted();
      await draft.finish();
      io.status('');
      if (args.flag('json')) return io.out(`${JSON.stringify({ ...entry, folder: draft.folder })}\n`);
      await io.out(`${describeEntry(entry)}: ${bytes(entry.bytes)} written to ${printable(draft.folder)}\n`);
    } catch (error) {
      await draft.discard();
      throw error;
    } finally {
      io.status('');
    }
  },
};
