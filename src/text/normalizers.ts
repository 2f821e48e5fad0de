/** The normalizers of tokenizer.json that affinage applies, each with Hugging Face's offset rules. */
import { type Aligned, AlignedBuilder } from './aligned.ts';
import { spend } from './allowance.ts';
import { toByteLevel } from './byte-level.ts';
import { boolean, type Json, object, sequence, string, unsupported } from './json.ts';
import { normalForm } from './normal-forms.ts';
import { compileLiteral, compilePattern, type Pattern } from './oniguruma.ts';
import { readCharsmap } from './precompiled.ts';
import { isWhitespace, maskUnassigned, setPattern } from './unicode.ts';
import { bertControls, bertSpaces, combiningMarks, nonspacingMarks } from './unicode-tables.ts';

export type Normalizer = (doc: Aligned) => Aligned;

/** What a step costs of a text's allowance besides its length. */
const stepCost = 100;

const known = [
  'Sequence',
  'Replace',
  'NFC',
  'NFD',
  'NFKC',
  'NFKD',
  'Lowercase',
  'StripAccents',
  'Strip',
  'Prepend',
  'BertNormalizer',
  'Nmt',
  'ByteLevel',
  'Precompiled',
];

/** Reads the key `normalizer`; null means none. `depth` stops a file that nests without end. */
export function readNormalizer(value: unknown, key: string, depth = 0): Normalizer {
  if (value === null || value === undefined) return doc => doc;
  const json = object(value, key);
  const type = string(json.type, `${key}.type`);
  switch (type) {
    case 'Sequence': {
      const steps = sequence(json.normalizers, `${key}.normalizers`, depth).map((n, i) =>
        readNormalizer(n, `${key}.normalizers[${i}]`, depth + 1),
      );
      return doc =>
        steps.reduce((d, step, i) => {
          // A normalizer rewrites the text and its alignment, which costs about eight steps for each unit.
          spend(stepCost + 8 * d.text.length, `${key}.normalizers[${i}]`);
          return step(d);
        }, doc);
    }
    case 'Replace': {
      const pattern = readPattern(json.pattern, `${key}.pattern`);
      const content = string(json.content, `${key}.content`);
      return doc => replace(doc, pattern, content);
    }
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return doc => normalForm(doc, type);
    case 'Lowercase':
      return lowercase;
    case 'StripAccents': {
      const marks = setPattern(combiningMarks);
      return doc => mapChars(doc, marks, () => '');
    }
    case 'Strip': {
      const left = boolean(json.strip_left, `${key}.strip_left`);
      const right = boolean(json.strip_right, `${key}.strip_right`);
      return doc => strip(doc, left, right);
    }
    case 'Prepend': {
      const text = string(json.prepend, `${key}.prepend`);
      return doc => prepend(doc, text);
    }
    case 'BertNormalizer':
      return bert(json, key);
    case 'Nmt':
      return doc =>
        mapChars(
          mapChars(doc, nmtControls, () => ''),
          nmtSpaces,
          () => ' ',
        );
    case 'ByteLevel':
      return doc => toByteLevel({ doc, bounds: [0, doc.text.length] }).doc;
    case 'Precompiled': {
      const charsmap = readCharsmap(string(json.precompiled_charsmap, `${key}.precompiled_charsmap`), `${key}.precompiled_charsmap`);
      return doc => charsmap.apply(doc);
    }
    default:
      throw unsupported(key, type, known);
  }
}

/** `{"Regex": …}` or `{"String": …}`. */
export function readPattern(value: unknown, key: string): Pattern {
  const json = object(value, key);
  if (json.Regex !== undefined) return compilePattern(string(json.Regex, `${key}.Regex`), `${key}.Regex`);
  return compileLiteral(string(json.String, `${key}.String`), `${key}.String`);
}

/** The replacement of a match has the range of the match's last character. */
function replace(doc: Aligned, pattern: Pattern, content: string): Aligned {
  let out: AlignedBuilder | null = null;
  let kept = 0;
  pattern.each(maskUnassigned(doc.text), (start, end) => {
    out ??= new AlignedBuilder(doc);
    out.keep(kept, start);
    out.insert(content, end);
    kept = end;
  });
  return finish(doc, out, kept);
}

function finish(doc: Aligned, out: AlignedBuilder | null, kept: number): Aligned {
  if (!out) return doc;
  out.keep(kept, doc.text.length);
  return out.done();
}

/** Maps each match of a one-character pattern to other text; '' drops it. */
function mapChars(doc: Aligned, pattern: RegExp, map: (char: string) => string): Aligned {
  let out: AlignedBuilder | null = null;
  let kept = 0;
  for (const found of doc.text.matchAll(pattern)) {
    const to = map(found[0]);
    if (to === found[0]) continue;
    out ??= new AlignedBuilder(doc);
    out.keep(kept, found.index);
    out.put(to, found.index);
    kept = found.index + found[0].length;
  }
  return finish(doc, out, kept);
}

/** Character by character, without the final sigma, as Rust's `char::to_lowercase`. */
function lowercase(doc: Aligned): Aligned {
  return mapChars(doc, /\p{Changes_When_Lowercased}/gu, char => char.toLowerCase());
}

function strip(doc: Aligned, left: boolean, right: boolean): Aligned {
  const { text } = doc;
  let from = 0;
  let to = text.length;
  if (left) while (from < to && isWhitespace(text.charCodeAt(from))) from++;
  if (right) while (to > from && isWhitespace(text.charCodeAt(to - 1))) to--;
  if (from === 0 && to === text.length) return doc;
  const out = new AlignedBuilder(doc);
  out.keep(from, to);
  return out.done();
}

/** Puts `prefix` before the text; it has the range of the first character. */
export function prepend(doc: Aligned, prefix: string): Aligned {
  if (doc.text === '' || prefix === '') return doc;
  const out = new AlignedBuilder(doc);
  out.put(prefix, 0);
  out.keep(0, doc.text.length);
  return out.done();
}

/** What Google's NMT normalisation removes, and what it makes a space. */
const nmtControls = setPattern('1 7 2 0 2 h 2n 0 f 0 f 0');
const nmtSpaces = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/gu;

const chinese =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function bert(json: Json, key: string): Normalizer {
  const clean = boolean(json.clean_text, `${key}.clean_text`, true);
  const spaces = boolean(json.handle_chinese_chars, `${key}.handle_chinese_chars`, true);
  const lower = boolean(json.lowercase, `${key}.lowercase`, true);
  const accents =
    json.strip_accents === null || json.strip_accents === undefined ? lower : boolean(json.strip_accents, `${key}.strip_accents`);
  const controls = setPattern(bertControls);
  const blanks = setPattern(bertSpaces);
  const marks = setPattern(nonspacingMarks);
  return doc => {
    let d = doc;
    if (clean) {
      d = mapChars(d, controls, () => '');
      d = mapChars(d, blanks, () => ' ');
    }
    // The spaces have the range of the character between them.
    if (spaces) d = mapChars(d, chinese, char => ` ${char} `);
    if (accents) d = mapChars(normalForm(d, 'NFD'), marks, () => '');
    return lower ? lowercase(d) : d;
  };
}
