import type { LibraryModel } from '../library/types.ts';
import { withTokenHint } from '../node/library.ts';
import { keptDtypes } from '../options/tables.ts';
import type { Command } from './command.ts';
import { printable } from './format.ts';
import { describeEntry, libraryNotes, oneName, openLibrary, showProgress } from './library.ts';

export const pull: Command = {
  name: 'pull',
  summary: 'Fetch a model into the library: verified, converted, ready without the network',
  usage: '[options] MODEL',
  options: {
    dtype: { value: 'TYPE', help: 'keep the weights as q4, q8, f16, f32 or original (as the hub has them); default q4' },
    revision: { value: 'R', help: 'branch, tag or commit; default main' },
    update: { help: 'ask the hub for a newer commit even if the model is here' },
    json: { help: 'JSON: the entry of the library' },
  },
  notes: [
    'MODEL is a hub id (owner/name[@revision]), the address of its page, or the address of a folder on any host.',
    'Ctrl-C pauses: the same command resumes where it stopped, and so does a load after a crash. What is verified is not downloaded twice.',
    ...libraryNotes,
  ],
  examples: [
    'affinage pull almanach/ModernCamemBERT-bio-large',
    'affinage pull almanach/ModernCamemBERT-bio-base --dtype q8 --update --json',
  ],

  async run(context) {
    const { args, io, signal } = context;
    const name = oneName(args, 'MODEL: a hub id (owner/name) or an address');
    const dtype = args.choice('dtype', keptDtypes) ?? 'q4';
    const library = openLibrary();
    const options = { revision: args.text('revision'), dtype };
    const before = await library.find(name, options).catch(() => null);
    const show = showProgress(context);
    let overall = 0;
    let entry: LibraryModel;
    try {
      entry = await library.pull(name, {
        ...options,
        update: args.flag('update'),
        signal,
        onProgress: progress => {
          overall = progress.overall ?? overall;
          show(progress);
        },
      });
    } catch (error) {
      io.status('');
      if (signal.aborted) {
        const rest = await library.find(name, options).catch(() => null);
        const part = `paused at ${Math.floor(100 * overall)}%; the same command resumes, affinage remove ${printable(name)} drops it`;
        io.note(`affinage: ${rest?.state === 'partial' ? part : 'stopped before anything was downloaded'}`);
      }
      throw withTokenHint(error);
    } finally {
      io.status('');
    }
    if (args.flag('json')) return io.out(`${JSON.stringify(entry)}\n`);
    const wasThere = before?.state === 'ready' && before.key === entry.key;
    const isNewer = before?.state === 'ready' && before.key !== entry.key;
    await io.out(`${describeEntry(entry)}: ${wasThere ? 'already there' : 'ready'}, in ${printable((await library.space()).place)}\n`);
    if (!entry.announced && entry.origin.kind !== 'files')
      io.note('affinage: this host publishes no hashes: the files are verified by their sizes and our own hashes only');
    if (isNewer && before) io.note(`affinage: the earlier commit is kept too; affinage remove ${before.key} frees it`);
  },
};
