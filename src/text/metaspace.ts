/** Metaspace: a space is written as a character that can be part of a piece (▁), and a word begins with it. */
import { AlignedBuilder, originalStart } from './aligned.ts';
import type { Pieces } from './byte-level.ts';
import { badKey, boolean, type Json, string } from './json.ts';

const schemes = ['always', 'first', 'never'] as const;
export interface Metaspace {
  /** One code point. */
  readonly replacement: string;
  /** Which pieces get one in front: all, the one at the beginning of the text, none. */
  readonly scheme: (typeof schemes)[number];
  /** Cut before each of them. */
  readonly split: boolean;
}

/** Reads the keys that the pre-tokenizer and the decoder share. */
export function readMetaspace(json: Json, key: string): Metaspace {
  const replacement = string(json.replacement, `${key}.replacement`);
  if ([...replacement].length !== 1) throw badKey(`${key}.replacement`, replacement, 'one character');
  const scheme = schemes.find(s => s === (json.prepend_scheme ?? 'always'));
  if (!scheme) throw badKey(`${key}.prepend_scheme`, json.prepend_scheme, schemes.join(', '));
  // The older key; the reference accepts it only if it agrees with the newer one.
  const prefix = json.add_prefix_space;
  if (prefix === false && scheme !== 'never') throw badKey(`${key}.add_prefix_space`, prefix, `true beside prepend_scheme "${scheme}"`);
  if (prefix !== undefined && prefix !== null) boolean(prefix, `${key}.add_prefix_space`);
  return { replacement, scheme, split: boolean(json.split ?? undefined, `${key}.split`, true) };
}

/** Rewrites each piece and cuts it. A replacement put in front has the range of the first character, one for a space has the space's range. */
export function applyMetaspace({ doc, bounds }: Pieces, { replacement, scheme, split }: Metaspace): Pieces {
  const { text } = doc;
  const out = new AlignedBuilder(doc);
  const moved: number[] = [];
  let length = 0;
  for (let p = 0; p < bounds.length; p += 2) {
    const from = bounds[p] ?? 0;
    const to = bounds[p + 1] ?? 0;
    let start = length;
    const begins = text.startsWith(replacement, from) || text.charCodeAt(from) === 32;
    if (from < to && !begins && (scheme === 'always' || (scheme === 'first' && originalStart(doc, from) === 0))) {
      out.put(replacement, from);
      length += replacement.length;
    }
    let kept = from;
    let next = from;
    while (next < to) {
      const isSpace = text.charCodeAt(next) === 32;
      const isMark = isSpace || text.startsWith(replacement, next);
      if (isMark && split && length + next - kept > start) {
        out.keep(kept, next);
        length += next - kept;
        kept = next;
        moved.push(start, length);
        start = length;
      }
      if (isSpace) {
        out.keep(kept, next);
        length += next - kept + replacement.length;
        out.put(replacement, next);
        kept = next + 1;
      }
      next += isMark && !isSpace ? replacement.length : 1;
    }
    out.keep(kept, to);
    length += to - kept;
    if (length > start) moved.push(start, length);
  }
  return { doc: out.done(), bounds: moved };
}
