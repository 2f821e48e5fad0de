/** Texts from one column of a CSV or TSV file, record by record. */
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { InputError } from '../errors.ts';
import { type DecodeOptions, decodeText, maxLineBytes, NotUtf8, notUtf8Error } from './encoding.ts';
import type { Line } from './lines.ts';

export interface CsvOptions extends DecodeOptions {
  /** The header's name of the column, or its number from 1. */
  column?: string;
  /** Default: tab for .tsv; else the one of , ; tab | that the first record has most. */
  delimiter?: string;
  /** The first record is a text too. */
  noHeader: boolean;
}

interface Parsed {
  record: string[];
  info: { lines: number };
}

/** Column names that are taken as the text when no column is given. */
const usualNames = ['text', 'texte'];

/**
 * The texts of a column; `number` is the line on which a record ends. Blank lines between records are skipped. Errors: InputError for a
 * column that is not there (it lists them), a record of another width, an open quote, bytes that are not UTF-8.
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>, options: CsvOptions): AsyncGenerator<Line, void, undefined> {
  const { name, noHeader } = options;
  const parts = decodeText(chunks, options)[Symbol.asyncIterator]();
  let lines = 1;
  /** The library counts a `\r\n` within quotes as two lines. */
  let doubled = 0;
  const counted = async function* (first: string) {
    for (let part = first; ; ) {
      lines += part.match(/\r\n|\n|\r/g)?.length ?? 0;
      yield part;
      const next = await parts.next();
      if (next.done) return;
      part = next.value;
    }
  };
  try {
    const first = await parts.next();
    if (first.done) return;
    const delimiter = options.delimiter ?? usedDelimiter(first.value);
    const parser = parse({ delimiter, info: true, relax_quotes: true, skip_empty_lines: true, max_record_size: maxLineBytes });
    const input = Readable.from(counted(first.value));
    input.on('error', error => parser.destroy(error));
    input.pipe(parser);
    let column: number | undefined;
    const twice = (record: readonly string[]) => record.reduce((n, field) => n + field.split('\r\n').length - 1, 0);
    try {
      for await (const { record, info } of parser as AsyncIterable<Parsed>) {
        doubled += twice(record);
        if (column === undefined) {
          column = columnOf(record, options, delimiter);
          if (!noHeader) continue;
        }
        yield { number: info.lines - doubled, text: record[column] ?? '' };
      }
    } finally {
      input.destroy();
    }
  } catch (error) {
    if (error instanceof NotUtf8) throw notUtf8Error(lines, name, error);
    throw error instanceof CsvError ? csvError(error, name, doubled) : error;
  }
}

function columnOf(first: readonly string[], { name, column, noHeader }: CsvOptions, delimiter: string): number {
  const byName = (wanted: string) => (noHeader ? -1 : first.findIndex(title => title.trim() === wanted));
  if (column === undefined) {
    if (noHeader && first.length === 1) return 0;
    const usual = usualNames.map(byName).find(at => at >= 0);
    if (usual !== undefined) return usual;
  } else {
    const named = byName(column);
    if (named >= 0) return named;
    const number = /^[1-9]\d{0,4}$/.test(column) ? Number(column) : 0;
    if (number >= 1 && number <= first.length) return number - 1;
  }
  const delimited = `separated by ${delimiter === '\t' ? 'tabs' : delimiter}`;
  const what =
    column === undefined ? 'which column holds the texts is not clear' : `it has no column ${JSON.stringify(column.slice(0, 100))}`;
  const remedy = noHeader
    ? `It has ${first.length} columns (${delimited}): name one by its number, --column 1.`
    : `${listed(first)} (${delimited}). Name one with --column, or say --no-header.`;
  throw new InputError(`${name}: ${what}. ${remedy}`, { columns: first.length });
}

/** The columns for a message. A very long title is probably a text, so it is not shown. */
function listed(titles: readonly string[]): string {
  const shown = titles.slice(0, 20).map((title, i) => (title.length > 40 || title.trim() === '' ? `column ${i + 1}` : title.trim()));
  return `Its columns are ${shown.join(', ')}${titles.length > shown.length ? ' …' : ''}`;
}

/** Of the first record, outside of quotes. */
function usedDelimiter(text: string): string {
  const head = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text.slice(0, 2 ** 16))?.[0] ?? '';
  const plain = head.replace(/"(?:[^"]|"")*"/g, '');
  const count = (delimiter: string) => plain.split(delimiter).length - 1;
  return [',', ';', '\t', '|'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** The error in affinage's own words, as the library's message may repeat the text. */
function csvError(error: CsvError, name: string, doubled: number): InputError {
  const facts = error as unknown as { lines?: number; record?: readonly string[] };
  const line = typeof facts.lines === 'number' ? facts.lines - doubled : 0;
  const where = line > 0 ? `line ${line} of ${name}` : name;
  const texts: Partial<Record<CsvError['code'], string>> = {
    CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: `has ${facts.record?.length ?? 'another number of'} fields, and the first record another number. A text that holds the delimiter or a line end must stand in double quotes; --delimiter names another delimiter`,
    CSV_QUOTE_NOT_CLOSED: 'has a double quote that opens a field and is never closed',
    CSV_INVALID_CLOSING_QUOTE:
      'has text behind the double quote that closes a field. Within a quoted field a double quote is written twice',
    CSV_MAX_RECORD_SIZE: 'has a record that is too long. A double quote that is never closed may be the reason',
  };
  return new InputError(`${where} ${texts[error.code] ?? `cannot be read as CSV (${error.code})`}.`, { line }, { cause: error.code });
}
