/** Texts from a stream: one a line, in bounded memory. */
import { InputError } from '../errors.ts';
import { isCode } from '../node/folder.ts';
import { type DecodeOptions, decodeText, maxLineBytes, NotUtf8, notUtf8Error, tooLong } from './encoding.ts';

export interface Line {
  /** From 1. */
  number: number;
  text: string;
}

/**
 * Lines, without their ends, of bytes in UTF-8 or what `decodeText` finds; the end of the last line may be missing. A line ends at
 * `\n` or `\r\n`; in a file without any `\n`, at `\r`. Errors: InputError naming the line that is not UTF-8 or too long.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, options: DecodeOptions): AsyncGenerator<Line, void, undefined> {
  const { name, onNotice } = options;
  let number = 0;
  let rest = '';
  let end: '\n' | '\r' | null = null;
  let hasTold = false;
  const line = (text: string): Line => {
    number++;
    if (end === '\r') return { number, text };
    const own = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (!hasTold && own.includes('\r')) {
      hasTold = true;
      onNotice?.(`line ${number} of ${name} has a carriage return (CR) within it, which is kept: lines end at line feeds (LF) here`);
    }
    return { number, text: own };
  };
  try {
    for await (const part of decodeText(chunks, options)) {
      rest += part;
      end ??= rest.includes('\n') ? '\n' : /\r[\s\S]/.test(rest) ? '\r' : null;
      if (end !== null) {
        let start = 0;
        for (;;) {
          const [at, next] = end === '\n' ? lineFeed(rest, start) : carriageReturn(rest, start);
          if (at < 0) break;
          yield line(rest.slice(start, at));
          start = next;
        }
        rest = rest.slice(start);
      }
      if (rest.length > maxLineBytes) throw tooLong(name, number + 1);
    }
  } catch (error) {
    throw error instanceof NotUtf8 ? notUtf8Error(number + (end === '\r' && rest !== '' ? 2 : 1), name, error) : error;
  }
  if (rest !== '') yield line(end === '\n' ? rest : rest.replace(/\r$/, ''));
}

function lineFeed(text: string, start: number): [at: number, next: number] {
  const at = text.indexOf('\n', start);
  return [at, at + 1];
}

const lineEnd = /[\r\n]/g;

/** A `\r` at the end of a part is not a line end yet, as a `\n` may follow in the next part. */
function carriageReturn(text: string, start: number): [at: number, next: number] {
  lineEnd.lastIndex = start;
  const at = lineEnd.exec(text)?.index ?? -1;
  if (at < 0 || (text[at] === '\r' && at + 1 === text.length)) return [-1, 0];
  return [at, text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : at + 1];
}

/** The text of one line of JSON Lines: a string, or `field` of an object (`a.b`: of an object within). Errors: InputError naming the line. */
export function textOfJson({ number, text }: Line, field: string, name: string): string {
  const what = (problem: string) =>
    new InputError(
      `line ${number} of ${name} ${problem}. Each line must be a JSON string or an object with a string ${JSON.stringify(field)} (--field names another).`,
      { line: number },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw what(text.trim() === '' ? 'is empty' : 'is not JSON');
  }
  if (typeof value === 'string') return value;
  const found = member(value, field) ?? field.split('.').reduce(member, value);
  if (typeof found === 'string') return found;
  throw what(`holds no text${field === 'text' ? '' : ` in ${JSON.stringify(field)}`}`);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** Turns the system's errors about a file that a person named into an InputError. */
export function fileError(error: unknown, path: string, doing: string): unknown {
  if (!isCode(error)) return error;
  const reasons: Record<string, string> = {
    ENOENT: 'it does not exist',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    EROFS: 'the disk is read-only',
    ENOTDIR: 'a part of its path is not a folder',
    ENOSPC: 'the disk is full',
    EDQUOT: 'your quota of the disk is used up',
    ENAMETOOLONG: 'its name is too long',
  };
  return new InputError(`${path} cannot be ${doing}: ${reasons[error.code ?? ''] ?? error.message}.`, { path }, { cause: error });
}
