import { loadTable } from '../options/tables.ts';
import type { Model, OnProgress, Progress } from '../types.ts';
import type { Context } from './command.ts';
import { printable } from './format.ts';
import { showProgress, stageNames } from './library.ts';
import { forcedVariants } from './variants.ts';

/**
 * Loads the model that the options name, runs `work`, and frees the model in any case, as an open device keeps Node running.
 * The assumptions of the load (notes.ts) are written to standard error, unless the command shows them itself (`ownNotes`).
 */
export async function withModel<T>(context: Context, work: (model: Model) => Promise<T>, { ownNotes = false } = {}): Promise<T> {
  const { args, io, signal } = context;
  const options = {
    dtype: args.choice('dtype', loadTable.dtype.of),
    storage: args.choice('storage', loadTable.storage.of),
    variants: forcedVariants(args),
  };
  const model = await context.loadModel(args.text('model') ?? 'mini', {
    ...options,
    signal,
    onProgress: progressOf(context),
  });
  io.status('');
  try {
    const told = (await model.report()).notes;
    if (!ownNotes) tellNotes(context, told);
    const result = await work(model);
    // Notes that were added during the work, such as numbers beyond f16.
    tellNotes(
      context,
      (await model.report()).notes.filter(note => !told.includes(note)),
    );
    return result;
  } finally {
    io.status('');
    await model.dispose();
  }
}

/** Writes the notes of a load to standard error, one line each. */
export function tellNotes({ io }: Context, notes: readonly string[]): void {
  for (const note of notes) io.note(`affinage: ${printable(note)}`);
}

/** Progress of a load. A model that must be fetched first is shown like a pull; each notice stays as a line of its own. */
function progressOf(context: Context): OnProgress {
  const show = showProgress(context);
  return progress => {
    if (progress.notice || progress.overall !== undefined) show(progress);
    else context.io.status(progressText(progress));
  };
}

function progressText({ stage, done, total, unit, detail }: Progress): string {
  const size = (n: number) => (unit === 'bytes' ? `${(n / 1e6).toFixed(1)} MB` : String(n));
  const amount = total > 0 ? `${size(done)} of ${size(total)} (${Math.floor((100 * done) / total)} %)` : size(done);
  return `${stage === 'files' ? 'reading' : stageNames[stage]} ${amount}${detail && stage !== 'run' ? ` ${detail}` : ''}`;
}
