import { expect, it } from 'vitest';
import { ConfigError, InputError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { Notes } from '../notes.ts';
import { Tokenizer } from '../text/tokenizer.ts';
import { fitTokenizer } from './open.ts';

const make = () =>
  Tokenizer.fromFiles({
    tokenizerJson: {
      version: '1.0',
      added_tokens: [{ id: 4, content: '<doc>', special: true }],
      pre_tokenizer: { type: 'WhitespaceSplit' },
      post_processor: { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[CLS]', 1] },
      model: { type: 'WordLevel', unk_token: '[UNK]', vocab: { '[UNK]': 0, '[CLS]': 1, le: 2, la: 3 } },
    },
  });
const of = (vocabSize: number) => ({ vocabSize }) as ModelConfig;

it('takes a tokenizer of more tokens than the model has rows, says so, and refuses the text that has one', () => {
  const [tokenizer, notes] = [make(), new Notes()];
  fitTokenizer(tokenizer, of(4), 'it', notes);
  expect(notes.list).toEqual([expect.stringMatching(/ids up to 4, the model only 4 tokens/)]);
  expect(tokenizer.encode('le la').ids).toEqual([1, 2, 3, 1]);
  expect(() => tokenizer.encode('le <doc>')).toThrow(InputError);
  expect(() => tokenizer.encode('le <doc>')).toThrow(/"<doc>" has id 4/);
});

it('says nothing where every token has a row, and refuses files that do not belong together', () => {
  const notes = new Notes();
  fitTokenizer(make(), of(5), 'it', notes);
  expect(notes.list).toEqual([]);
  expect(() => fitTokenizer(make(), of(1), 'it')).toThrow(ConfigError);
});
