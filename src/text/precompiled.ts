/**
 * The normalizer `Precompiled`: the compiled rules of SentencePiece (`nmt_nfkc` and its like), applied as Hugging Face's
 * library does. The bytes are: u32 length of the trie in bytes, the trie as u32 words, then the replacements, each ended
 * by a zero byte; a value of the trie is a place in them. The trie is a double array (Darts): the low byte of a word is
 * its label, bit 8 says that a value stands at the offset, bits 10 and up are the offset, shifted by 8 more where bit 9 is set.
 *
 * Two peculiarities of the library are copied, because ids depend on them. A cluster of fewer than 6 bytes is looked up as a whole first,
 * then character by character. And if several rules match the beginning of a string, the shortest is used and the rest of the string is dropped.
 */
import { TokenizerError } from '../errors.ts';
import { type Aligned, AlignedBuilder } from './aligned.ts';
import { clusterEnd } from './graphemes.ts';
import { countCodePoints } from './unicode.ts';
import { encodeChar } from './utf8.ts';

/** Longest replacement taken, in bytes; the longest of Unicode (U+FDFA) has 33. */
const maxReplacement = 1024;
/** A cluster of this many bytes or more is not looked up whole. */
const clusterBytes = 6;

/** Reads the base64 text of the file. Throws TokenizerError where it is none, or where the parts do not fit. */
export function readCharsmap(base64: string, key: string): Charsmap {
  const bytes = fromBase64(base64);
  const size = bytes && bytes.length >= 4 ? new DataView(bytes.buffer).getUint32(0, true) >> 2 : 0;
  if (!bytes || size < 1 || 4 + 4 * size > bytes.length) throw damaged(key);
  const view = new DataView(bytes.buffer);
  const trie = Uint32Array.from({ length: size }, (_, i) => view.getUint32(4 + 4 * i, true));
  const replacements = bytes.subarray(4 + 4 * size);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(replacements);
  } catch {
    throw damaged(key);
  }
  return new Charsmap(trie, replacements, key);
}

function damaged(key: string): TokenizerError {
  return new TokenizerError(`tokenizer.json: ${key} holds no compiled rules of SentencePiece. Fetch the file again or use another model.`, {
    key,
  });
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  try {
    return Uint8Array.from(atob(text), char => char.charCodeAt(0));
  } catch {
    return null;
  }
}

export class Charsmap {
  readonly #trie: Uint32Array;
  readonly #replacements: Uint8Array;
  readonly #key: string;
  /** What a character alone becomes; null where no rule begins it. */
  readonly #single = new Map<string, string | null>();

  constructor(trie: Uint32Array, replacements: Uint8Array, key: string) {
    this.#trie = trie;
    this.#replacements = replacements;
    this.#key = key;
  }

  /** Linear in the text. Throws TokenizerError where the text meets a part of the rules that is damaged. */
  apply(doc: Aligned): Aligned {
    const writer = new Writer(doc);
    const { text } = doc;
    for (let at = 0; at < text.length; ) {
      const end = clusterEnd(text, at);
      const several = end > at + width(text, at);
      const whole = several ? this.#cluster(text.slice(at, end)) : null;
      if (whole !== null) {
        writer.replace(at, end, whole);
        at = end;
      }
      while (at < end) {
        const next = at + width(text, at);
        const by = this.#character(text.slice(at, next));
        if (by !== null) writer.replace(at, next, by);
        at = next;
      }
    }
    return writer.done();
  }

  #cluster(cluster: string): string | null {
    if (cluster.length >= clusterBytes) return null;
    const bytes = [...cluster].flatMap(char => encodeChar(char, 0));
    return bytes.length < clusterBytes ? this.#look(bytes) : null;
  }

  #character(char: string): string | null {
    let to = this.#single.get(char);
    if (to === undefined) {
      to = this.#look(encodeChar(char, 0));
      if (this.#single.size < 65_536) this.#single.set(char, to);
    }
    return to;
  }

  /** The replacement by the shortest rule that matches the beginning of these bytes, or null. */
  #look(bytes: readonly number[]): string | null {
    let node = offset(this.#word(0));
    for (const byte of bytes) {
      if (byte === 0) return null;
      node ^= byte;
      const word = this.#word(node);
      if ((word & 0x800000ff) >>> 0 !== byte) return null;
      node ^= offset(word);
      if ((word >>> 8) & 1) return this.#replacement(this.#word(node) & 0x7fffffff);
    }
    return null;
  }

  #word(node: number): number {
    const word = this.#trie[node];
    if (word === undefined) throw damaged(this.#key);
    return word;
  }

  #replacement(from: number): string {
    if (from > this.#replacements.length) throw damaged(this.#key);
    const limit = Math.min(this.#replacements.length, from + maxReplacement + 1);
    let to = from;
    while (to < limit && this.#replacements[to] !== 0) to++;
    if (to - from > maxReplacement) throw damaged(this.#key);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#replacements.subarray(from, to));
    } catch {
      throw damaged(this.#key);
    }
  }
}

/**
 * Writes the new text with the reference's positions: the first character of a replacement has the position of the first replaced one,
 * the others that of the last; a removed character is added to the range of the character before it. At the beginning of a text there is
 * none: the reference then loses the removed characters, and all later positions are off by their number.
 */
class Writer {
  readonly #doc: Aligned;
  #out: AlignedBuilder | null = null;
  /** Units of the old text that are written. */
  #done = 0;
  /** The unit of the old text whose position the next character gets: `#done` minus the error described above. */
  #place = 0;
  /** A character without a position, held back because a character removed behind it would give it one. */
  #held = '';

  constructor(doc: Aligned) {
    this.#doc = doc;
  }

  replace(from: number, to: number, by: string): void {
    this.#out ??= new AlignedBuilder(this.#doc);
    this.#keep(from);
    const count = countCodePoints(this.#doc.text.slice(from, to));
    this.#done = to;
    if (by === '') {
      const nothingYet = this.#place === 0 && this.#held === '';
      if (this.#held !== '') this.#out.put(this.#held, this.#place);
      this.#held = '';
      if (!nothingYet) this.#advance(count);
      return;
    }
    this.#release();
    const chars = [...by];
    this.#out.put(chars[0] ?? '', this.#place);
    this.#advance(count);
    if (chars.length > 1) this.#held = chars.pop() ?? '';
    this.#out.insert(chars.slice(1).join(''), this.#place);
  }

  done(): Aligned {
    if (!this.#out) return this.#doc;
    this.#keep(this.#doc.text.length);
    this.#release();
    return this.#out.done();
  }

  #keep(to: number): void {
    if (this.#done >= to) return;
    this.#release();
    const { text } = this.#doc;
    if (this.#place === this.#done) {
      this.#out?.keep(this.#done, to);
      this.#place = to;
    } else {
      for (let at = this.#done; at < to; at += width(text, at)) {
        this.#out?.put(text.slice(at, at + width(text, at)), this.#place);
        this.#advance(1);
      }
    }
    this.#done = to;
  }

  #release(): void {
    this.#out?.insert(this.#held, this.#place);
    this.#held = '';
  }

  #advance(count: number): void {
    for (let n = 0; n < count; n++) this.#place += width(this.#doc.text, this.#place);
  }
}

/** Up to 2^30 in a 64-bit word of the library; here a number that no trie is as long as. */
function offset(word: number): number {
  const base = word >>> 10;
  return word & 0x200 ? base * 256 : base;
}

function width(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
