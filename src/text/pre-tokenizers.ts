/** The pre-tokenizers of tokenizer.json that affinage applies. Each turns the pieces of a text into smaller ones. */
import { AlignedBuilder } from './aligned.ts';
import { spend } from './allowance.ts';
import { type Pieces, splitGpt2, toByteLevel } from './byte-level.ts';
import { badKey, boolean, integer, type Json, object, sequence, string, unsupported } from './json.ts';
import { applyMetaspace, readMetaspace } from './metaspace.ts';
import { readPattern } from './normalizers.ts';
import { compileLiteral, type Pattern } from './oniguruma.ts';
import { maskUnassigned, rustWord, setPattern } from './unicode.ts';
import { punctuation } from './unicode-tables.ts';

export type PreTokenizer = (pieces: Pieces) => Pieces;

/** What a step costs of a text's allowance besides its length, and for each piece. */
const stepCost = 100;
const pieceCost = 10;

const known = [
  'Sequence',
  'Split',
  'Whitespace',
  'WhitespaceSplit',
  'BertPreTokenizer',
  'Punctuation',
  'Digits',
  'ByteLevel',
  'Metaspace',
  'CharDelimiterSplit',
  'FixedLength',
];
const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
type Behavior = (typeof behaviors)[number];

const whitespace = oneCharacter(/\p{White_Space}/gu);
/** Punctuation as BERT defines it: that of ASCII, and \p{P} of an older Unicode. */
const punctuationMarks = oneCharacter(setPattern(punctuation));

/** Reads the key `pre_tokenizer`; null means none. */
export function readPreTokenizer(value: unknown, key: string, depth = 0): PreTokenizer {
  if (value === null || value === undefined) return pieces => pieces;
  const json = object(value, key);
  const type = string(json.type, `${key}.type`);
  switch (type) {
    case 'Sequence': {
      const steps = sequence(json.pretokenizers, `${key}.pretokenizers`, depth);
      const all = steps.map((s, i) => readPreTokenizer(s, `${key}.pretokenizers[${i}]`, depth + 1));
      return pieces =>
        all.reduce((p, step, i) => {
          spend(stepCost + p.doc.text.length + p.bounds.length * pieceCost, `${key}.pretokenizers[${i}]`);
          return step(p);
        }, pieces);
    }
    case 'Split': {
      const pattern = readPattern(json.pattern, `${key}.pattern`);
      return split(pattern, readBehavior(json.behavior, `${key}.behavior`), boolean(json.invert, `${key}.invert`, false));
    }
    case 'Whitespace':
      return pieces => cut(pieces, splitWords);
    case 'WhitespaceSplit':
      return split(whitespace, 'Removed', false);
    case 'BertPreTokenizer': {
      const spaces = split(whitespace, 'Removed', false);
      const marks = split(punctuationMarks, 'Isolated', false);
      return pieces => marks(spaces(pieces));
    }
    case 'Punctuation':
      return split(punctuationMarks, json.behavior === undefined ? 'Isolated' : readBehavior(json.behavior, `${key}.behavior`), false);
    case 'Digits': {
      const each = boolean(json.individual_digits, `${key}.individual_digits`, false);
      // Not masked: here the reference uses Rust's own tables, which are newer than Oniguruma's.
      return split(oneCharacter(/\p{N}/gu), each ? 'Isolated' : 'Contiguous', false, false);
    }
    case 'ByteLevel':
      return byteLevel(json, key);
    case 'Metaspace': {
      const metaspace = readMetaspace(json, key);
      return pieces => applyMetaspace(pieces, metaspace);
    }
    case 'CharDelimiterSplit': {
      const delimiter = string(json.delimiter, `${key}.delimiter`);
      if ([...delimiter].length !== 1) throw badKey(`${key}.delimiter`, delimiter, 'one character');
      return split(compileLiteral(delimiter, `${key}.delimiter`), 'Removed', false, false);
    }
    case 'FixedLength': {
      const length = json.length === undefined ? 5 : integer(json.length, `${key}.length`, 1, Number.MAX_SAFE_INTEGER);
      return pieces => cut(pieces, (text, visit) => splitEvery(text, length, visit), false);
    }
    default:
      throw unsupported(key, type, known);
  }
}

function readBehavior(value: unknown, key: string): Behavior {
  const found = behaviors.find(b => b === value);
  if (!found) throw badKey(key, value, behaviors.join(', '));
  return found;
}

/** A class of one character, which the engine finds in one pass. */
function oneCharacter(pattern: RegExp): Pattern {
  return {
    each(text, visit) {
      for (const found of text.matchAll(pattern)) visit(found.index, found.index + found[0].length);
    },
  };
}

type Visit = (start: number, end: number) => void;

/** Cuts each piece on its own: for a pattern, the text begins and ends with the piece. */
function cut({ doc, bounds }: Pieces, splitter: (text: string, visit: Visit) => void, mask = true): Pieces {
  const out: number[] = [];
  const masked = mask ? maskUnassigned(doc.text) : doc.text;
  for (let p = 0; p < bounds.length; p += 2) {
    const from = bounds[p] ?? 0;
    const to = bounds[p + 1] ?? 0;
    splitter(from === 0 && to === masked.length ? masked : masked.slice(from, to), (start, end) => {
      if (start < end) out.push(from + start, from + end);
    });
  }
  return { doc, bounds: out };
}

function split(pattern: Pattern, behavior: Behavior, invert: boolean, mask = true): PreTokenizer {
  const simple = !invert && (behavior === 'Isolated' || behavior === 'Removed');
  const isolated = behavior === 'Isolated';
  return pieces =>
    cut(
      pieces,
      (text, visit) => {
        if (!simple) {
          general(pattern, behavior, invert, text, visit);
          return;
        }
        let last = 0;
        pattern.each(text, (start, end) => {
          visit(last, start);
          if (isolated) visit(start, end);
          last = end;
        });
        visit(last, text.length);
      },
      mask,
    );
}

/** For any behavior: lists the matches and the parts between them, then merges neighbours as the behavior says. */
function general(pattern: Pattern, behavior: Behavior, invert: boolean, text: string, visit: Visit): void {
  const events: { start: number; end: number; match: boolean }[] = [];
  let last = 0;
  pattern.each(text, (start, end) => {
    if (last !== start) events.push({ start: last, end: start, match: invert });
    events.push({ start, end, match: !invert });
    last = end;
  });
  if (last !== text.length) events.push({ start: last, end: text.length, match: invert });
  if (behavior === 'Isolated' || behavior === 'Removed') {
    for (const e of events) if (!(e.match && behavior === 'Removed')) visit(e.start, e.end);
    return;
  }
  const backwards = behavior === 'MergedWithNext';
  if (backwards) events.reverse();
  const merged: { start: number; end: number }[] = [];
  let previous = false;
  for (const e of events) {
    const top = merged.at(-1);
    const joins = behavior === 'Contiguous' ? e.match === previous : e.match && !previous;
    if (joins && top) {
      if (backwards) top.start = e.start;
      else top.end = e.end;
    } else merged.push({ start: e.start, end: e.end });
    previous = e.match;
  }
  if (backwards) merged.reverse();
  for (const m of merged) visit(m.start, m.end);
}

const word = rustWord.source.slice(1, -1);
/** Matches runs in chunks, as an unbounded repetition would overflow the engine's stack on a run of millions. */
const wordRuns = new RegExp(`([${word}]{1,2048})|[^${word}\\p{White_Space}]{1,2048}`, 'gu');

/** `\w+|[^\w\s]+` of Rust's regex crate. */
function splitWords(text: string, visit: Visit): void {
  let start = 0;
  let end = -1;
  let inWord = false;
  for (const found of text.matchAll(wordRuns)) {
    const isWord = found[1] !== undefined;
    if (found.index !== end || isWord !== inWord) {
      if (end > start) visit(start, end);
      start = found.index;
      inWord = isWord;
    }
    end = found.index + found[0].length;
  }
  if (end > start) visit(start, end);
}

/** Cuts pieces of `length` characters; the last one may be shorter. */
function splitEvery(text: string, length: number, visit: Visit): void {
  let start = 0;
  let count = 0;
  for (let i = 0; i < text.length; ) {
    i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
    if (++count % length === 0 || i >= text.length) {
      visit(start, i);
      start = i;
    }
  }
}

function byteLevel(json: Json, key: string): PreTokenizer {
  const prefix = boolean(json.add_prefix_space, `${key}.add_prefix_space`);
  const regex = boolean(json.use_regex, `${key}.use_regex`, true);
  return pieces => {
    const spaced = prefix ? prefixSpaces(pieces) : pieces;
    if (!regex) return toByteLevel(spaced);
    const bounds: number[] = [];
    const { doc } = spaced;
    for (let p = 0; p < spaced.bounds.length; p += 2) {
      splitGpt2(doc.text, spaced.bounds[p] ?? 0, spaced.bounds[p + 1] ?? 0, (start, end) => bounds.push(start, end));
    }
    return toByteLevel({ doc, bounds });
  };
}

/** A piece that does not begin with a space gets one, with the range of its first character. */
function prefixSpaces({ doc, bounds }: Pieces): Pieces {
  const out = new AlignedBuilder(doc);
  const moved: number[] = [];
  let length = 0;
  for (let p = 0; p < bounds.length; p += 2) {
    const from = bounds[p] ?? 0;
    const to = bounds[p + 1] ?? 0;
    const add = doc.text.charCodeAt(from) === 32 ? 0 : 1;
    if (add) out.put(' ', from);
    out.keep(from, to);
    moved.push(length, length + add + to - from);
    length += add + to - from;
  }
  return { doc: out.done(), bounds: moved };
}
