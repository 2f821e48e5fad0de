/** Entries of the library and the choices of the page: which belongs to which. */

import type { LibraryModel } from '../../library/types.ts';
import type { Dtype } from '../../types.ts';
import type { ModelChoice } from './engine.ts';
import { trimSlash } from './hub.ts';

/** The format in which a fetched model is kept when the user leaves it to us. */
export const keptDtype = (dtype: Dtype | 'auto'): Dtype => (dtype === 'auto' ? 'q4' : dtype);

/** What a choice looks like from the library. */
interface Wanted {
  choice: ModelChoice;
  dtype: Dtype | 'auto';
  /** Base address of the hub in use. */
  hub: string;
}

/** Whether `entry` is this model, whatever its format. */
export function isSameModel({ origin, key }: LibraryModel, choice: ModelChoice, hub: string): boolean {
  if (choice.kind === 'kept') return key === choice.key;
  if (choice.kind === 'url') return origin.kind === 'url' && trimSlash(origin.address) === trimSlash(choice.address);
  if (choice.kind !== 'hub' || origin.kind !== 'hub') return false;
  const revision = choice.revision ?? 'main';
  return (
    trimSlash(origin.hub) === trimSlash(hub) &&
    origin.id.toLowerCase() === choice.id.toLowerCase() &&
    (origin.revision === revision || (/^[0-9a-f]{7,40}$/.test(revision) && origin.commit?.startsWith(revision) === true))
  );
}

/** The entry that a load of this choice would use or go on with. */
export function entryOf(models: readonly LibraryModel[], { choice, dtype, hub }: Wanted): LibraryModel | null {
  const same = models.filter(entry => isSameModel(entry, choice, hub));
  if (choice.kind === 'kept') return same[0] ?? null;
  return (
    same.find(entry => entry.dtype === keptDtype(dtype) && entry.state !== 'partial') ??
    same.find(entry => entry.dtype === keptDtype(dtype)) ??
    null
  );
}

/** How to load an entry: by its name where the hub in use knows it, so that it can be told again; else by its key. */
export function choiceOfEntry(entry: LibraryModel, hub: string): { choice: ModelChoice; dtype: Dtype | 'auto' } {
  const { origin, dtype, key, name } = entry;
  if (origin.kind === 'hub' && dtype !== 'original' && trimSlash(origin.hub) === trimSlash(hub)) {
    const revision = origin.revision === 'main' ? undefined : origin.revision;
    return { choice: { kind: 'hub', id: origin.id, revision }, dtype };
  }
  if (origin.kind === 'url' && dtype !== 'original') return { choice: { kind: 'url', address: origin.address }, dtype };
  return { choice: { kind: 'kept', key, name }, dtype: 'auto' };
}
