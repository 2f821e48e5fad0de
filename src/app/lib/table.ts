/** Rows as CSV that a spreadsheet opens at once in the user's language. */
import type { Language } from './format.ts';

export type Cell = string | number;

/**
 * RFC 4180 with a byte order mark, so that Excel reads UTF-8. French spreadsheets separate columns by `;` and write decimals
 * with a comma: `fr` does both.
 */
export function toCsv(rows: readonly (readonly Cell[])[], language: Language): string {
  const separator = language === 'fr' ? ';' : ',';
  const cell = (value: Cell): string => {
    if (typeof value === 'number') return language === 'fr' ? String(value).replace('.', ',') : String(value);
    return /["\r\n,;]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  };
  return `\ufeff${rows.map(row => row.map(cell).join(separator)).join('\r\n')}\r\n`;
}
