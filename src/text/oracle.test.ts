/**
 * The tokenizer against Hugging Face's Rust `tokenizers`, by the answers that oracle/tokenizer_cases.py wrote.
 * By hand, against a real tokenizer: AFFINAGE_TOKENIZER_DIR=folder with tokenizer.json and golden.jsonl;
 * AFFINAGE_TOKENIZER_FUZZ=file of `tokenizer_cases.py --fuzz`, with the tokenizer.json of that folder.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { splice } from './masks.ts';
import { Tokenizer } from './tokenizer.ts';

interface Case {
  text: string;
  ids: number[];
  tokens: string[];
  offsets: [number, number][];
  decode: string;
}

interface Component {
  name: string;
  normalizer: unknown;
  pre_tokenizer: unknown;
  added_tokens: unknown;
  chars: string;
  cases: Pick<Case, 'text' | 'tokens' | 'offsets'>[];
}

const fixtures = new URL('../../oracle/fixtures/tokenizer/', import.meta.url);
const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, fixtures), 'utf8')) as T;

/** Offsets in code points, as Python counts, to UTF-16 units. */
function toUtf16(text: string, offsets: readonly (readonly [number, number])[]): [number, number][] {
  const units = [0];
  let at = 0;
  for (const char of text) {
    at += char.length;
    units.push(at);
  }
  return offsets.map(([a, b]) => [units[a] ?? Number.NaN, units[b] ?? Number.NaN]);
}

/** What differs between our answer and the reference's; empty when equal. */
function differences(tokenizer: Tokenizer, expected: Case): string[] {
  const got = tokenizer.encode(expected.text);
  const pairs: [string, unknown, unknown][] = [
    ['ids', got.ids, expected.ids],
    ['tokens', got.tokens, expected.tokens],
    ['offsets', got.offsets, toUtf16(expected.text, expected.offsets)],
    ['decode', tokenizer.decode(expected.ids), expected.decode],
  ];
  return pairs.flatMap(([name, ours, theirs]) => {
    const [a, b] = [JSON.stringify(ours), JSON.stringify(theirs)];
    return a === b ? [] : [`${JSON.stringify(expected.text)} ${name}: ${a} instead of ${b}`];
  });
}

describe.each(['wordpiece', 'bytelevel'])('%s tokenizer', name => {
  const tokenizer = Tokenizer.fromFiles({ tokenizerJson: read(`${name}.tokenizer.json`) });
  const { cases } = read<{ cases: Case[] }>(`${name}.cases.json`);

  it('has the cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(300);
  });

  it('gives the ids, tokens, offsets and decoded texts of the reference', () => {
    expect(cases.flatMap(c => differences(tokenizer, c))).toEqual([]);
  });
});

describe('single components', () => {
  const specials = ['[PAD]', '[CLS]', '[SEP]', '[UNK]', '[MASK]'];
  it.each(read<{ components: Component[] }>('components.cases.json').components)('$name', component => {
    const chars = [...component.chars];
    const vocab = [...specials, ...chars, ...chars.map(c => `##${c}`)];
    const tokenizer = Tokenizer.fromFiles({
      tokenizerJson: {
        version: '1.0',
        added_tokens: component.added_tokens,
        normalizer: component.normalizer,
        pre_tokenizer: component.pre_tokenizer,
        post_processor: { type: 'RobertaProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2], trim_offsets: true, add_prefix_space: true },
        decoder: null,
        model: {
          type: 'WordPiece',
          unk_token: '[UNK]',
          continuing_subword_prefix: '##',
          max_input_chars_per_word: 100,
          vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
        },
      },
    });
    const wrong = component.cases.flatMap(c => {
      const { tokens, offsets } = tokenizer.encode(c.text);
      const [ours, theirs] = [JSON.stringify([tokens, offsets]), JSON.stringify([c.tokens, toUtf16(c.text, c.offsets)])];
      return ours === theirs ? [] : [`${JSON.stringify(c.text)}: ${ours} instead of ${theirs}`];
    });
    expect(wrong).toEqual([]);
  });
});

interface Kind {
  name: string;
  spec: unknown;
  cases: Case[];
  single: [number, string][];
}

describe('kinds of tokenizers', () => {
  it.each(read<{ kinds: Kind[] }>('kinds.cases.json').kinds)('$name', ({ spec, cases, single }) => {
    const tokenizer = Tokenizer.fromFiles({ tokenizerJson: spec });
    expect(cases.flatMap(c => differences(tokenizer, c))).toEqual([]);
    expect(single.filter(([id, text]) => tokenizer.tokenString(id) !== text).map(([id]) => [id, tokenizer.tokenString(id)])).toEqual([]);
  });
});

/** A filled text is what the pipeline of transformers shows, which decodes all ids; a space that stands twice there stands once here. */
describe('filled texts of vocabularies with ▁', () => {
  const { kinds } = read<{ kinds: Kind[] }>('kinds.cases.json');
  it.each(kinds.filter(k => ['gemma', 'llama', 'unigram', 'xlm-r', 'first'].includes(k.name)))('$name', ({ spec }) => {
    const tokenizer = Tokenizer.fromFiles({ tokenizerJson: spec });
    const tokens = Array.from({ length: tokenizer.idLimit }, (_, id) => id).filter(id =>
      /^▁?(?!mg$)[a-z,.-]{1,9}$/.test(tokenizer.idToToken(id) ?? ''),
    );
    const starts = tokens.filter(id => tokenizer.idToToken(id)?.startsWith('▁'));
    expect(Math.min(starts.length, tokens.length - starts.length)).toBeGreaterThan(8);
    const once = (text: string) => text.replace(/ {2,}/g, ' ').trim();
    for (const text of ['le patient <mask> une douleur.', '<mask> patient', 'une <mask>', 'patient<mask>']) {
      const at = text.indexOf('<mask>');
      const { ids } = tokenizer.encode(text);
      const shown = (id: number) => once(tokenizer.decode(ids.map(i => (i === tokenizer.maskId ? id : i))));
      const ours = (id: number) =>
        once(splice(text, { start: at, end: at + 6 }, tokenizer.textWithin(id), tokenizer.isContinuation(id), tokenizer.continuingPrefix));
      expect(tokens.map(ours)).toEqual(tokens.map(shown));
    }
  });
});

const folder = process.env.AFFINAGE_TOKENIZER_DIR;

describe.skipIf(!folder)('a real tokenizer', () => {
  const open = () => Tokenizer.fromFiles({ tokenizerJson: JSON.parse(readFileSync(join(folder ?? '', 'tokenizer.json'), 'utf8')) });

  it.skipIf(!existsSync(join(folder ?? '', 'golden.jsonl')))('gives the golden answers', () => {
    const lines = readFileSync(join(folder ?? '', 'golden.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const tokenizer = open();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.flatMap(line => differences(tokenizer, JSON.parse(line) as Case))).toEqual([]);
  });

  it.skipIf(!process.env.AFFINAGE_TOKENIZER_FUZZ)(
    'gives the answers of the reference to random texts',
    async () => {
      const tokenizer = open();
      let count = 0;
      const wrong: string[] = [];
      for await (const line of createInterface({ input: createReadStream(process.env.AFFINAGE_TOKENIZER_FUZZ ?? '') })) {
        wrong.push(...differences(tokenizer, JSON.parse(line) as Case));
        count++;
      }
      console.log(`${count} texts compared, ${wrong.length} differences`);
      expect(wrong.slice(0, 20)).toEqual([]);
    },
    600_000,
  );
});
