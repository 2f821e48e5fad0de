import { loadTable } from '../options/tables.ts';
import type { Model, OnProgress, Progress } from '../types.ts';
import type { Context } from './command.ts';
import { printable } from './format.ts';
import { showProgress, stageNames } from './library.ts';

/**
 * Loads the model that the options name, does `work`, and frees the model whatever happens: an open device keeps Node alive.
 * What the load took for granted is said on standard error, unless the command shows it by itself (`ownNotes`).
 */
export async function withModel<T>(context: Context, work: (model: Model) => Promise<T>, { ownNotes = false } = {}): Promise<T> {
  const { args, io, signal } = context;
  const options = { dtype: args.choice('dtype', loadTable.dtype.of), storage: args.choice('storage', loadTable.storage.of) };
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
    // What the work itself found out, such as numbers beyond f16.
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

/** Says on standard error what a load took for granted (notes.ts), a line each. */
export function tellNotes({ io }: Context, notes: readonly string[]): void {
  for (const note of notes) io.note(`affinage: ${printable(note)}`);
}

/** A model that must be fetched first shows what a pull shows; what must be known stays, as a line of its own. */
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
