import { keptDtypes } from '../options/tables.ts';
import { UsageError } from './args.ts';
import type { Command } from './command.ts';
import { bytes } from './format.ts';
import { describeEntry, oneName, openLibrary, unknownModel } from './library.ts';

export const remove: Command = {
  name: 'remove',
  summary: 'Remove a model from the library, complete or partly downloaded',
  usage: '[options] MODEL',
  options: {
    dtype: { value: 'TYPE', help: 'only the copy kept in this format: q4, q8, f16, f32, original; default every copy' },
    revision: { value: 'R', help: 'only the copy of this branch, tag or commit' },
    json: { help: 'JSON: what was removed' },
  },
  notes: ['MODEL is a name or a key as affinage models lists them (--json shows the keys).'],
  examples: ['affinage remove almanach/ModernCamemBERT-bio-large', 'affinage remove almanach/ModernCamemBERT-bio-large --dtype original'],
  withoutGpu: true,

  async run({ args, io, signal }) {
    const name = oneName(args, 'MODEL: a name or a key that affinage models lists');
    if (args.flag('json') && args.texts.length === 0) throw new UsageError('give one MODEL');
    const dtype = args.choice('dtype', keptDtypes);
    const library = openLibrary();
    const found = await library.findAll(name, { dtype, revision: args.text('revision') });
    if (found.length === 0) throw await unknownModel(library, name, dtype);
    for (const entry of found)
      await library.remove(entry.key, { signal, onProgress: ({ notice }) => notice && io.note(`affinage: ${notice}`) });
    if (args.flag('json')) return io.out(`${JSON.stringify(found)}\n`);
    const freed = found.reduce((sum, entry) => sum + entry.bytes, 0);
    await io.out(`${found.map(entry => `removed ${describeEntry(entry)}\n`).join('')}${bytes(freed)} freed\n`);
  },
};
