/** Levenshtein distance (insert, delete, replace cost 1), two rows. Given up as `limit + 1` once no path can stay within `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const cost = Math.min(replace, (previous[j] as number) + 1, (row[j - 1] as number) + 1);
      row.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    previous = row;
  }
  return previous[b.length] as number;
}

/**
 * The candidates nearest to `name`, best first, at most `count`, and none further than `limit`. Names over 200 characters and candidates past the first
 * 4 000 are left out: this is for an error text and must not cost more than the error is worth.
 */
export function nearest(
  name: string,
  candidates: Iterable<string>,
  count: number,
  limit = Math.max(4, Math.floor(name.length / 2)),
): string[] {
  const scored: { candidate: string; distance: number }[] = [];
  let seen = 0;
  if (name.length > 200) return [];
  for (const candidate of candidates) {
    if (++seen > 4000) break;
    if (candidate.length > 200) continue;
    const distance = editDistance(name, candidate, limit);
    if (distance <= limit) scored.push({ candidate, distance });
  }
  scored.sort((x, y) => x.distance - y.distance || (x.candidate < y.candidate ? -1 : 1));
  return scored.slice(0, count).map(entry => entry.candidate);
}
