/** Texts from a stream: one a line, in bounded memory. */
import { InputError } from '../errors.ts';
import { isCode } from '../node/folder.ts';

/** A line over this is no text that a model could read. Bytes. */
const maxLineBytes = 64 * 2 ** 20;

export interface Line {
  /** From 1. */
  number: number;
  text: string;
}

/**
 * Lines of UTF-8 bytes, without their ends (`\n` or `\r\n`) and without a byte-order mark; the end of the last line may be missing.
 * Errors: InputError naming the line that is not UTF-8 or too long.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Line, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 0;
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (last: Uint8Array): Line => {
    number++;
    const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    length = 0;
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch (cause) {
      throw new InputError(`line ${number} of ${name} is not UTF-8. Save the file as UTF-8.`, { line: number }, { cause });
    }
    if (number === 1 && text.startsWith('\uFEFF')) text = text.slice(1);
    return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    // A copy: a stream may use its buffer again.
    if (start < chunk.length) parts.push(chunk.slice(start));
    length += chunk.length - start;
    if (length > maxLineBytes)
      throw new InputError(`line ${number + 1} of ${name} is longer than ${maxLineBytes / 2 ** 20} MiB. Put one text on each line.`, {
        line: number + 1,
      });
  }
  if (length > 0) yield take(new Uint8Array());
}

export type LineFormat = 'txt' | 'jsonl';

/** The text of one line: itself, or of JSON Lines a string or the `text` of an object. Errors: InputError naming the line. */
export function textOfLine({ number, text }: Line, format: LineFormat, name: string): string {
  if (format === 'txt') return text;
  const what = (problem: string) =>
    new InputError(`line ${number} of ${name} ${problem}. Each line must be a JSON string or an object with a string "text".`, {
      line: number,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw what(text.trim() === '' ? 'is empty' : 'is not JSON');
  }
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string') return value.text;
  throw what('holds no text');
}

/** Turns the system's errors about a file that a person named into an InputError. */
export function fileError(error: unknown, path: string, doing: string): unknown {
  if (!isCode(error)) return error;
  const reasons: Record<string, string> = {
    ENOENT: 'it does not exist',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    ENOTDIR: 'a part of its path is not a folder',
    ENOSPC: 'the disk is full',
  };
  return new InputError(`${path} cannot be ${doing}: ${reasons[error.code ?? ''] ?? error.message}.`, { path }, { cause: error });
}
