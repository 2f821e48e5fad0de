/** Tables as text: CSV and its kin. */
import Papa from 'papaparse';
import type { Doc, PendingTable } from '../state.ts';

/** The comma last: sentences hold commas too, so it must fit more rows than the others. */
const delimiters = [';', '\t', '|', ','];
/** Rows that are looked at to guess, and rows that are shown. */
const SEEN = 50;
const SHOWN = 3;

const rowsOf = (text: string, delimiter: string, preview = 0): string[][] =>
  Papa.parse<string[]>(text, { delimiter, skipEmptyLines: 'greedy', preview }).data;

/** The delimiter with which most rows have as many cells as the first, two at least. */
function guessDelimiter(text: string): string {
  let best = { delimiter: ',', alike: 0 };
  for (const delimiter of delimiters) {
    const rows = rowsOf(text, delimiter, SEEN);
    const columns = rows[0]?.length ?? 1;
    const alike = columns < 2 ? 0 : rows.filter(row => row.length === columns).length / rows.length;
    if (alike > best.alike) best = { delimiter, alike };
  }
  return best.delimiter;
}

/** A name of a column: short, with letters, and no sentence. */
const isName = (cell: string): boolean => cell.length > 0 && cell.length <= 40 && /\p{L}/u.test(cell) && !/[.!?]$/.test(cell);

/** A name that was there before gets a number. */
const distinct = (name: string, i: number, all: readonly string[]): string => (all.indexOf(name) < i ? `${name} (${i + 1})` : name);

/**
 * A table as it is first understood, or with what the reader changed. Null where there is no row. The text is the column with the longest
 * cells, unless `column` says otherwise.
 */
export function tableOf(
  name: string,
  text: string,
  asked: { delimiter?: string; hasHeader?: boolean; column?: number } = {},
): PendingTable | null {
  const delimiter = asked.delimiter ?? guessDelimiter(text);
  const rows = rowsOf(text, delimiter);
  const [first] = rows;
  if (!first) return null;
  const hasHeader =
    asked.hasHeader ?? (rows.length > 1 && first.every(cell => isName(cell.trim())) && new Set(first).size === first.length);
  const body = hasHeader ? rows.slice(1) : rows;
  const columns = rows.slice(0, SEEN).reduce((most, row) => Math.max(most, row.length), 0);
  const header = Array.from({ length: columns }, (_, i) => (hasHeader && first[i]?.trim()) || String(i + 1)).map(distinct);
  const lengths = header.map((_, i) => body.slice(0, SEEN).reduce((sum, row) => sum + (row[i]?.length ?? 0), 0));
  const column = asked.column !== undefined && asked.column < columns ? asked.column : lengths.indexOf(Math.max(...lengths));
  return { name, text, delimiter, hasHeader, header, preview: body.slice(0, SHOWN), rows: body.length, column };
}

/** The table as a document: a part a row that has a text, the other columns beside it. */
export function tableDocument({
  name,
  text,
  delimiter,
  hasHeader,
  header,
  column,
}: PendingTable): Pick<Doc, 'name' | 'kind' | 'header' | 'parts'> {
  const body = rowsOf(text, delimiter).slice(hasHeader ? 1 : 0);
  const others = <T>(cells: readonly T[]): T[] => cells.filter((_, i) => i !== column);
  return {
    name,
    kind: 'table',
    header: others(header),
    parts: body
      .map(row => ({ text: (row[column] ?? '').normalize('NFC').trim(), columns: others(header.map((_, i) => (row[i] ?? '').trim())) }))
      .filter(part => part.text !== ''),
  };
}
