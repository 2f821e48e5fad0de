/** What several pasted lines are: texts of their own, one text with line breaks, or a table. Plain functions on strings. */

/** Lines of a text whatever ends them, trimmed, blank ones left out. */
export const textLines = (text: string): string[] =>
  text
    .split(/\r\n?|\n/)
    .map(line => line.trim())
    .filter(line => line !== '');

export interface Table {
  delimiter: ';' | ',' | '\t' | '|';
  columns: number;
  /** Names of columns on the first line; null where it looks like the others. */
  header: string[] | null;
}

/** Lines put together again where a quoted cell has line breaks of its own; as they are where the quotes do not close. */
export function tableLines(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let open = false;
  for (const line of lines) {
    if (open) joined[joined.length - 1] += `\n${line}`;
    else joined.push(line);
    if ((line.split('"').length - 1) % 2 === 1) open = !open;
  }
  return open ? [...lines] : joined;
}

/** The cells of one column that are not empty, without the header. */
export const columnOf = (lines: readonly string[], { delimiter, header }: Table, column: number): string[] =>
  lines
    .slice(header ? 1 : 0)
    .map(line => cells(line, delimiter)[column] ?? '')
    .filter(cell => cell !== '');

/** Cells of a line: delimiters count outside quotes. */
function cells(line: string, delimiter: string): string[] {
  const found = [''];
  let quoted = false;
  for (const sign of line) {
    if (sign === '"') quoted = !quoted;
    if (sign === delimiter && !quoted) found.push('');
    else found[found.length - 1] += sign;
  }
  return found.map(cell =>
    cell
      .trim()
      .replace(/^"(.*)"$/s, '$1')
      .replaceAll('""', '"')
      .trim(),
  );
}

/** A name of a column: short, with letters, and no sentence. */
const isName = (cell: string): boolean => cell.length > 0 && cell.length <= 40 && /\p{L}/u.test(cell) && !/[.!?]$/.test(cell);

/**
 * The table that these lines look like: nine in ten have the same number of cells as the first. Null for sentences: commas part
 * cells only where the first line is a header, since sentences hold commas too.
 */
export function tableOf(lines: readonly string[]): Table | null {
  if (lines.length < 2) return null;
  const seen = lines.slice(0, 200);
  for (const delimiter of ['\t', ';', '|', ','] as const) {
    const rows = seen.map(line => cells(line, delimiter));
    const columns = rows[0]?.length ?? 1;
    if (columns < 2) continue;
    const alike = rows.filter(row => row.length === columns).length;
    if (alike < Math.max(2, 0.9 * rows.length)) continue;
    const first = rows[0] ?? [];
    const longest = Math.max(
      ...rows
        .slice(1)
        .flat()
        .map(cell => cell.length),
    );
    // Names, each once, over cells of which some are longer or are numbers.
    const isHeader =
      first.every(isName) &&
      new Set(first).size === columns &&
      (longest > 1.5 * Math.max(...first.map(cell => cell.length)) || rows[1]?.some(cell => /^-?[\d.,/: -]+$/.test(cell)) === true);
    if (delimiter === ',' && !isHeader) continue;
    return { delimiter, columns, header: isHeader ? first : null };
  }
  return null;
}
