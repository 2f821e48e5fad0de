/** Formats numbers and texts for the terminal and for JSON. */

/**
 * Text that is safe in a terminal, also as part of JSON: characters that could move the cursor, change colours or reverse the reading order
 * (C0, DEL, C1, bidirectional overrides and isolates) is shown as `\\u001b`, which in JSON means the same character. Line ends and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(hidden, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is there to find them
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text from a file or a host for use in a line or a table: on one line, control characters shown as escapes. */
export function printable(text: string): string {
  return visible(text.replace(/[\r\n\t\u2028\u2029]+/g, ' '));
}

/** A probability as `45.2 %`; small ones keep their first digits. */
export function percent(score: number): string {
  const value = score * 100;
  if (value === 0 || value >= 0.1) return `${value.toFixed(1)} %`;
  return value >= 0.001 ? `${value.toFixed(3)} %` : `${value.toExponential(0)} %`;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `width` cells for a share of 0 to 1. */
export function bar(share: number, width: number): string {
  const cells = Math.max(0, Math.min(1, share)) * width;
  const full = Math.floor(cells);
  const rest = eighths[Math.floor((cells - full) * 8)] ?? '';
  return ('█'.repeat(full) + rest).padEnd(width);
}

export interface Column {
  align?: 'right';
}

/** Rows of cells in columns of equal width, two spaces apart. */
export function table(rows: readonly (readonly string[])[], columns: readonly Column[] = []): string {
  const count = Math.max(0, ...rows.map(row => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (columns[i]?.align === 'right' ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ');
  return rows.map(row => `  ${line(row).trimEnd()}\n`).join('');
}

/** A vector as JSON, in few digits that still give back the very same f32. What is not finite becomes null, as in all JSON. */
export function vectorJson(vector: Float32Array): string {
  const parts: string[] = [];
  for (const value of vector) parts.push(f32Json(value));
  return `[${parts.join(',')}]`;
}

function f32Json(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  for (const digits of [7, 8]) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9))); // always enough for an f32
}

export function bytes(count: number): string {
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} kB`;
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(2)} GB`;
}
