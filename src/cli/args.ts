/** Options of a command: declared once, for reading and for `--help`. */
import { parseArgs } from 'node:util';
import { editDistance } from '../weights/edit-distance.ts';

/** The command line itself is wrong: exit code 2, with a hint. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export interface Option {
  /** Placeholder of the value in the help (`N`); absent for a switch. */
  value?: string;
  help: string;
  /** May be given several times. */
  multiple?: boolean;
  short?: string;
}
export type Options = Readonly<Record<string, Option>>;

export const commonOptions = {
  verbose: { help: 'say more: progress, and the full text of an error' },
  help: { help: 'show this help', short: 'h' },
} satisfies Options;

/**
 * The arguments of a command. Values stay text until a command asks for a number, so that a word like `007` or `1e3` stays as it is.
 * Why node:util and not cac 7.1, which was tried: cac turns `--targets 007` into 7, and separates texts after `--` from the others.
 */
export class Args {
  readonly texts: readonly string[];
  readonly #values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

  /** Errors: UsageError. */
  constructor(argv: readonly string[], options: Options) {
    const all = { ...options, ...commonOptions };
    const config = Object.entries(all as Options).map(([name, { value, multiple = false, short }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple, ...(short && { short }) },
    ]);
    try {
      const { values, positionals } = parseArgs({
        args: [...argv],
        options: Object.fromEntries(config),
        allowPositionals: true,
        strict: true,
      });
      this.#values = values;
      this.texts = positionals;
    } catch (error) {
      throw usageError(error, Object.keys(all));
    }
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string, { mayBeEmpty = false } = {}): string | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || (value === '' && !mayBeEmpty)) throw new UsageError(`--${name} needs a value`);
    return value;
  }

  /** A whole number of at least `range`, or within the range of an option table's row. */
  integer(name: string, range: number | { min: number; max: number }): number | undefined {
    const { min, max } = typeof range === 'number' ? { min: range, max: Number.MAX_SAFE_INTEGER } : range;
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      const most = max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`;
      throw new UsageError(`--${name} must be a whole number from ${min}${most}, not "${text}"`);
    }
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    const found = choices.find(choice => choice === text);
    if (text !== undefined && found === undefined) throw new UsageError(`--${name} must be one of ${choices.join(', ')}, not "${text}"`);
    return found;
  }

  /** Values separated by commas, over all times the option was given. */
  list(name: string): string[] | undefined {
    return this.#list(name, text => text.split(',').map(part => part.trim()));
  }

  /**
   * Words exactly as they were given, spaces too: separated by commas, or where a word holds a comma a JSON list, `["a, b"]`; over all
   * times the option was given.
   */
  words(name: string): string[] | undefined {
    return this.#list(name, text => (/^\s*\[\s*["\]]/.test(text) ? jsonWords(name, text) : text.split(',')));
  }

  #list(name: string, parse: (text: string) => string[]): string[] | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const parts = (Array.isArray(value) ? value : [value]).flatMap(text => parse(String(text)));
    if (parts.length === 0 || parts.includes('')) throw new UsageError(`--${name} needs values separated by commas, none of them empty`);
    return parts;
  }
}

function jsonWords(name: string, text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (Array.isArray(value) && value.every(word => typeof word === 'string')) return value;
  throw new UsageError(`--${name} begins like a JSON list but is no list of strings, as in ["a","b, c"]`);
}

function usageError(error: unknown, known: readonly string[]): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Error && 'code' in error)) return new UsageError(message);
  const given = /'(-[^']*)'/.exec(message)?.[1] ?? '';
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const near = nearest(given.replace(/^-+/, ''), known);
    const hint = near ? `; did you mean --${near}?` : '; a text that begins with - comes after --';
    return new UsageError(`unknown option ${given}${hint}`);
  }
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    const name = /--[\w-]+/.exec(message)?.[0] ?? given;
    if (/does not take an argument/.test(message)) return new UsageError(`${name} takes no value`);
    return new UsageError(`${name} needs a value${/ambiguous/.test(message) ? `; one that begins with - is written ${name}=-…` : ''}`);
  }
  return new UsageError(message);
}

/** The known word that a typo most likely meant, if any is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const within = known.map(candidate => {
    const limit = Math.max(1, Math.floor(candidate.length / 3));
    const distance = editDistance(word, candidate, limit);
    return { candidate, distance: distance > limit ? Number.POSITIVE_INFINITY : distance };
  });
  const best = within.reduce((a, b) => (b.distance < a.distance ? b : a), { candidate: '', distance: Number.POSITIVE_INFINITY });
  return best.candidate || undefined;
}
