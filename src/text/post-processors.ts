/** The post-processors of tokenizer.json for a single text: they add special tokens around it and cut white space off the offsets. */
import { TokenizerError } from '../errors.ts';
import { spaceCode } from './byte-level.ts';
import { array, badKey, boolean, integer, type Json, object, sequence, string, unsupported } from './json.ts';
import { isWhitespace } from './unicode.ts';
import { maxId } from './wordpiece.ts';

export interface SpecialToken {
  readonly id: number;
  readonly token: string;
}

/** What happens to one text. `trim`: the trims to run over the offsets, each with its `add_prefix_space`. */
export interface PostProcessor {
  readonly trims: readonly boolean[];
  readonly before: readonly SpecialToken[];
  readonly after: readonly SpecialToken[];
}

const known = ['Sequence', 'RobertaProcessing', 'TemplateProcessing', 'BertProcessing', 'ByteLevel'];
/** Most special tokens around a text. Real files have 2. */
const maxSpecials = 1000;
const nothing: PostProcessor = { trims: [], before: [], after: [] };

/** Reads the key `post_processor`; null means none. */
export function readPostProcessor(value: unknown, key: string, depth = 0): PostProcessor {
  if (value === null || value === undefined) return nothing;
  const json = object(value, key);
  const type = string(json.type, `${key}.type`);
  switch (type) {
    case 'Sequence': {
      const steps = sequence(json.processors, `${key}.processors`, depth).map((s, i) =>
        readPostProcessor(s, `${key}.processors[${i}]`, depth + 1),
      );
      // Each step adds its tokens around those of the earlier steps.
      return bounded(key, {
        trims: steps.flatMap(step => step.trims),
        before: steps.toReversed().flatMap(step => step.before),
        after: steps.flatMap(step => step.after),
      });
    }
    case 'ByteLevel':
      return { ...nothing, trims: trims(json, key) };
    case 'RobertaProcessing':
      return { trims: trims(json, key), before: [pair(json.cls, `${key}.cls`)], after: [pair(json.sep, `${key}.sep`)] };
    case 'BertProcessing':
      return { trims: [], before: [pair(json.cls, `${key}.cls`)], after: [pair(json.sep, `${key}.sep`)] };
    case 'TemplateProcessing':
      return template(json, key);
    default:
      throw unsupported(key, type, known);
  }
}

function bounded(key: string, post: PostProcessor): PostProcessor {
  const count = post.before.length + post.after.length;
  if (count > maxSpecials) {
    throw new TokenizerError(`tokenizer.json: ${key} adds ${count} special tokens to a text; at most ${maxSpecials} are taken.`, { key });
  }
  return post;
}

function trims(json: Json, key: string): boolean[] {
  const prefix = boolean(json.add_prefix_space, `${key}.add_prefix_space`, true);
  return boolean(json.trim_offsets, `${key}.trim_offsets`, true) ? [prefix] : [];
}

/** `["[CLS]", 1]` */
function pair(value: unknown, key: string): SpecialToken {
  const list = array(value, key);
  if (list.length !== 2) throw badKey(key, value, 'a token and its id');
  return { token: string(list[0], `${key}[0]`), id: integer(list[1], `${key}[1]`, 0, maxId) };
}

function template(json: Json, key: string): PostProcessor {
  const specials = object(json.special_tokens, `${key}.special_tokens`);
  const before: SpecialToken[] = [];
  const after: SpecialToken[] = [];
  let texts = 0;
  array(json.single, `${key}.single`).forEach((piece, i) => {
    const at = `${key}.single[${i}]`;
    const item = object(piece, at);
    if (item.Sequence !== undefined) {
      if (object(item.Sequence, `${at}.Sequence`).id !== 'A') throw badKey(`${at}.Sequence.id`, item.Sequence, '"A"');
      texts++;
      return;
    }
    const id = string(object(item.SpecialToken, `${at}.SpecialToken`).id, `${at}.SpecialToken.id`);
    if (!Object.hasOwn(specials, id)) throw badKey(`${at}.SpecialToken.id`, id, 'one of special_tokens');
    const where = `${key}.special_tokens[${id.slice(0, 40)}]`;
    const special = object(specials[id], where);
    const ids = array(special.ids, `${where}.ids`);
    const tokens = array(special.tokens, `${where}.tokens`);
    if (ids.length !== tokens.length) throw badKey(`${where}.tokens`, tokens, `as many as ids (${ids.length})`);
    ids.forEach((n, j) => {
      const token = { id: integer(n, `${where}.ids[${j}]`, 0, maxId), token: string(tokens[j], `${where}.tokens[${j}]`) };
      (texts === 0 ? before : after).push(token);
    });
  });
  if (texts !== 1)
    throw new TokenizerError(`tokenizer.json: ${key}.single must hold the text $A exactly once, it does ${texts} times.`, { key });
  return bounded(key, { trims: [], before, after });
}

/**
 * Cuts white space at the ends of a token off its range. White space is counted in characters of the token, ranges in UTF-16 units of
 * `text`, so each counted character moves the range by one code point. `first`: the token is the first of the text; the space that
 * `add_prefix_space` put there is not in the text and is therefore not cut off.
 */
export function trimOffset(text: string, token: string, range: [number, number], first: boolean, prefix: boolean): void {
  let leading = 0;
  while (leading < token.length && blank(token.charCodeAt(leading))) leading++;
  let trailing = 0;
  while (trailing < token.length && blank(token.charCodeAt(token.length - 1 - trailing))) trailing++;
  if (leading === 1 && prefix && (first || range[0] === 0)) leading = 0;
  while (leading-- > 0 && range[0] < range[1]) range[0] += (text.codePointAt(range[0]) ?? 0) > 0xffff ? 2 : 1;
  if (trailing > 0 && before(text, range[1], trailing)) {
    while (trailing-- > 0 && range[1] > range[0]) range[1] -= isLow(text, range[1] - 1) ? 2 : 1;
  }
}

/** Whether at least `count` code points precede unit `end`. */
function before(text: string, end: number, count: number): boolean {
  let seen = 0;
  for (let i = end - 1; i >= 0 && seen < count; i--) if (!isLow(text, i)) seen++;
  return seen >= count;
}

function isLow(text: string, i: number): boolean {
  const unit = text.charCodeAt(i);
  return unit >= 0xdc00 && unit < 0xe000;
}

function blank(code: number): boolean {
  return code === spaceCode || isWhitespace(code);
}
