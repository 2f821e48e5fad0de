/** Passages of documents: where they stand, and their text. */
import type { Doc, PassageRef } from './doc.ts';

export const passageCount = ({ passages }: Doc): number => passages.length / 3;

/** Part, start and end of one passage. */
export function placeOf({ passages }: Doc, passage: number): { part: number; start: number; end: number } {
  const [part = 0, start = 0, end = 0] = passages.subarray(3 * passage, 3 * passage + 3);
  return { part, start, end };
}

export function passageText(doc: Doc, passage: number): string {
  const { part, start, end } = placeOf(doc, passage);
  return doc.parts[part]?.text.slice(start, end) ?? '';
}

export const countAll = (documents: readonly Doc[]): { total: number; done: number } => ({
  total: documents.reduce((sum, doc) => sum + passageCount(doc), 0),
  done: documents.reduce((sum, { done }) => sum + done, 0),
});

/** A document and a passage that are there, or null. */
export function findPassage(documents: readonly Doc[], { doc, passage }: PassageRef): Doc | null {
  const found = documents.find(each => each.id === doc);
  return found && passage < passageCount(found) ? found : null;
}

/** Whether pages or rows are worth naming: a text and a one-page letter have none. */
export const hasParts = ({ kind, parts }: Doc): boolean => kind === 'table' || parts.length > 1;

/** Characters of the text around a passage that are shown with it. */
const AROUND = 90;

/** A passage with the words before and after it in the same part. */
export function contextOf(doc: Doc, passage: number): { before: string; passage: string; after: string } {
  const { part, start, end } = placeOf(doc, passage);
  const text = doc.parts[part]?.text ?? '';
  const before = text.slice(Math.max(0, start - AROUND), start);
  const after = text.slice(end, end + AROUND);
  return {
    before: start > AROUND ? `… ${before.replace(/^\S*\s/, '')}` : before,
    passage: text.slice(start, end),
    after: end + AROUND < text.length ? `${after.replace(/\s\S*$/, '')} …` : after,
  };
}

/** The passages [first, last] of a part; null where it has none. */
export function passagesOfPart(doc: Doc, part: number): [first: number, last: number] | null {
  const count = passageCount(doc);
  let first = 0;
  while (first < count && placeOf(doc, first).part < part) first++;
  if (first === count || placeOf(doc, first).part !== part) return null;
  let last = first;
  while (last + 1 < count && placeOf(doc, last + 1).part === part) last++;
  return [first, last];
}
