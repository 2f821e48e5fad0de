/**
 * Reads parsed JSON that cannot be trusted. Every function names the key in its error, as in
 * `tokenizer.json: pre_tokenizer.pretokenizers[2].behavior is 7, expected a string`.
 */
import { TokenizerError } from '../errors.ts';
import { spend } from './allowance.ts';

export type Json = Readonly<Record<string, unknown>>;

/** The error that every reader here throws: key, what it holds, what it should hold. */
export function badKey(key: string, value: unknown, expected: string): TokenizerError {
  const text = `${named(key)} is ${show(value)}, expected ${expected}. The file is damaged, or of a newer format: fetch it again, or use another model.`;
  return new TokenizerError(text, { key });
}

/** A key with its file. Keys of other files than tokenizer.json name theirs. */
function named(key: string): string {
  return /^[a-z_]+\.json\b/.test(key) ? key : `tokenizer.json: ${key}`;
}

/** The error for a component that exists in Hugging Face's library but not here. */
export function unsupported(key: string, type: string, known: readonly string[]): TokenizerError {
  return new TokenizerError(
    `tokenizer.json: ${key} is of type "${type.slice(0, 60)}", which affinage does not apply (known: ${known.join(', ')}). ` +
      'Use a model whose tokenizer is of a known type.',
    { key, type },
  );
}

/** The error for a valid value that affinage does not apply: the file is not damaged, and fetching it again would not help. */
export function foreign(key: string, value: unknown, applied: string): TokenizerError {
  return new TokenizerError(
    `tokenizer.json: ${key} is ${show(value)}. The file is valid, but affinage applies only ${applied} here. Use a model whose tokenizer does without.`,
    { key },
  );
}

export function object(value: unknown, key: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badKey(key, value, 'an object');
  return value as Json;
}

export function array(value: unknown, key: string): readonly unknown[] {
  if (!Array.isArray(value)) throw badKey(key, value, 'an array');
  return value;
}

/** Steps in one list, and lists inside lists. Real files have under 20 and 2. */
const maxSteps = 1000;
const maxNesting = 8;
/** What reading a step costs of the allowance. */
const readingCost = 1000;

/** The steps of a component of type Sequence that is itself nested `depth` lists deep. */
export function sequence(value: unknown, key: string, depth: number): readonly unknown[] {
  const steps = array(value, key);
  if (depth > maxNesting) throw new TokenizerError(`tokenizer.json: ${key} is nested more than ${maxNesting} deep.`, { key });
  if (steps.length > maxSteps) {
    throw new TokenizerError(`tokenizer.json: ${key} has ${steps.length} steps; at most ${maxSteps} are taken.`, { key });
  }
  spend(readingCost * steps.length, key);
  return steps;
}

/** A string without lone surrogates: JSON escapes can hold them, UTF-8 cannot. */
export function string(value: unknown, key: string): string {
  if (typeof value !== 'string') throw badKey(key, value, 'a string');
  if (!value.isWellFormed()) throw badKey(key, value, 'well-formed Unicode');
  return value;
}

/** A string, or null where the key is absent or null. */
export function optionalString(value: unknown, key: string): string | null {
  return value === undefined || value === null ? null : string(value, key);
}

export function boolean(value: unknown, key: string, missing?: boolean): boolean {
  if (value === undefined && missing !== undefined) return missing;
  if (typeof value !== 'boolean') throw badKey(key, value, 'true or false');
  return value;
}

export function integer(value: unknown, key: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw badKey(key, value, `a whole number from ${min} to ${max}`);
  }
  return value;
}

function show(value: unknown): string {
  if (value === undefined) return 'absent';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value) ?? typeof value;
}
