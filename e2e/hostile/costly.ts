/** Mutations of tokenizer.json that cost much time: patterns of every shape, long chains, many tokens, long tokens. */
import type { Mutation } from './bytes.ts';
import type { Random } from './random.ts';
import { hostilePatterns } from './values.ts';

type Json = Record<string, unknown>;

/** Any pattern of the usual grammar: groups in groups, each repeated. */
function pattern(random: Random, depth = 0): string {
  const atom = () =>
    random.pick(['a', 'b', ' ', '.', '\\w', '\\s', '\\S', '\\d', '\\p{L}', '[a-z]', '[^a]', '\\b', '^', '$', '\\R', '\\X']);
  const part = () => {
    const what = random.below(10);
    const one =
      depth < 4 && what < 5
        ? random.pick([
            `(${pattern(random, depth + 1)})`,
            `(?:${pattern(random, depth + 1)})`,
            `(?=${pattern(random, depth + 1)})`,
            `(?!${pattern(random, depth + 1)})`,
            `(?<=${pattern(random, depth + 1)})`,
            `(?>${pattern(random, depth + 1)})`,
            `(?i:${pattern(random, depth + 1)})`,
          ])
        : atom();
    return one + random.pick(['', '', '*', '+', '?', '*?', '++', '{2,5}', '{1,1000}', '{3}']);
  };
  const branch = () => Array.from({ length: 1 + random.below(3) }, part).join('');
  return Array.from({ length: random.chance(0.3) ? 2 : 1 }, branch).join('|');
}

const anyPattern = (random: Random): string => (random.chance(0.5) ? random.pick(hostilePatterns) : pattern(random));
const split = (random: Random) => ({
  type: 'Split',
  pattern: { Regex: anyPattern(random) },
  behavior: random.pick(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']),
  invert: random.chance(0.3),
});
const replace = (random: Random) => ({
  type: 'Replace',
  pattern: { Regex: anyPattern(random) },
  content: random.pick(['', 'a', 'aa', 'x'.repeat(1000), 'aaaa aaaa']),
});
const many = <T>(random: Random, make: (random: Random) => T): T[] =>
  Array.from({ length: random.pick([1, 2, 20, 500]) }, () => make(random));

const changes: readonly ((json: Json, random: Random) => string)[] = [
  (json, random) => {
    json.pre_tokenizer = split(random);
    return `pre_tokenizer ${JSON.stringify(json.pre_tokenizer)}`;
  },
  (json, random) => {
    json.normalizer = replace(random);
    return `normalizer ${JSON.stringify(json.normalizer)}`;
  },
  (json, random) => {
    json.pre_tokenizer = { type: 'Sequence', pretokenizers: many(random, split) };
    return 'a chain of Split';
  },
  (json, random) => {
    json.normalizer = { type: 'Sequence', normalizers: many(random, replace) };
    return 'a chain of Replace';
  },
  (json, random) => {
    json.normalizer = {
      type: 'Sequence',
      normalizers: many(random, () => ({ type: 'Prepend', prepend: 'x'.repeat(random.pick([1, 100, 10_000])) })),
    };
    return 'a chain of Prepend';
  },
  (json, random) => {
    // Each doubles the text.
    json.normalizer = { type: 'Sequence', normalizers: many(random, () => ({ type: 'Replace', pattern: { String: 'a' }, content: 'aa' })) };
    return 'a chain that doubles the text';
  },
  (json, random) => {
    const inner = json.post_processor;
    json.post_processor = { type: 'Sequence', processors: Array.from({ length: random.pick([2, 500, 20_000]) }, () => inner) };
    return 'a chain of post_processor';
  },
  (json, random) => {
    const count = random.pick([10, 1000, 20_000]);
    json.added_tokens = [
      ...(json.added_tokens as unknown[]),
      ...Array.from({ length: count }, (_, i) => ({
        id: 100_000 + i,
        content: random.chance(0.5) ? 'a'.repeat(1 + (i % 300)) : `t${i}`,
        single_word: random.chance(0.3),
        lstrip: random.chance(0.3),
        rstrip: random.chance(0.3),
        normalized: random.chance(0.5),
        special: false,
      })),
    ];
    return `${count} added tokens`;
  },
  (json, random) => {
    const model = json.model as Json;
    const long = random.pick(['a', '▁', 'é', '##']).repeat(random.pick([1000, 200_000]));
    if (Array.isArray(model.vocab)) model.vocab.push([long, -1], [`${long}a`, random.pick([-1e308, 0, 1e308])]);
    else Object.assign(model.vocab as Json, { [long]: 90_000, [`${long}a`]: 90_001 });
    return 'tokens without end';
  },
  (json, random) => {
    const model = json.model as Json;
    Object.assign(
      model,
      random.pick([
        { max_input_chars_per_word: 1e9 },
        { unk_id: 5 },
        { dropout: 0.5 },
        { byte_fallback: true },
        { fuse_unk: true },
        { continuing_subword_prefix: '' },
        { end_of_word_suffix: 'a' },
        { ignore_merges: true },
      ]),
    );
    return 'a switch of the model';
  },
  (json, random) => {
    const decoders = many(random, () => ({ type: 'Replace', pattern: { Regex: anyPattern(random) }, content: 'aa' }));
    json.decoder = { type: 'Sequence', decoders };
    return 'a chain of decoders';
  },
];

export function makeCostly(bytes: Uint8Array, random: Random): Mutation {
  const json = JSON.parse(new TextDecoder().decode(bytes)) as Json;
  const what = random.pick(changes)(json, random);
  return { what: what.slice(0, 300), bytes: new Uint8Array(new TextEncoder().encode(JSON.stringify(json))), same: false };
}
