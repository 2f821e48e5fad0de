import type { Command } from './command.ts';
import { bytes } from './format.ts';
import { describeEntry, entryOptions, findEntry, oneName, openLibrary, showProgress } from './library.ts';

export const check: Command = {
  name: 'check',
  summary: 'Hash every byte of a kept model and repair what is damaged',
  usage: '[options] MODEL',
  options: { ...entryOptions, json: { help: 'JSON: the entry, and how many parts were repaired' } },
  notes: ['A load checks what it reads too; this looks at everything. A damaged part is downloaded again, and nothing else.'],
  examples: ['affinage check almanach/ModernCamemBERT-bio-large'],
  withoutGpu: true,

  async run(context) {
    const { args, io, signal } = context;
    const library = openLibrary();
    const { key } = await findEntry(library, oneName(args, 'MODEL: a name or a key that affinage models lists'), args);
    const show = showProgress(context);
    let mended = 0;
    const entry = await library.check(key, {
      signal,
      onProgress: progress => {
        if (progress.notice) mended++;
        show(progress);
      },
    });
    io.status('');
    if (args.flag('json')) return io.out(`${JSON.stringify({ ...entry, mendedParts: mended })}\n`);
    const parts = mended === 0 ? 'nothing was damaged' : `${mended} damaged ${mended === 1 ? 'part' : 'parts'} repaired`;
    await io.out(`${describeEntry(entry)}: ${bytes(entry.bytes)} checked, ${parts}\n`);
  },
};
