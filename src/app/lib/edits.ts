/** How an edited text differs from the text before. Plain functions on strings, so that a keystroke costs one pass. */

/** Whether an edited text is still the text that it was: at least half of the longer one stands there unchanged. */
export function isSameText(before: string, after: string): boolean {
  const { prefix, suffix } = commonEnds(before, after);
  return 2 * (prefix + suffix) >= Math.max(before.length, after.length);
}

/** Where in `after` that ends which differs from `before`. */
export const changedEnd = (before: string, after: string): number => after.length - commonEnds(before, after).suffix;

/** Characters that two texts have in common at their beginnings and, apart from those, at their ends. */
export function commonEnds(a: string, b: string): { prefix: number; suffix: number } {
  const shorter = Math.min(a.length, b.length);
  let prefix = 0;
  while (prefix < shorter && a[prefix] === b[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && a[a.length - 1 - suffix] === b[b.length - 1 - suffix]) suffix++;
  return { prefix, suffix };
}
