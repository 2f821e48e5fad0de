/** The groups of the points of a map: by document, or by a column of a table. */
import { placeOf } from '../passages.ts';
import type { Doc, PassageRef } from '../state.ts';

/** So many groups have a colour and a shape; more could not be told apart. */
export const GROUPS = 6;

export interface Groups {
  /** The most frequent first. */
  names: readonly { name: string; count: number }[];
  /** Group of each point; `names.length` for those in none of them. */
  of: readonly number[];
  /** Points in none of them. */
  others: number;
}

/** The columns of all tables, each name once. */
export const columnsOf = (documents: readonly Doc[]): string[] => [...new Set(documents.flatMap(({ header }) => header))].filter(Boolean);

/** `column`: null groups by document. Points without a value are in no group. */
export function groupsOf(documents: readonly Doc[], refs: readonly PassageRef[], column: string | null): Groups {
  const byId = new Map(documents.map(doc => [doc.id, doc]));
  const keys = refs.map(ref => {
    const doc = byId.get(ref.doc);
    if (!doc) return '';
    if (column === null) return doc.id;
    const at = doc.header.indexOf(column);
    return at < 0 ? '' : (doc.parts[placeOf(doc, ref.passage).part]?.columns[at] ?? '').trim();
  });
  const counts = new Map<string, number>();
  for (const key of keys) if (key !== '') counts.set(key, (counts.get(key) ?? 0) + 1);
  // The sort keeps the order of those that are equally frequent.
  const best = [...counts].sort(([, a], [, b]) => b - a).slice(0, GROUPS);
  const places = new Map(best.map(([key], i) => [key, i]));
  const of = keys.map(key => places.get(key) ?? best.length);
  return {
    names: best.map(([key, count]) => ({ name: column === null ? (byId.get(key)?.name ?? '') : key, count })),
    of,
    others: of.reduce((sum, group) => sum + (group === best.length ? 1 : 0), 0),
  };
}
