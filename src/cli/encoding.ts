/** Decodes the bytes of a text file, in bounded memory. UTF-8 unless the file's first bytes or the caller name another encoding. */
import { isUtf8 } from 'node:buffer';
import { InputError } from '../errors.ts';
import { UsageError } from './args.ts';

/** Enough to see the encoding and the line ends; a pipe gives less at once. */
const peekBytes = 2 ** 16;
/** Longest line in bytes; no model could read a longer one. */
export const maxLineBytes = 64 * 2 ** 20;

const aliases: Record<string, string> = {
  utf8: 'utf-8',
  utf16: 'utf-16le',
  'utf-16': 'utf-16le',
  utf16le: 'utf-16le',
  utf16be: 'utf-16be',
  'latin-1': 'windows-1252',
  ansi: 'windows-1252',
  macroman: 'macintosh',
  'mac-roman': 'macintosh',
  latin9: 'iso-8859-15',
  'latin-9': 'iso-8859-15',
};

/** The name of an encoding as the decoder knows it. Errors: UsageError. */
export function encodingName(given: string): string {
  const name = given.trim().toLowerCase();
  try {
    return new TextDecoder(aliases[name] ?? name).encoding;
  } catch {
    throw new UsageError(
      `--encoding must be one of utf-8, utf-16le, utf-16be, windows-1252 (latin1), iso-8859-15, macintosh, or another that the web knows, not "${given}"`,
    );
  }
}

/** Bytes that are not UTF-8. The caller that counts the lines adds the line's number. */
export class NotUtf8 extends Error {
  readonly likely: string;

  /** `isUtf8`: text before it can only have been UTF-8. */
  constructor(bytes: Uint8Array, isUtf8: boolean) {
    super('not UTF-8');
    this.likely = isUtf8 ? '' : likelyEncoding(bytes);
  }
}

export function notUtf8Error(line: number, name: string, { likely }: NotUtf8): InputError {
  const remedy =
    likely === ''
      ? 'Other text in it is: the file is damaged, or made of parts in different encodings. Save it as UTF-8 as a whole.'
      : `It looks like ${likely === 'macintosh' ? 'Mac Roman' : 'Windows-1252 (Latin-1)'}: add --encoding ${likely}, or save the file as UTF-8.`;
  return new InputError(`line ${line} of ${name} is not UTF-8. ${remedy}`, { line, likelyEncoding: likely });
}

export interface DecodeOptions {
  /** The file's name in messages. */
  name: string;
  /** As `encodingName` returns it; default: found from the first bytes, else UTF-8. */
  encoding?: string;
  /** Called with each assumption about the file. */
  onNotice?: (text: string) => void;
}

/** The text, without its byte-order mark, in parts. Errors: NotUtf8 after all that comes before it; InputError for a wrong encoding. */
export async function* decodeText(chunks: AsyncIterable<Uint8Array>, options: DecodeOptions): AsyncGenerator<string, void, undefined> {
  const { name, onNotice } = options;
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < peekBytes) {
    const next = await iterator.next();
    if (next.done) break;
    first.push(next.value.slice()); // copied, as a stream may reuse its buffer
    length += next.value.length;
  }
  const head = Buffer.concat(first);
  const encoding = chooseEncoding(head, options.encoding, name, onNotice);
  const all = async function* () {
    yield head;
    for (;;) {
      const next = await iterator.next();
      if (next.done) return;
      yield next.value;
    }
  };
  try {
    if (encoding === 'utf-8') yield* decodeUtf8(all(), name);
    else yield* decodeOther(all(), encoding, name);
  } finally {
    await iterator.return?.();
  }
}

function chooseEncoding(head: Uint8Array, asked: string | undefined, name: string, onNotice?: (text: string) => void): string {
  const mark = markOf(head);
  if (mark === 'utf-32')
    throw new InputError(`${name} is UTF-32, which is not read. Save it as UTF-8 (iconv -f UTF-32 -t UTF-8).`, { encoding: mark });
  if (asked && mark && asked !== mark)
    throw new InputError(`${name} begins with the mark of ${mark.toUpperCase()}, but --encoding says ${asked}. Leave --encoding out.`);
  if (asked ?? mark) return (asked ?? mark)!;
  const guess = unmarkedUtf16(head);
  if (!guess) return 'utf-8';
  onNotice?.(`${name} has no byte-order mark and looks like ${guess.toUpperCase()}: it is read so (--encoding says otherwise)`);
  return guess;
}

function markOf(head: Uint8Array): string | null {
  const [a, b, c, d] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) return 'utf-32';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : null;
}

/** Western text in UTF-16 has a zero in nearly every pair of bytes, always on the same side; UTF-8 has none. */
function unmarkedUtf16(head: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const pairs = head.length >> 1;
  if (pairs === 0) return null;
  const zeros = [0, 0];
  for (let i = 0; i < 2 * pairs; i++) if (head[i] === 0) zeros[i & 1]!++;
  const [even = 0, odd = 0] = zeros;
  if (odd > 0.4 * pairs && even < 0.1 * odd) return 'utf-16le';
  return even > 0.4 * pairs && odd < 0.1 * even ? 'utf-16be' : null;
}

/** Decodes whole lines, so that an error names the right line and the lines before it are still returned. */
async function* decodeUtf8(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string, void, undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let isFirst = true;
  let hasLetters = false; // beyond ASCII
  const decode = function* (last: Uint8Array): Generator<string> {
    const block = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    length = 0;
    const bytes = isFirst && markOf(block) === 'utf-8' ? block.subarray(3) : block;
    isFirst = false;
    if (isUtf8(bytes)) {
      const decoded = text(bytes);
      hasLetters ||= decoded.length !== bytes.length;
      if (decoded !== '') yield decoded;
      return;
    }
    for (let start = 0; start < bytes.length; ) {
      const end = endOfLine(bytes, start);
      const line = bytes.subarray(start, end);
      if (!isUtf8(line)) throw new NotUtf8(bytes.subarray(start), hasLetters);
      const decoded = text(line);
      hasLetters ||= decoded.length !== line.length;
      yield decoded;
      start = end;
    }
  };
  for await (const chunk of chunks) {
    const cut = Math.max(chunk.lastIndexOf(10), chunk.lastIndexOf(13)) + 1;
    if (cut > 0) yield* decode(chunk.subarray(0, cut));
    if (cut < chunk.length) parts.push(chunk.slice(cut));
    length += chunk.length - cut;
    if (length > maxLineBytes) throw tooLong(name);
  }
  if (length > 0) yield* decode(new Uint8Array());
}

function endOfLine(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) if (bytes[at] === 10 || bytes[at] === 13) return at + 1;
  return bytes.length;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const text = (bytes: Uint8Array): string => utf8.decode(bytes);

async function* decodeOther(chunks: AsyncIterable<Uint8Array>, encoding: string, name: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    let decoded: string;
    try {
      decoded = chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch (cause) {
      throw new InputError(
        `${name} is not ${encoding.toUpperCase()}: some bytes stand for no character there. Name its encoding with --encoding, or save it as UTF-8.`,
        { encoding },
        { cause },
      );
    }
    return encoding === 'windows-1252' ? decoded.replace(/[\x80-\x9f]/g, c => windowsCharacters[c.charCodeAt(0) - 0x80] ?? c) : decoded;
  };
  for await (const chunk of chunks) {
    const decoded = decode(chunk);
    if (decoded !== '') yield decoded;
  }
  const rest = decode();
  if (rest !== '') yield rest;
}

/** Bytes 0x80 to 0x9F of Windows-1252: Node 23 and 24 decode them as the control characters of Latin-1. */
const windowsCharacters = [...'€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'];

/** The most likely encoding of these bytes, if they are French text. */
function likelyEncoding(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, peekBytes);
  const letters = (encoding: string) =>
    (new TextDecoder(encoding).decode(sample).match(/[àâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÙÛŒ’«»°µ€]/g) ?? []).length;
  return letters('macintosh') > letters('windows-1252') ? 'macintosh' : 'windows-1252';
}

export function tooLong(name: string, line?: number): InputError {
  const which = line === undefined ? 'a line' : `line ${line}`;
  return new InputError(`${which} of ${name} is longer than ${maxLineBytes / 2 ** 20} MiB. Put one text on each line.`, { line });
}
