import { readFileSync } from 'node:fs';
import { Tokenizer as Peer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, TokenizerError } from '../errors.ts';
import { Tokenizer } from './tokenizer.ts';

const read = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../oracle/fixtures/tokenizer/${name}.tokenizer.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >;
const wordpieceJson = read('wordpiece');
const bytelevelJson = read('bytelevel');
const wordpiece = Tokenizer.fromFiles({ tokenizerJson: wordpieceJson });
const bytelevel = Tokenizer.fromFiles({ tokenizerJson: bytelevelJson });

/** A copy of a file with one key changed. */
function changed(json: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(json);
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path.at(-1) ?? ''] = value;
  return copy;
}

describe('special tokens and the vocabulary', () => {
  it('knows its special tokens', () => {
    const { padId, clsId, sepId, unkId, maskId, maskToken, hasMask, specialTokensCount } = wordpiece;
    expect([padId, clsId, sepId, unkId, maskId, maskToken, hasMask, specialTokensCount]).toEqual([0, 1, 2, 3, 4, '[MASK]', true, 2]);
    expect(bytelevel.maskId).toBe(bytelevel.tokenToId('[MASK]'));
    expect(wordpiece.isSpecial(4)).toBe(true);
    expect(wordpiece.isSpecial(20)).toBe(false);
    expect(bytelevel.isSpecial(bytelevel.tokenToId('|||ADRESSE|||') ?? -1)).toBe(false);
  });

  it('takes names and flags from tokenizer_config.json', () => {
    const mask = { content: '[MASK]', lstrip: true, rstrip: false, single_word: false, normalized: false, special: true };
    const config = { mask_token: '[MASK]', cls_token: { content: '[SEP]' }, added_tokens_decoder: { 4: mask } };
    const tokenizer = Tokenizer.fromFiles({ tokenizerJson: wordpieceJson, tokenizerConfig: config });
    expect(tokenizer.clsId).toBe(2);
    // As transformers: the mask takes the spaces before it.
    expect(tokenizer.encode('le  [MASK]').ids).toEqual(wordpiece.encode('le[MASK]').ids);
    expect(wordpiece.encode('le  [MASK]').tokens).toContain('  ');
    expect(tokenizer.encode('le  [MASK]').offsets.at(-2)).toEqual([4, 10]);
  });

  it('has no mask when the files name none', () => {
    const json = { version: '1.0', model: { type: 'BPE', vocab: { a: 0 }, merges: [] } };
    const tokenizer = Tokenizer.fromFiles({ tokenizerJson: json });
    expect(tokenizer.hasMask).toBe(false);
    expect(() => tokenizer.maskId).toThrow(TokenizerError);
    // Nor need it have an unknown token: a byte-level vocabulary spells every text.
    expect(tokenizer.unkId).toBeUndefined();
  });

  it('tells continuing pieces and their text', () => {
    const piece = wordpiece.tokenToId('##e') ?? -1;
    expect([wordpiece.isContinuation(piece), wordpiece.tokenString(piece)]).toEqual([true, '##e']);
    expect(wordpiece.isContinuation(wordpiece.tokenToId('le') ?? -1)).toBe(false);
    const spaced = bytelevel.tokenToId('Ġla') ?? -1;
    expect([bytelevel.isContinuation(spaced), bytelevel.tokenString(spaced)]).toEqual([false, ' la']);
    expect(bytelevel.isContinuation(bytelevel.tokenToId('e') ?? -1)).toBe(true);
  });

  it('refuses a text with a token that the model has no row for, and only that', () => {
    const tokenizer = Tokenizer.fromFiles({ tokenizerJson: wordpieceJson });
    const last = wordpiece.idLimit - 1;
    const word = wordpiece.idToToken(last)?.replace('##', 'le') ?? '';
    tokenizer.limitTo(last);
    expect(tokenizer.encode('Le patient').ids).toEqual(wordpiece.encode('Le patient').ids);
    expect(() => tokenizer.checkRow(last)).toThrow(InputError);
    expect(wordpiece.encode(word).ids).toContain(last);
    expect(() => tokenizer.encode(word)).toThrow(new RegExp(`has id ${last}, but the model's table has ${last} rows`));
  });

  it('gives ids and tokens both ways', () => {
    for (let id = 0; id < wordpiece.idLimit; id++) expect(wordpiece.tokenToId(wordpiece.idToToken(id) ?? '')).toBe(id);
    expect(wordpiece.vocabSize).toBe(wordpiece.idLimit);
    expect([wordpiece.idToToken(-1), wordpiece.idToToken(1e9), wordpiece.tokenToId('__proto__')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(wordpiece.decode([1e9, 4])).toBe('');
  });
});

describe('encode', () => {
  it('cuts from the right and keeps the special tokens', () => {
    const full = wordpiece.encode('La douleur du patient');
    const short = wordpiece.encode('La douleur du patient', { maxTokens: 4 });
    expect(short.ids).toEqual([1, ...full.ids.slice(1, 3), 2]);
    expect(short).toEqual(wordpiece.truncate(full, 4));
    expect(wordpiece.encode('La douleur', { maxTokens: 2 }).ids).toEqual([1, 2]);
    expect(wordpiece.encode('La douleur', { maxTokens: 1, addSpecialTokens: false }).ids).toEqual(full.ids.slice(1, 2));
    expect(wordpiece.truncate(full, 1000)).toBe(full);
    for (const maxTokens of [1, 2.5, Number.NaN, -1]) expect(() => wordpiece.encode('a', { maxTokens })).toThrow(InputError);
  });

  it('leaves special tokens out when asked', () => {
    expect(wordpiece.encode('le', { addSpecialTokens: false }).ids).toEqual(wordpiece.encode('le').ids.slice(1, -1));
  });

  it('reads a lone surrogate as U+FFFD', () => {
    for (const tokenizer of [wordpiece, bytelevel]) {
      expect(tokenizer.encode('a\ud83d b\udc00')).toEqual(tokenizer.encode('a\ufffd b\ufffd'));
    }
  });

  it('gives offsets within the text and in order, for any string (property)', () => {
    const part = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('[MASK]', "l'", 'e\u0301', '  ', '\n', '\ud800'));
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }).map(p => p.join('')),
        text => {
          for (const tokenizer of [wordpiece, bytelevel]) {
            const { ids, tokens, offsets } = tokenizer.encode(text, { addSpecialTokens: false });
            expect([tokens.length, offsets.length]).toEqual([ids.length, ids.length]);
            let from = 0;
            const wrong = offsets.filter(([start, end]) => {
              const before = from;
              from = start;
              return !(before <= start && start <= end && end <= text.length);
            });
            expect(wrong).toEqual([]);
          }
        },
      ),
      { seed: 20261122, numRuns: 150 },
    );
  });

  it('agrees with the npm package of Hugging Face where that is exact', () => {
    const peer = new Peer(structuredClone(wordpieceJson), {});
    const part = fc.oneof(
      fc.constantFrom("l'infarctus", 'aiguë', '12345', '[MASK]', ' ', '  ', '.', '?!', 'QU’', '😀'),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 10 }).map(p => p.join('')),
        text => {
          expect(wordpiece.encode(text).ids).toEqual(peer.encode(text).ids);
        },
      ),
      { seed: 20261122, numRuns: 300 },
    );
  });

  // CPU seconds measured alone: 0.2 to 2 for each case, 4 for two million characters. The bound allows for a loaded machine, not for a quadratic step.
  it.each([
    ['wordpiece', 5e5, 'letters', 'a'],
    ['wordpiece', 5e5, 'spaces', ' '],
    ['wordpiece', 2e6, 'prose', 'Le patient présente une [MASK] aiguë de l’infarctus, 12,5 mg/j !\n'],
    ['wordpiece', 5e5, 'marks', '\u0301'],
    ['wordpiece', 5e5, 'pairs', '😀'],
    ['bytelevel', 5e5, 'letters', 'a'],
    ['bytelevel', 5e5, 'spaces', ' '],
    ['bytelevel', 5e5, 'marks', '\u0301'],
    ['bytelevel', 5e5, 'prose', 'Le patient présente une [MASK] aiguë de l’infarctus, 12,5 mg/j !\n'],
  ])('%s takes %d characters of %s', { timeout: 300_000 }, (name, size, _, unit) => {
    const text = unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
    const tokenizer = name === 'wordpiece' ? wordpiece : bytelevel;
    const before = process.cpuUsage();
    const { offsets } = tokenizer.encode(text, { addSpecialTokens: false });
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(size > 1e6 ? 60 : 15);
    expect(offsets.length).toBeGreaterThan(0);
  });
});

describe('hostile files', () => {
  const cases: [string, unknown, (string | number)[], unknown, RegExp][] = [
    ['a version of its own', wordpieceJson, ['version'], '2.0', /version/],
    ['no model', wordpieceJson, ['model'], null, /model is null/],
    ['another model', wordpieceJson, ['model', 'type'], 'Tekken', /model is of type "Tekken"/],
    ['an array for a vocabulary', wordpieceJson, ['model', 'vocab'], [], /model\.vocab/],
    ['an empty vocabulary', wordpieceJson, ['model', 'vocab'], {}, /empty/],
    ['an id that is no number', wordpieceJson, ['model', 'vocab', 'le'], '7', /vocab\["le"\]/],
    ['a huge id', wordpieceJson, ['model', 'vocab', 'le'], 2 ** 31, /vocab\["le"\]/],
    ['an id twice', wordpieceJson, ['model', 'vocab', 'zzz'], 7, /two tokens/],
    ['an unknown token that is none', wordpieceJson, ['model', 'unk_token'], 'absent', /unk_token/],
    ['a limit that is no number', wordpieceJson, ['model', 'max_input_chars_per_word'], null, /max_input_chars_per_word/],
    ['another normalizer', wordpieceJson, ['normalizer', 'normalizers', 0, 'type'], 'Cyrillic', /normalizer\.normalizers\[0\].*Cyrillic/],
    ['another pre-tokenizer', wordpieceJson, ['pre_tokenizer'], { type: 'UnicodeScripts' }, /pre_tokenizer is of type "UnicodeScripts"/],
    ['another behavior', wordpieceJson, ['pre_tokenizer', 'pretokenizers', 1, 'behavior'], 'Drop', /pretokenizers\[1\]\.behavior/],
    ['a pattern that does not end', wordpieceJson, ['pre_tokenizer', 'pretokenizers', 0, 'pattern'], { Regex: '[a' }, /pattern\.Regex/],
    ['a byte that is no UTF-8', wordpieceJson, ['pre_tokenizer', 'pretokenizers', 0, 'pattern'], { Regex: '\\xe9' }, /pattern\.Regex/],
    ['a ligature under (?i)', wordpieceJson, ['pre_tokenizer', 'pretokenizers', 0, 'pattern'], { Regex: '(?i:fosse)' }, /pattern\.Regex/],
    ['an empty pattern', wordpieceJson, ['pre_tokenizer', 'pretokenizers', 0, 'pattern'], { String: '' }, /pattern\.String/],
    ['another post-processor', wordpieceJson, ['post_processor', 'type'], 'Magic', /post_processor is of type "Magic"/],
    ['a special token of no vocabulary', wordpieceJson, ['post_processor', 'cls'], ['[CLS]', 99_999], /post_processor adds/],
    ['another decoder', wordpieceJson, ['decoder', 'type'], 'Cyrillic', /decoder is of type "Cyrillic"/],
    ['a flag that is no boolean', wordpieceJson, ['added_tokens', 0, 'lstrip'], 'yes', /added_tokens\[0\]\.lstrip/],
    ['dropout', bytelevelJson, ['model', 'dropout'], 0.1, /model\.dropout/],
    ['a merge of three', bytelevelJson, ['model', 'merges', 3], ['a', 'b', 'c'], /merges\[3\]/],
    ['a merge of unknown tokens', bytelevelJson, ['model', 'merges', 3], ['a', '中'], /merges\[3\]/],
    ['a template without the text', bytelevelJson, ['post_processor', 'processors', 1, 'single'], [], /exactly once/],
    ['a template with the second text', bytelevelJson, ['post_processor', 'processors', 1, 'single', 1, 'Sequence', 'id'], 'B', /Sequence/],
    ['a lone surrogate', wordpieceJson, ['model', 'unk_token'], '\ud800', /well-formed/],
  ];

  it.each(cases)('refuses %s', (_, json, path, value, message) => {
    const open = () => Tokenizer.fromFiles({ tokenizerJson: changed(json, path, value) });
    expect(open).toThrow(TokenizerError);
    expect(open).toThrow(message);
  });

  it.each([undefined, null, 3, 'x', []])('refuses %s for a file', json => {
    expect(() => Tokenizer.fromFiles({ tokenizerJson: json })).toThrow(TokenizerError);
  });

  const unigram = (vocab: unknown, more: object = {}) => ({ version: '1.0', model: { type: 'Unigram', unk_id: 0, vocab, ...more } });
  const charsmap = (words: number[], text = 'x\0') => {
    const bytes = new Uint8Array(4 + 4 * words.length + text.length);
    const view = new DataView(bytes.buffer);
    [4 * words.length, ...words].forEach((word, i) => {
      view.setUint32(4 * i, word, true);
    });
    bytes.set(new TextEncoder().encode(text), 4 + 4 * words.length);
    return { type: 'Precompiled', precompiled_charsmap: btoa(String.fromCharCode(...bytes)) };
  };

  it.each([
    ['a piece without a score', unigram([['a']]), /vocab\[0\] is an array of 1/],
    ['a score that is no number', unigram([['a', null]]), /vocab\[0\]\[1\] is null/],
    ['a piece of 600 characters', unigram([['a'.repeat(600), 0]]), /at most 512/],
    ['an unknown token outside', unigram([['a', 0]], { unk_id: 1 }), /unk_id is 1/],
    ['no pieces', unigram([]), /vocab is an array of 0/],
    [
      'rules that are no base64',
      { ...unigram([['a', 0]]), normalizer: { type: 'Precompiled', precompiled_charsmap: '?' } },
      /compiled rules/,
    ],
    [
      'rules shorter than they say',
      { ...unigram([['a', 0]]), normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAQAAA==' } },
      /compiled rules/,
    ],
    ['a Metaspace of two characters', { ...unigram([['a', 0]]), pre_tokenizer: { type: 'Metaspace', replacement: '▁▁' } }, /one character/],
    ['chunks of no length', { ...unigram([['a', 0]]), pre_tokenizer: { type: 'FixedLength', length: 0 } }, /length is 0/],
  ])('refuses %s', (_, tokenizerJson, message) => {
    const open = () => Tokenizer.fromFiles({ tokenizerJson });
    expect(open).toThrow(TokenizerError);
    expect(open).toThrow(message);
  });

  it('ends on compiled rules that go round in circles or out of their table', () => {
    const of = (words: number[], text?: string) =>
      Tokenizer.fromFiles({ tokenizerJson: { ...unigram([['a', 0]]), normalizer: charsmap(words, text) } });
    // Offset 0 everywhere: a lookup stays where it is until its bytes end.
    expect(of(new Array(256).fill(0)).encode('ab').ids).toEqual([0]);
    // Every first byte has a value, `value`.
    const all = (value: number) =>
      Array.from({ length: 1024 }, (_, i) =>
        i === 0 ? 256 << 10 : i < 256 ? 0 : i < 512 ? (i - 256) | 256 | (512 << 10) : i < 768 ? 0 : value,
      );
    expect(of(all(0)).encode('aaaa').tokens).toEqual(['xxxx']);
    for (const broken of [of([1 << 30]), of(all(2 ** 20)), of(all(0), 'x'.repeat(2000))]) {
      expect(() => broken.encode('ab')).toThrow(TokenizerError);
    }
  });

  it('is linear in a text that a hostile vocabulary looks through at every place', () => {
    const vocab = Array.from({ length: 512 }, (_, i) => ['a'.repeat(i + 1), -1]);
    const tokenizer = Tokenizer.fromFiles({ tokenizerJson: unigram([['?', -2], ...vocab]) });
    expect(tokenizer.encode('a'.repeat(5120)).ids.length).toBe(10);
    expect(() => tokenizer.encode('a'.repeat(50_000))).toThrow(/allowance ended at model/);
    const rare = Tokenizer.fromFiles({ tokenizerJson: unigram([['a', 0]], { unk_id: null }) });
    expect(() => rare.encode('b')).toThrow(InputError);
  });

  it('tells a valid value that is not applied from a damaged one', () => {
    const of = (tokenizerJson: unknown) => () => Tokenizer.fromFiles({ tokenizerJson });
    expect(of(changed(bytelevelJson, ['model', 'dropout'], 0.1))).toThrow(/The file is valid, but affinage applies only 0 or null/);
    expect(of(changed(wordpieceJson, ['decoder', 'type'], 'Cyrillic'))).not.toThrow(/[Ff]etch/);
    expect(of(changed(wordpieceJson, ['model', 'vocab', 'le'], 'x'))).toThrow(/damaged.*fetch it again/);
  });

  it('refuses endless nesting and a damaged tokenizer_config.json', () => {
    let deep: unknown = { type: 'NFC' };
    for (let i = 0; i < 100; i++) deep = { type: 'Sequence', normalizers: [deep] };
    expect(() => Tokenizer.fromFiles({ tokenizerJson: changed(wordpieceJson, ['normalizer'], deep) })).toThrow(/nested/);
    for (const tokenizerConfig of [7, { added_tokens_decoder: 3 }, { added_tokens_decoder: { x: {} } }]) {
      expect(() => Tokenizer.fromFiles({ tokenizerJson: wordpieceJson, tokenizerConfig })).toThrow(TokenizerError);
    }
  });
});
