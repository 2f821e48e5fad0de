/** The files beside tokenizer.json against transformers, by the answers that oracle/tokenizer_settings.py wrote. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TokenizerError } from '../errors.ts';
import { Notes } from '../notes.ts';
import { Tokenizer } from './tokenizer.ts';

interface Case {
  files: Record<string, unknown>;
  mask: string | null;
  texts: { text: string; ids: number[]; offsets: [number, number][]; decode: [string, string] }[];
}

const open = (files: Record<string, unknown>, notes = new Notes()) =>
  Tokenizer.fromFiles(
    {
      tokenizerJson: files['tokenizer.json'],
      tokenizerConfig: files['tokenizer_config.json'],
      specialTokensMap: files['special_tokens_map.json'],
      addedTokens: files['added_tokens.json'],
    },
    notes,
  );

function answers({ files, mask, texts }: Case): unknown {
  const tokenizer = open(files);
  return {
    mask: mask !== null && tokenizer.hasMask ? tokenizer.maskToken : mask,
    texts: texts.map(({ text, ids }) => ({
      text,
      ids: tokenizer.encode(text).ids,
      offsets: tokenizer.encode(text).offsets,
      decode: [tokenizer.decode(ids, { skipSpecialTokens: false }), tokenizer.decode(ids)],
    })),
  };
}

const url = new URL('../../oracle/fixtures/tokenizer/settings.cases.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: Case[] };
// By hand: a file of `tokenizer_settings.py --fuzz`.
const fuzz = process.env.AFFINAGE_SETTINGS_FUZZ ?? '';
const all = existsSync(fuzz) ? readFileSync(fuzz, 'utf8').trim().split('\n').map(line => JSON.parse(line) as Case) : cases; // biome-ignore format: one line

it('makes of the files what transformers makes of them', () => {
  expect(all.length).toBeGreaterThanOrEqual(60);
  for (const c of all) expect(answers(c)).toEqual({ mask: c.mask, texts: c.texts });
});

const vocab = { '[PAD]': 0, '[CLS]': 1, '[UNK]': 3, le: 4, patient: 5, '‹M›': 6, é: 7, a: 8 };
const json = {
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null,
  decoder: null,
  model: { type: 'WordLevel', unk_token: '[UNK]', vocab },
};
const notesOf = (files: Record<string, unknown>, tokenizerJson: unknown = json) => {
  const notes = new Notes();
  open({ 'tokenizer.json': tokenizerJson, ...files }, notes);
  return notes.list;
};

describe('what is assumed', () => {
  it('names ids that no token has, ids that the vocabulary gives another way, and a mask that no file names', () => {
    const id = { id: 12, content: '<doc>', special: true };
    expect(notesOf({}, { ...json, added_tokens: [id] })).toEqual([
      expect.stringMatching(/added_tokens\[0\] writes id 12 for "<doc>"\. affinage takes 8/),
      expect.stringMatching(/no token to 1 of the ids below 9; the first is 2\./),
    ]);
    const masked = { ...json, model: { ...json.model, vocab: { ...vocab, '[MASK]': 2 } } };
    expect(notesOf({}, masked)).toEqual([expect.stringMatching(/No file names the mask token\. affinage takes \[MASK\]/)]);
    expect(notesOf({ 'special_tokens_map.json': { mask_token: '[MASK]' } }, masked)).toEqual([]);
  });

  it.each([
    ['do_lower_case', true, /keeps capitals/],
    ['strip_accents', true, /keeps accents/],
    ['add_bos_token', true, /no token before/],
    ['add_eos_token', true, /no token behind/],
    ['truncation_side', 'left', /at its end/],
    ['split_special_tokens', true, /no mask can be given/],
  ])('says that %s is set without effect', (key, value, message) => {
    const of = (config: object) =>
      notesOf({ 'tokenizer_config.json': config }, { ...json, model: { ...json.model, vocab: { ...vocab, e: 2 } } });
    expect(of({ [key]: value })).toEqual([expect.stringMatching(message)]);
    expect(of({})).toEqual([]);
  });

  it('has no mask where special tokens are read as plain text', () => {
    const tokenizer = open({ 'tokenizer.json': json, 'tokenizer_config.json': { mask_token: '‹M›', split_special_tokens: true } });
    expect(tokenizer.hasMask).toBe(false);
    expect(() => tokenizer.maskId).toThrow(/split_special_tokens/);
  });
});

it.each([
  ['tokenizer_config.json', 7, /^tokenizer_config\.json is 7/],
  ['tokenizer_config.json', { mask_token: 3 }, /^tokenizer_config\.json: mask_token is 3/],
  ['tokenizer_config.json', { extra_special_tokens: 'x' }, /^tokenizer_config\.json: extra_special_tokens is "x"/],
  ['tokenizer_config.json', { added_tokens_decoder: { 3: {} } }, /^tokenizer_config\.json: added_tokens_decoder\[3\]\.content is absent/],
  ['special_tokens_map.json', { mask_token: { content: 3 } }, /^special_tokens_map\.json: mask_token\.content is 3/],
  ['added_tokens.json', [], /^added_tokens\.json is an array/],
])('refuses a damaged %s by key', (name, value, message) => {
  const load = () => open({ 'tokenizer.json': json, [name]: value });
  expect(load).toThrow(TokenizerError);
  expect(load).toThrow(message);
});
