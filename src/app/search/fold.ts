/** Words as they are compared: without accents, case, ligatures and plural, as people write them in a hurry. */

/** Words that say nothing of what a text is about. « sans », « pas » and « ni » stay: in a report they are news. */
const stopWords = new Set(
  `a afin apres ai ainsi au aucun aussi autre aux avait avec avoir c ce cela ces cet cette chez comme d dans de depuis des donc dont du elle elles en
  encore entre est et etaient etait ete etre eu fait il ils j je l la le les leur leurs lors lui m ma mais me meme mes mon n ne nous on ont ou par
  plus pour qu que qui quoi s sa se ses si son sont sous sur t ta te tous tout toute toutes tres un une vers vos votre vous y`.split(/\s+/),
);

/** « Œdèmes » → « oedeme ». */
export function fold(word: string): string {
  const plain = word.toLowerCase().replaceAll('œ', 'oe').replaceAll('æ', 'ae').normalize('NFD').replace(/\p{M}/gu, '');
  return plain.length > 4 ? plain.replace(/[sx]$/, '') : plain;
}

/** Null for a word that is not searched. */
export function term(word: string): string | null {
  const plain = word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  return plain === '' || stopWords.has(plain) ? null : fold(word);
}

const wordPattern = /[\p{L}\p{M}\p{N}]+/gu;

export const wordsOf = (text: string): string[] => text.match(wordPattern) ?? [];

/** Where the words stand whose folded form is in `terms`. */
export function marksOf(text: string, terms: ReadonlySet<string>): [start: number, end: number][] {
  if (terms.size === 0) return [];
  return [...text.matchAll(wordPattern)]
    .filter(({ 0: word }) => terms.has(fold(word)))
    .map(({ 0: word, index }) => [index, index + word.length]);
}
