import { presets } from '../library/presets.ts';
import type { LibraryModel } from '../library/types.ts';
import type { Command } from './command.ts';
import { bytes, printable, table } from './format.ts';
import { libraryNotes, openLibrary, revisionOf } from './library.ts';

const columns = [{}, {}, {}, { align: 'right' as const }];

export const models: Command = {
  name: 'models',
  summary: 'List the models of the library',
  usage: '[options]',
  options: {
    available: { help: 'also list the models that affinage knows by name and that are not here' },
    json: { help: 'JSON: an array of entries; with --available, of {"state": "available"} too' },
  },
  notes: libraryNotes,
  examples: ['affinage models', 'affinage models --available --json'],
  withoutGpu: true,

  async run({ args, io }) {
    const library = openLibrary();
    const entries = await library.list();
    const missing = args.flag('available')
      ? presets.filter(({ id }) => !entries.some(({ origin }) => origin.kind === 'hub' && origin.id.toLowerCase() === id.toLowerCase()))
      : [];
    if (args.flag('json')) {
      const available = missing.map(preset => ({ state: 'available', name: preset.id, ...preset }));
      return io.out(`${JSON.stringify([...entries, ...available])}\n`);
    }
    const rows = [
      ...entries.map(entry => [
        printable(entry.name),
        printable(revisionOf(entry)),
        entry.dtype,
        bytes(entry.bytes),
        printable(entry.licence ?? ''),
        stateOf(entry),
      ]),
      ...missing.map(({ id, licence, language, parameters }) => [
        id,
        '',
        '',
        '',
        licence,
        `available: ${language}, ${parameters} M parameters`,
      ]),
    ];
    const { freeBytes, place } = await library.space();
    const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const count = `${entries.length} ${entries.length === 1 ? 'model' : 'models'}`;
    const free = freeBytes === null ? '' : `; ${bytes(freeBytes)} free`;
    const head = rows.length > 0 ? table([['name', 'revision', 'format', 'size', 'licence', 'state'], ...rows], columns) : '';
    await io.out(`${head}${count}, ${bytes(total)} in ${printable(place)}${free}\n`);
  },
};

function stateOf({ state, download }: LibraryModel): string {
  if (state === 'damaged') return 'damaged: affinage check';
  if (state !== 'partial' || !download) return state;
  return download.totalBytes > 0 ? `partial: ${Math.floor((100 * download.doneBytes) / download.totalBytes)}% downloaded` : 'partial';
}
