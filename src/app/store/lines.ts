/** The lines of a list of texts: what is typed, one field each. */
import type { Line } from '../embed/state.ts';

// The page begins with the lines 0 and 1.
let nextId = 2;

export const line = (text: string): Line => ({ id: nextId++, text });

/** Texts as lines of the list; one empty line where there are none. */
export const linesOf = (texts: readonly string[]): Line[] => (texts.length > 0 ? texts : ['']).map(line);

/** The texts that count, in order: trimmed, empty ones left out. */
export const textsOf = (lines: readonly Line[]): string[] => lines.map(each => each.text.trim()).filter(text => text !== '');
