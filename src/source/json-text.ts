/** JSON from files that cannot be trusted: the depth of nesting is checked before parsing. */

/** No file that a model brings is nested deeper than about ten levels. */
const defaultDepth = 64;

/**
 * Parses UTF-8 JSON. For a file of brackets alone a parser takes 50 times the file's size in memory, so depth is counted first,
 * in one pass over the bytes. Errors: SyntaxError saying what is wrong (not UTF-8, nested too deep, not JSON).
 */
export function parseJsonText(bytes: Uint8Array, mostLevels = defaultDepth): unknown {
  if (depthOf(bytes, mostLevels) > mostLevels) throw new SyntaxError(`it is nested deeper than ${mostLevels} levels`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SyntaxError('it is not UTF-8', { cause });
  }
  return JSON.parse(text);
}

const [quote, backslash] = [0x22, 0x5c];

/** Levels of nesting, counted up to one more than `most`. Brackets inside strings do not count. No byte of a longer UTF-8 character equals a bracket. */
function depthOf(bytes: Uint8Array, most: number): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < bytes.length && deepest <= most; i++) {
    const byte = bytes[i]!;
    if (byte === quote) {
      for (i++; i < bytes.length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++;
    } else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}
