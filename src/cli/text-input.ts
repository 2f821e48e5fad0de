/** Reads the texts of a command from a file or standard input, in one of several formats. */
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { refuseReadingOutput } from '../node/same-file.ts';
import { type Args, type Options, UsageError } from './args.ts';
import type { Context } from './command.ts';
import { readCsv } from './csv.ts';
import { encodingName } from './encoding.ts';
import { fileError, type Line, readLines, textOfJson } from './lines.ts';

const formats = ['txt', 'jsonl', 'csv', 'tsv'] as const;
type TextFormat = (typeof formats)[number];
const endings: Record<string, TextFormat> = {
  txt: 'txt',
  text: 'txt',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
};

/** Options about the file's format; each command has its own option that names the file. */
export const textOptions = {
  'input-format': { value: 'KIND', help: 'txt, jsonl, csv or tsv; default by the ending of FILE, else txt' },
  field: { value: 'NAME', help: 'jsonl: the member that holds the text, a.b within another; default text' },
  column: { value: 'NAME', help: 'csv, tsv: the column that holds the text, by its title or number; default text' },
  'no-header': { help: 'csv, tsv: the first record is no header but a text' },
  delimiter: { value: 'C', help: 'csv: what parts the fields (tab for a tab); default found in the first record' },
  encoding: { value: 'NAME', help: 'utf-8, utf-16le, windows-1252 (latin1), macintosh …; default UTF-8, UTF-16 where it is seen' },
} satisfies Options;

/** Lines of the help about these files. */
export const textNotes = [
  'Texts: .txt, one a line (an empty line is an empty text); .jsonl or .ndjson, a string or an object a line; .csv or .tsv, one a record.',
];

export interface TextInput {
  /** `-` is standard input. */
  path: string;
  format: TextFormat;
  field: string;
  column?: string;
  delimiter?: string;
  noHeader: boolean;
  encoding?: string;
}

/** The input in `path`, as the options describe it; `option` is the option that named the path. Errors: UsageError. */
export function textInput(path: string, option: string, args: Args): TextInput {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const format =
    args.choice('input-format', formats) ??
    (path === '-' || ending === '' ? 'txt' : Object.hasOwn(endings, ending) ? endings[ending] : undefined);
  if (format === undefined) throw new UsageError(`${option} ${path} ${unknownFormat(ending, path)}`);
  const [field, column, delimiter, encoding] = [args.text('field'), args.text('column'), args.text('delimiter'), args.text('encoding')];
  const isTable = format === 'csv' || format === 'tsv';
  if (field !== undefined && format !== 'jsonl') throw new UsageError(`--field belongs to JSON Lines; ${path} is read as ${format}`);
  for (const name of ['column', 'delimiter', 'no-header'] as const)
    if (!isTable && (name === 'no-header' ? args.flag(name) : args.text(name) !== undefined))
      throw new UsageError(`--${name} belongs to csv and tsv; ${path} is read as ${format}`);
  return {
    path,
    format,
    field: field ?? 'text',
    column,
    delimiter: delimiter === undefined ? (format === 'tsv' ? '\t' : undefined) : delimiterOf(delimiter),
    noHeader: args.flag('no-header'),
    encoding: encoding === undefined ? undefined : encodingName(encoding),
  };
}

/** The first given option that only applies to a file of texts, if any. */
export function givenTextOption(args: Args): string | undefined {
  return Object.keys(textOptions).find(name => (name === 'no-header' ? args.flag(name) : args.text(name) !== undefined));
}

function delimiterOf(given: string): string {
  const named: Record<string, string> = { tab: '\t', '\\t': '\t', comma: ',', semicolon: ';', pipe: '|', space: ' ' };
  const delimiter = named[given.toLowerCase()] ?? given;
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    throw new UsageError(`--delimiter must be one character or the word tab, not "${given}"`);
  return delimiter;
}

function unknownFormat(ending: string, path: string): string {
  const remedies: Record<string, string> = {
    json: `is one JSON document. Make JSON Lines of it (jq -c '.[]' ${path} > texts.jsonl), or say --input-format jsonl where it is some`,
    gz: 'is compressed. Unpack it into the command: zcat FILE | affinage … -, with --input-format',
    zst: 'is compressed. Unpack it into the command: zstdcat FILE | affinage … -, with --input-format',
    xlsx: 'is a spreadsheet. Save it as CSV (UTF-8), and name the column with --column',
    xls: 'is a spreadsheet. Save it as CSV (UTF-8), and name the column with --column',
    ods: 'is a spreadsheet. Save it as CSV (UTF-8), and name the column with --column',
    parquet: 'is Parquet, which is not read. Write it as JSON Lines or CSV first',
  };
  if (Object.hasOwn(remedies, ending)) return remedies[ending] ?? '';
  return 'must end in .txt, .jsonl, .ndjson, .csv or .tsv, or come with --input-format';
}

/** The input's name in messages. */
export const inputName = ({ path }: TextInput): string => (path === '-' ? 'standard input' : path);

/**
 * The texts, each with the number of its line. Assumptions about the file are noted unless `quiet`. Errors: InputError naming the line;
 * the signal's reason.
 */
export async function* readTexts(
  input: TextInput,
  { io, signal }: Pick<Context, 'io' | 'signal'>,
  { quiet = false } = {},
): AsyncGenerator<Line, void, undefined> {
  const { path, format, field } = input;
  const name = inputName(input);
  refuseReadingOutput([{ path: path === '-' ? 0 : path, name }]);
  const options = { ...input, name, onNotice: (text: string) => !quiet && io.note(`affinage: ${text}`) };
  try {
    const bytes = path === '-' ? io.stdin() : createReadStream(resolve(path), { signal, highWaterMark: 2 ** 18 });
    if (format === 'csv' || format === 'tsv') {
      for await (const line of readCsv(bytes, options)) {
        signal.throwIfAborted();
        yield line;
      }
      return;
    }
    for await (const line of readLines(bytes, options)) {
      signal.throwIfAborted();
      yield format === 'txt' ? line : { number: line.number, text: textOfJson(line, field, name) };
    }
  } catch (error) {
    signal.throwIfAborted();
    throw path === '-' ? error : fileError(error, path, 'read');
  }
}

/** Whether the input can be read twice. Errors: InputError where it cannot be read. */
export function isPlainFile({ path }: TextInput): boolean {
  if (path === '-') return false;
  try {
    return statSync(resolve(path)).isFile();
  } catch (error) {
    throw fileError(error, path, 'read');
  }
}
