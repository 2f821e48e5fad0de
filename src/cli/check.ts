import type { Command } from './command.ts';
import { bytes } from './format.ts';
import { describeEntry, entryOptions, findEntry, oneName, openLibrary, showProgress } from './library.ts';

export const check: Command = {
  name: 'check',
  summary: 'Hash every byte of a kept model and mend what is broken',
  usage: '[options] MODEL',
  options: { ...entryOptions, json: { help: 'JSON: the entry, and how many parts were mended' } },
  notes: ['A load checks what it reads too; this looks at everything. A broken part is fetched again, and nothing else.'],
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
    const parts = mended === 0 ? 'nothing was broken' : `${mended} broken ${mended === 1 ? 'part' : 'parts'} mended`;
    await io.out(`${describeEntry(entry)}: ${bytes(entry.bytes)} checked, ${parts}\n`);
  },
};
