/** Passages with the same text, among all that have a vector: no vector is needed to find them. */

import type { Doc, PassageRef } from '../doc.ts';
import { passageText } from '../passages.ts';
import type { Slices } from './slices.ts';

export interface Copies {
  /** One passage of each text, in the order of the index. */
  distinct: readonly PassageRef[];
  /** The first passage of a text, and each later one. */
  copies: readonly (readonly [first: PassageRef, copy: PassageRef])[];
}

/** Two texts are the same if they differ in spaces at most. */
export async function copiesOf(documents: readonly Doc[], slices: Slices): Promise<Copies> {
  const firsts = new Map<string, PassageRef>();
  const copies: [PassageRef, PassageRef][] = [];
  for (const doc of documents) {
    for (let passage = 0; passage < doc.done; passage++) {
      const ref = { doc: doc.id, passage };
      const text = passageText(doc, passage).trim().replace(/\s+/g, ' ');
      const first = firsts.get(text);
      if (first) copies.push([first, ref]);
      else firsts.set(text, ref);
      if (slices.isOver) await slices.pause();
    }
  }
  return { distinct: [...firsts.values()], copies };
}
