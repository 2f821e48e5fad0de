/** Mutations of JSON: types, names, depths, duplicates, orders; and some that do not change the meaning. */
import type { Mutation } from './bytes.ts';
import type { Random } from './random.ts';
import { hostilePatterns, hostileValue } from './values.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
interface Place {
  parent: Json[] | { [name: string]: Json };
  key: string;
  path: string;
}

/** A placeholder that no file contains. It is replaced by text that JSON.stringify would not write. */
const mark = '@@hostile@@';

/** Null where the file is no JSON object or list, or holds nothing. */
export function mutateJson(bytes: Uint8Array, random: Random, { canBeSame }: { canBeSame: boolean }): Mutation | null {
  let root: Json;
  try {
    root = JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch {
    return null;
  }
  if (canBeSame && random.chance(0.12)) return sameMeaning(root, random);
  const places: Place[] = [];
  collect(root, '', places);
  if (places.length === 0) return null;
  const many = random.chance(0.2) ? 1 + random.below(4) : 1;
  const done: string[] = [];
  let text = '';
  for (let i = 0; i < many; i++) {
    const place = choosePlace(places, random);
    const { what, raw } = change(place, places, random);
    done.push(`${what} at ${place.path}`);
    text = JSON.stringify(root, null, 1);
    if (raw !== undefined) {
      text = text.replace(`"${mark}"`, () => raw).replace(`"${mark}": 0`, () => raw);
      // What is not JSON any more cannot be changed again.
      break;
    }
  }
  return { what: done.join('; ').slice(0, 300), bytes: new Uint8Array(new TextEncoder().encode(text)), same: false };
}

function collect(value: Json, path: string, places: Place[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const place = { parent: value as Place['parent'], key, path: `${path}/${key}`.slice(-120) };
    places.push(place);
    collect((value as { [name: string]: Json })[key] as Json, place.path, places);
  }
}

/** Chooses a depth first and then a place at that depth, as otherwise the long vocabularies would get nearly all mutations. */
function choosePlace(places: readonly Place[], random: Random): Place {
  const depth = 1 + random.below(5);
  const there = places.filter(({ path }) => path.split('/').length - 1 === depth);
  return random.pick(there.length > 0 ? there : places);
}

const get = ({ parent, key }: Place): Json => (parent as { [name: string]: Json })[key] as Json;
function set({ parent, key }: Place, value: Json): void {
  (parent as { [name: string]: Json })[key] = value;
}

function change(place: Place, places: readonly Place[], random: Random): { what: string; raw?: string } {
  const { parent, key } = place;
  const before = get(place);
  const kind = random.below(12);
  if (kind <= 3) {
    const raw = hostileValue(random);
    set(place, mark);
    return { what: `value ${raw.slice(0, 40)}`, raw };
  }
  if (kind === 4) {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    return { what: 'removed' };
  }
  if (kind === 5 && !Array.isArray(parent)) {
    const name = random.pick([
      '__proto__',
      'constructor',
      '',
      key.toUpperCase(),
      `${key}s`,
      key.slice(0, -1),
      '\u0000',
      String(get(random.pick(places))).slice(0, 40),
    ]);
    delete parent[key];
    Object.defineProperty(parent, name, { value: before, enumerable: true, configurable: true, writable: true });
    return { what: `renamed to ${JSON.stringify(name)}` };
  }
  if (kind === 6 && !Array.isArray(parent)) {
    // A second member of the same name, with another value.
    const raw = `${JSON.stringify(key)}: ${hostileValue(random)}`;
    parent[mark] = 0;
    return { what: 'a second member of that name', raw };
  }
  if (kind === 7) {
    set(place, structuredClone(get(random.pick(places))));
    return { what: 'a value of another place' };
  }
  if (kind === 8 && typeof before === 'number') {
    const value = random.pick([before + 1, before - 1, -before, before * 2, before * 1000, before + 0.5, before / 3]);
    set(place, value);
    return { what: `${before} → ${value}` };
  }
  if (kind === 9 && Array.isArray(before)) {
    const how = random.below(4);
    if (how === 0) before.reverse();
    else if (how === 1) before.push(...structuredClone(before.slice(0, 1000)));
    else if (how === 2) before.length = random.below(before.length + 1);
    else before.sort(() => random.below(3) - 1);
    return { what: ['reversed', 'doubled', 'cut', 'shuffled'][how] as string };
  }
  if (kind === 10 && typeof before === 'string') {
    const i = random.below(before.length + 1);
    const value = random.pick([
      before.slice(0, i),
      before.slice(i),
      before + before,
      `${before.slice(0, i)}\ud800${before.slice(i)}`,
      `${before.slice(0, i)}\u0000${before.slice(i)}`,
      before.toUpperCase(),
      random.pick(hostilePatterns),
    ]);
    set(place, value);
    return { what: `text ${JSON.stringify(value.slice(0, 40))}` };
  }
  const wrapped = random.chance(0.5) ? [before] : { [key]: before };
  set(place, wrapped);
  return { what: 'wrapped' };
}

/** Other bytes with the same meaning for every reader of JSON. */
function sameMeaning(root: Json, random: Random): Mutation {
  const how = random.below(3);
  let text = JSON.stringify(how === 1 ? reordered(root) : root, null, how === 0 ? random.pick([0, 2, 7]) : 1);
  // Every character of a text may be written by its number.
  if (how === 2)
    text = text.replace(/[A-Za-zà-ÿ]/g, letter =>
      random.chance(0.1) ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
    );
  // An escape in JSON is part of a text: those that were there must not be torn.
  if (how === 2 && JSON.stringify(tryParse(text)) !== JSON.stringify(root)) text = JSON.stringify(root);
  return {
    what: ['other white space', 'other order of the members', 'letters by number'][how] as string,
    bytes: new Uint8Array(new TextEncoder().encode(text)),
    same: true,
  };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reordered(member)]),
  );
}
