/** The user's text as a literal of a language. What stands between the quotes can end neither the literal nor the line that it stands in. */

/** A string of JavaScript. JSON escapes quotes, backslashes, line ends and halves of a surrogate pair; JavaScript reads all of JSON. */
export const inJavaScript = (text: string): string => JSON.stringify(text);

/** A string of Python. Every escape that JSON writes means the same there. */
export const inPython = (text: string): string => JSON.stringify(text);

/** One word of a POSIX shell. Within single quotes only the single quote means something; a shell has no word with NUL in it. */
export const inShell = (text: string): string => `'${text.replaceAll('\0', '\ufffd').replaceAll("'", "'\\''")}'`;

/** As few quotes as the text allows: names of files and models read better bare. */
export const shellName = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-') ? text : inShell(text));

/** A list of strings as JavaScript and Python write it: on one line where it is short, else a line each. */
export function listOf(items: readonly string[]): string {
  const flat = `[${items.join(', ')}]`;
  return flat.length <= 80 ? flat : `[\n${items.map(item => `  ${item},\n`).join('')}]`;
}
