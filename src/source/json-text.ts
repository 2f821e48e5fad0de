/** JSON in files that nobody vouches for: how deep it may be nested is checked before it is parsed. */

/** No file that a model brings is nested deeper than about ten levels. */
const defaultDepth = 64;

/**
 * Parses UTF-8 JSON. A parser takes 50 times the size of a file that is nothing but brackets, so depth is counted first,
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

/** Levels of nesting, counted up to one more than `most`. Brackets in strings do not count; UTF-8's other bytes are no brackets. */
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
