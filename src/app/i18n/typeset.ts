/**
 * Spaces that must not break, put in once for the whole dictionary so that no string can miss them. The dictionaries are
 * written with plain spaces, which can be seen and searched.
 */
const NARROW = '\u202f';
const WIDE = '\u00a0';

/** “≈ 3 MB” stays on one line. */
export const typesetEnglish = (text: string): string => text.replaceAll('≈ ', `≈${WIDE}`);

/** French: a narrow space before `;`, `?`, `!` and `%`; a wide one before `:`, inside « » and between a number and its unit. */
export function typesetFrench(text: string): string {
  return typesetEnglish(text)
    .replace(/ (?=[;?!%])/g, NARROW)
    .replace(/ (?=:(?:\s|$))/g, WIDE)
    .replaceAll('« ', `«${WIDE}`)
    .replaceAll(' »', `${WIDE}»`)
    .replace(/(?<=\d) (?=(?:M|bits|couches|tokens)(?![\p{L}\d]))/gu, WIDE);
}

/** The same dictionary with `rule` over every string, and over what every function answers. */
export function typeset<T>(dictionary: T, rule: (text: string) => string): T {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return rule(value);
    if (typeof value === 'function') return (...parameters: unknown[]) => walk(value(...parameters));
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each)]));
  };
  return walk(dictionary) as T;
}
