/** What the commands about the library share. */
import { join } from 'node:path';
import { InputError, ModelSourceError } from '../errors.ts';
import { downloadsFolder, modelsFolder, pullsFolder } from '../library/entry/places.ts';
import type { Library } from '../library/library.ts';
import type { KeptDtype, LibraryModel } from '../library/types.ts';
import { nodeLibrary } from '../node/library.ts';
import { keptDtypes } from '../options/tables.ts';
import type { Progress } from '../types.ts';
import { nearest } from '../weights/edit-distance.ts';
import { type Args, type Options, UsageError } from './args.ts';
import type { Context } from './command.ts';
import { bytes, printable } from './format.ts';

export const entryOptions = {
  dtype: { value: 'TYPE', help: 'the copy kept in this format: q4, q8, f16, f32, original; default any' },
  revision: { value: 'R', help: 'the copy of this branch, tag or commit' },
} satisfies Options;

export const libraryNotes = [
  'Models are kept in the cache folder of the platform; AFFINAGE_CACHE names another. A private or gated model needs HF_TOKEN.',
];

/** Errors: ModelSourceError on an address of the hub that is none. */
export function openLibrary(): Library {
  return nodeLibrary();
}

/** Folders that an export must not write into and an import must not read from. `place`: the library's folder. */
export function libraryFolders(place: string): string[] {
  return [modelsFolder, downloadsFolder, pullsFolder].map(folder => join(place, folder));
}

/** The one name that a command is about. Errors: UsageError. */
export function oneName(args: Args, what: string): string {
  const [name, ...others] = args.texts;
  if (name === undefined || name === '' || others.length > 0) throw new UsageError(`give one ${what}`);
  return name;
}

/** The entry that a name and the options mean. Errors: ModelSourceError with the nearest name. */
export async function findEntry(library: Library, name: string, args: Args): Promise<LibraryModel> {
  const dtype = args.choice<KeptDtype>('dtype', keptDtypes);
  const found = await library.find(name, { dtype, revision: args.text('revision') });
  if (!found) throw await unknownModel(library, name, dtype);
  if (found.state !== 'partial') return found;
  throw new ModelSourceError(`${found.name} is not complete yet: affinage pull ${found.name} --dtype ${found.dtype} resumes it.`, {
    key: found.key,
  });
}

/** The error for a name that the library does not know. */
export async function unknownModel(library: Library, name: string, dtype?: KeptDtype): Promise<Error> {
  const entries = await library.list();
  const others = entries.filter(entry => entry.name === name || entry.key === name);
  const shown = printable(name.slice(0, 200));
  if (dtype && others.length > 0)
    return new InputError(`the library has ${shown} as ${[...new Set(others.map(entry => entry.dtype))].join(', ')}, not as ${dtype}.`, {
      name,
    });
  const near = nearest(
    name.toLowerCase(),
    new Map(entries.flatMap(entry => [entry.name, entry.key].map(known => [known.toLowerCase(), known]))).keys(),
    1,
  )[0];
  const known = entries.flatMap(entry => [entry.name, entry.key]).find(text => text.toLowerCase() === near);
  const hint = known ? `did you mean ${printable(known)}?` : entries.length > 0 ? 'affinage models lists them.' : 'it is empty.';
  return new InputError(`the library has no model ${shown}; ${hint}`, { name });
}

/** Shows the progress of a job as a status line; each notice stays as a line of its own. */
export function showProgress({ io }: Context): (progress: Progress) => void {
  return ({ stage, done, total, unit, detail, overall, bytesPerSecond, etaMs, notice }) => {
    if (notice) return io.note(`affinage: ${printable(notice)}`);
    const amount = unit === 'bytes' && total > 0 ? ` ${bytes(done)} of ${bytes(total)}` : '';
    const pace = bytesPerSecond === undefined ? '' : `, ${bytes(bytesPerSecond)}/s`;
    const left = etaMs === undefined ? '' : `, ${duration(etaMs)} left`;
    const part = overall === undefined ? '' : `${Math.floor(100 * overall)} %  `;
    io.status(`${part}${stageNames[stage]}${amount}${pace}${left}${detail ? `  ${printable(detail)}` : ''}`);
  };
}

/** Names of the stages for a status line. */
export const stageNames: Record<Progress['stage'], string> = {
  download: 'downloading',
  verify: 'checking',
  quantize: 'converting',
  files: 'writing',
  compile: 'compiling',
  tune: 'measuring',
  check: 'checking the adapter',
  run: 'computing',
};

/** `45 s`, `3 min`, `2 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `main 1a2b3c4`, `v2 1a2b3c4`; for other origins their kind. */
export function revisionOf({ origin }: LibraryModel): string {
  if (origin.kind !== 'hub') return origin.kind === 'url' ? 'address' : 'imported';
  return [origin.revision.slice(0, 20), origin.commit?.slice(0, 7)].filter(Boolean).join(' ');
}

/** One entry in one line. */
export function describeEntry(entry: LibraryModel): string {
  const parts = [revisionOf(entry), entry.dtype, bytes(entry.bytes), entry.licence ?? 'no licence named'];
  return printable(`${entry.name} (${parts.join(', ')})`);
}
