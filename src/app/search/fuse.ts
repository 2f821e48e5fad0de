/** Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): orders of unlike scores are joined by their ranks alone. */
import type { Hit, PassageRef } from './state.ts';

/** The paper's constant: the first ranks count more, and none counts for all. */
const K = 60;

const keyOf = ({ doc, passage }: PassageRef): string => `${doc}/${passage}`;

/** Both lists best first. A passage in one list only keeps what that list gives it. */
export function fuse(
  words: readonly (PassageRef & { score: number })[],
  meaning: readonly (PassageRef & { cosine: number })[],
  limit: number,
): Hit[] {
  const hits = new Map<string, Hit>();
  const of = ({ doc, passage }: PassageRef): Hit => {
    const key = keyOf({ doc, passage });
    const hit = hits.get(key) ?? { doc, passage, score: 0, words: null, meaning: null };
    hits.set(key, hit);
    return hit;
  };
  words.forEach((found, i) => {
    const hit = of(found);
    hit.words = { rank: i + 1, score: found.score };
    hit.score += 1 / (K + i + 1);
  });
  meaning.forEach((found, i) => {
    const hit = of(found);
    hit.meaning = { rank: i + 1, cosine: found.cosine };
    hit.score += 1 / (K + i + 1);
  });
  // Of equals, the one with the better words: a word in common can be seen.
  return [...hits.values()].sort((a, b) => b.score - a.score || (a.words?.rank ?? Infinity) - (b.words?.rank ?? Infinity)).slice(0, limit);
}
