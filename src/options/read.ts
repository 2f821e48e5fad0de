/**
 * Everything that a caller gives is read here once, checked and copied; library, client, worker and command line all use this file.
 * Types do not protect a caller in JavaScript, and a message to a worker cannot be trusted. Each call has a table of its options in
 * `tables.ts`. To add an option, add a row there.
 */
import { InputError } from '../errors.ts';
import type { ModelSource } from '../source/source.ts';
import { nearest } from '../weights/edit-distance.ts';

/** What one option may be. `instead`: other libraries' names for it, so that the error for such a name can suggest ours. */
export type Rule = { instead?: readonly string[] } & (
  | { kind: 'switch' }
  /** A whole number of `min` … `max`; what depends on the model is checked where the model is known. */
  | { kind: 'whole'; min: number; max: number }
  | { kind: 'choice'; of: readonly string[] }
  /** A list of values out of `of`. */
  | { kind: 'choices'; of: readonly string[] }
  /** Text, by default one that is not empty. */
  | { kind: 'text'; mayBeEmpty?: boolean }
  | { kind: 'words' }
  | { kind: 'function' }
  | { kind: 'signal' }
  /** Options within an option. */
  | { kind: 'options'; table: Readonly<Record<string, Rule>> }
);

/** A row for each option of T; a missing row is a compile error. */
export type OptionTable<T> = { readonly [K in keyof Required<T>]: Rule };

/**
 * The options of `call`, copied to a new object: later changes by the caller, or other values of a getter, have no effect.
 * Errors: InputError naming the option that is unknown, mistyped, out of range or unreadable.
 */
export function readOptions<T extends object>(call: string, table: OptionTable<T>, given: unknown): T {
  if (given === undefined) return {} as T;
  return readObject(call, table as Readonly<Record<string, Rule>>, given, `the options of ${call}`) as T;
}

/** `within`: the option that holds these, for the errors. */
function readObject(
  call: string,
  table: Readonly<Record<string, Rule>>,
  given: unknown,
  what: string,
  within?: string,
): Record<string, unknown> {
  const names = readable(what, () => namesOf(call, given, what, table));
  const read: Record<string, unknown> = {};
  for (const name of names) {
    const rule = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!rule) throw unknownOption(call, name, table, within);
    const whole = within ? `${within}.${name}` : name;
    const value = readable(`option ${whole} of ${call}`, () => (given as Record<string, unknown>)[name]);
    if (value !== undefined) read[name] = readable(`option ${whole} of ${call}`, () => readValue(call, whole, rule, value));
  }
  return read;
}

/** Names of a plain object's properties. Inherited ones would be lost when posted to a worker, so they are refused everywhere. */
function namesOf(call: string, given: unknown, what: string, table: Readonly<Record<string, Rule>>): string[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const hint = typeof given === 'function' && table.onProgress ? ' A function that hears the progress is given as { onProgress }.' : '';
    throw new InputError(`${capital(what)} must be an object like ${example(table)}, not ${shown(given)}.${hint}`, { call });
  }
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    const hint = isSignal(given) && table.signal ? ' A signal is given as { signal }.' : '';
    throw new InputError(`${capital(what)} must be a plain object like ${example(table)}, not ${shown(given)}.${hint}`, { call });
  }
  const own = new Set(Object.keys(given));
  for (const name in given) {
    if (own.has(name)) continue;
    const text = JSON.stringify(name.slice(0, 60));
    throw new InputError(`${capital(what)} inherit ${text}. Give ${text} as a property of the object itself: { ...defaults, … }.`, {
      call,
    });
  }
  return [...own];
}

function readValue(call: string, name: string, rule: Rule, value: unknown): unknown {
  const wrong = (must: string, hint = '') =>
    new InputError(`${name} is ${shown(value)}, but ${call} needs ${must}.${hint}`, { call, option: name });
  switch (rule.kind) {
    case 'switch':
      if (typeof value !== 'boolean') throw wrong('true or false');
      return value;
    case 'whole': {
      const { min, max } = rule;
      if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
      const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? ` Give it as a number: ${name}: ${Number(value)}.` : '';
      throw wrong(max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`, number);
    }
    case 'choice':
      if (typeof value === 'string' && rule.of.includes(value)) return value;
      throw wrong(`one of ${list(rule.of, 'or')}`, meant(value, rule.of));
    case 'choices':
      return copyOfList(value, () => wrong(`a list of values out of ${list(rule.of, 'and')}`, inList(name, value))).map(entry => {
        if (typeof entry === 'string' && rule.of.includes(entry)) return entry;
        throw new InputError(`${name} holds ${shown(entry)}, but ${call} knows ${list(rule.of, 'and')}.${meant(entry, rule.of)}`, {
          call,
          option: name,
        });
      });
    case 'text':
      if (typeof value !== 'string') throw wrong('a text');
      if (!rule.mayBeEmpty && value.trim() === '') throw wrong('a text that is not empty');
      return value;
    case 'words': {
      const words = copyOfList(value, () => wrong('a list of words', inList(name, value)));
      if (words.length === 0)
        throw new InputError(`${name} is empty. Give at least one word, or leave ${name} out.`, { call, option: name });
      for (const word of words) {
        if (typeof word === 'string' && word.trim() !== '') continue;
        throw new InputError(`${name} holds ${shown(word)}, but each of them must be a word.`, { call, option: name });
      }
      return words;
    }
    case 'function':
      if (typeof value !== 'function') throw wrong('a function');
      return value;
    case 'signal':
      if (!isSignal(value)) throw wrong('an AbortSignal', hasSignal(value) ? ` Give its signal: ${name}: controller.signal.` : '');
      return value;
    case 'options':
      return readObject(call, rule.table, value, `option ${name} of ${call}`, name);
  }
}

/** A list of texts, copied: the caller may change the list while the request waits. Errors: InputError naming the text. */
export function readTexts(call: string, given: unknown): string[] {
  return readable(`the texts of ${call}`, () => {
    const texts = copyOfList(given, () => {
      const single = typeof given === 'string' ? ` Put a single text in a list: ${call}([text]).` : '';
      return new InputError(`${call} takes a list of texts, not ${shown(given)}.${single}`, { call });
    });
    for (let i = 0; i < texts.length; i++) checkText(texts[i], texts.length > 1 ? `text ${i + 1} of ${texts.length}: ` : '');
    return texts as string[];
  });
}

/** Longest list that one call takes. */
const maxListLength = 1_000_000;

/** A copy of a list, with holes as undefined. The length is checked first, so that an empty list of a billion entries costs nothing. */
function copyOfList(given: unknown, wrong: () => InputError): unknown[] {
  if (!Array.isArray(given)) throw wrong();
  const { length } = given;
  if (length > maxListLength) {
    throw new InputError(`A list of ${length} entries was given; one call takes at most ${maxListLength}. Give it in parts.`, { length });
  }
  return Array.from({ length }, (_, i) => given[i] as unknown);
}

/** Errors: InputError for what is no text. */
export function checkText(value: unknown, before = ''): asserts value is string {
  if (typeof value === 'string') return;
  throw new InputError(`${before}A text is expected, found ${value === undefined ? 'nothing (undefined)' : shown(value)}.`);
}

/** What `loadModel` may be given: a name, or an open source. Errors: InputError. */
export function readSource(call: string, given: unknown): string | ModelSource {
  if (typeof given === 'string') return readName(call, 'the name of a model', given);
  return readable(`the source of ${call}`, () => {
    if (typeof given === 'object' && given !== null) {
      const { name, open, has } = given as Partial<ModelSource>;
      if (typeof name === 'string' && typeof open === 'function' && typeof has === 'function') return given as ModelSource;
    }
    const hint =
      given instanceof URL ? ' Give its text: url.href.' : Array.isArray(given) ? ' Picked files are given as new FilesSource(files).' : '';
    throw new InputError(
      `${call} needs a model: mini, a hub id (owner/name), an address, a folder where there are folders, or a source of files, not ${shown(given)}.${hint}`,
      { call },
    );
  });
}

/** A text that names something; `what` describes it in the error. Errors: InputError. */
export function readName(call: string, what: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new InputError(`${call} needs ${what}, a text, not ${shown(value)}.`, { call });
}

/** Runs `read`, which may call getters or proxies of the caller; whatever they throw becomes an InputError. */
export function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    let message = 'it throws';
    if (cause instanceof Error && typeof cause.message === 'string' && cause.message !== '') message = cause.message;
    throw new InputError(`${capital(what)} cannot be read: ${message}. Give plain values.`, {}, { cause });
  }
}

function unknownOption(call: string, name: string, table: Readonly<Record<string, Rule>>, within?: string): InputError {
  const known = Object.keys(table);
  const near = nearestOption(name, table);
  const hint = near ? `Did you mean ${near}? ` : '';
  const all = known.length > 0 ? `The options of ${within ?? call}: ${list(known, 'and')}.` : 'It takes no options.';
  return new InputError(`${within ? `${within} of ${call}` : call} has no option ${JSON.stringify(name.slice(0, 60))}. ${hint}${all}`, {
    call,
    option: name.slice(0, 200),
    ...(near && { nearest: near }),
  });
}

const sorted = (word: string) => [...word].sort().join('');
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The option that was meant: the same but for case and dashes, the name another library has for it, letters swapped, or one or two letters away. */
function nearestOption(name: string, table: Readonly<Record<string, Rule>>): string | undefined {
  if (name.length > 60) return undefined;
  const word = plain(name);
  for (const [known, { instead = [] }] of Object.entries(table)) if ([known, ...instead].some(other => plain(other) === word)) return known;
  const known = Object.keys(table);
  const swapped = known.find(other => sorted(plain(other)) === sorted(word));
  const [near] = nearest(word, known.map(plain), 1, Math.max(1, Math.floor(word.length / 3)));
  return swapped ?? (near && known.find(other => plain(other) === near));
}

/** ` Did you mean f16?` where a single value is near what was given. */
function meant(value: unknown, of: readonly string[]): string {
  if (typeof value !== 'string' || value.length > 40) return '';
  const same = of.find(known => plain(known) === plain(value)) ?? of.find(known => sorted(known) === sorted(value.toLowerCase()));
  const [near, second] = nearest(value.toLowerCase(), of, 2, 1);
  const found = same ?? (second === undefined ? near : undefined);
  return found ? ` Did you mean ${found}?` : '';
}

const inList = (name: string, value: unknown) => (typeof value === 'string' ? ` Put it in a list: ${name}: [${shown(value)}].` : '');

function example(table: Readonly<Record<string, Rule>>): string {
  const [name = 'name', rule] = Object.entries(table)[0] ?? [];
  const values: Record<Rule['kind'], string> = {
    switch: 'true',
    whole: rule?.kind === 'whole' ? String(Math.max(rule.min, Math.min(3, rule.max))) : '',
    choice: rule?.kind === 'choice' ? `'${rule.of[0]}'` : '',
    choices: rule?.kind === 'choices' ? `['${rule.of[0]}']` : '',
    text: "'…'",
    words: "['…']",
    function: '…',
    signal: '…',
    options: '{ … }',
  };
  return `{ ${name}: ${rule ? values[rule.kind] : '…'} }`;
}

/** Recognises a signal by the members that are used, as it may come from another window or frame. */
function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function';
}

const hasSignal = (value: unknown): boolean => typeof value === 'object' && value !== null && 'signal' in value && isSignal(value.signal);

/** A short description of any value for an error's text, without running code of the caller. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}…` : JSON.stringify(value);
  if (typeof value === 'bigint') return 'a BigInt';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    if (Array.isArray(value)) return `a list of ${value.length}`;
    const made: unknown = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value) ?? {}, 'constructor')?.value;
    const name: unknown = typeof made === 'function' ? Object.getOwnPropertyDescriptor(made, 'name')?.value : undefined;
    if (typeof name !== 'string' || name === 'Object' || !/^\w{1,40}$/.test(name)) return 'an object';
    return `${/^[AEIOU]/i.test(name) ? 'an' : 'a'} ${name}`;
  } catch {
    return 'an object';
  }
}

function list(words: readonly string[], last: 'and' | 'or'): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
