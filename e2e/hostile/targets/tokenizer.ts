import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, ModelFileError, ModelSourceError, TokenizerError } from '../../../src/errors.ts';
import { readTokenizer } from '../../../src/inference/open.ts';
import { prepareMasks } from '../../../src/text/masks.ts';
import { words } from '../../../src/text/words.ts';
import { makeCostly } from '../costly.ts';
import { sourceOf } from '../source.ts';
import { demand, json, Silent, type Target } from '../target.ts';

/** Texts that are difficult for patterns, normalizers and byte tables, and long ones on which backtracking would take for ever. */
const texts = [
  '',
  ' ',
  'Le patient présente une [MASK] aiguë du <mask> cœur, 37,5 °C.',
  'Ééé\u0301 ﬁ ½ ＡＢ İ ſ ß 漢字 🤷🏽‍♀️\u0000\u200b\ud800x\udc00',
  `${'a'.repeat(2000)}!`,
  `${'mot '.repeat(400)}\n\t  fin`,
  'x'.repeat(1500),
  '\u0301'.repeat(500),
];

const costlyMicroseconds = 300_000;

interface Base {
  name: string;
  share: number;
  /** tokenizer.json. */
  read(root: string): Promise<unknown>;
}

export function tokenizerTarget({ name, share, read }: Base): Target {
  return {
    name: `tokenizer ${name}`,
    share,
    async prepare(root) {
      const spec = await read(root);
      const special = { cls_token: '[CLS]', sep_token: '[SEP]', mask_token: '[MASK]', pad_token: '[PAD]', unk_token: '[UNK]' };
      const known = JSON.stringify(spec).includes('"[MASK]"') ? special : { mask_token: '<mask>', pad_token: '<pad>', unk_token: '<unk>' };
      const added = { lstrip: true, rstrip: false, single_word: false, normalized: false, special: true };
      const config = {
        ...known,
        tokenizer_class: 'PreTrainedTokenizerFast',
        model_max_length: 512,
        clean_up_tokenization_spaces: true,
        added_tokens_decoder: {},
      };
      const map = { ...known, mask_token: { content: known.mask_token, ...added } };
      return {
        files: { 'tokenizer.json': json(spec), 'tokenizer_config.json': json(config), 'special_tokens_map.json': json(map) },
        mutable: [
          { path: 'tokenizer.json', share: 8, json: true, same: true, special: makeCostly },
          { path: 'tokenizer_config.json', share: 1, json: true, same: true },
          { path: 'special_tokens_map.json', share: 1, json: true, same: true },
        ],
        // InputError: a text with a character that the file gives no token to.
        families: [TokenizerError, InputError, ModelFileError, ModelSourceError],
        async attempt(files) {
          const tokenizer = await readTokenizer(sourceOf(files));
          const started = process.cpuUsage();
          const answers = texts.map(text => {
            // One text may use its whole allowance of work. A file that is so costly is tried with no further text.
            if (process.cpuUsage(started).user > costlyMicroseconds) return null;
            const encoding = tokenizer.encode(text);
            const { ids, tokens, offsets } = encoding;
            demand(ids.length === tokens.length && ids.length === offsets.length, 'ids, tokens and offsets are not as many');
            ids.forEach((id, i) => {
              const [start, end] = offsets[i] as [number, number];
              demand(Number.isSafeInteger(id) && id >= 0 && id < tokenizer.idLimit, `id ${id} is out of range`);
              demand(tokenizer.idToToken(id) !== undefined, `id ${id} has no token`);
              demand(typeof tokens[i] === 'string', `token ${i} is no text`);
              demand(
                Number.isSafeInteger(start) && start >= 0 && start <= end && end <= text.length,
                `offsets ${start}, ${end} in ${text.length}`,
              );
            });
            // As many as the longest context; more would exceed the time limit of this run without being a fault.
            demand(typeof tokenizer.decode(ids.slice(0, 10_000)) === 'string', 'decode gives no text');
            const least = Math.max(tokenizer.specialTokensCount, 3);
            demand(tokenizer.truncate(encoding, least).ids.length <= least, 'truncate leaves more');
            return { ids, tokens, offsets };
          });
          if (tokenizer.hasMask) {
            const masked = prepareMasks(texts[2] as string, tokenizer.maskToken);
            for (const { start, end } of masked.masks)
              demand(start >= 0 && start < end && end <= (texts[2] as string).length, 'a mask is outside of its text');
            demand(tokenizer.maskId >= 0 && tokenizer.maskId < tokenizer.idLimit, 'the mask is no token');
            if (words(texts[2] as string, tokenizer.maskToken).length === 0) throw new Silent('no words');
          }
          return answers;
        },
      };
    },
  };
}

const fixture = (file: string) => async (root: string) =>
  JSON.parse(await readFile(join(root, 'oracle/fixtures/tokenizer', file), 'utf8')) as unknown;

const kind = (name: string) => async (root: string) => {
  const { kinds } = (await fixture('kinds.cases.json')(root)) as { kinds: { name: string; spec: unknown }[] };
  const found = kinds.find(entry => entry.name === name);
  if (!found) throw new Error(`no tokenizer of kind ${name} among the fixtures`);
  return found.spec;
};

export const tokenizerBases: Base[] = [
  { name: 'wordpiece', share: 3, read: fixture('wordpiece.tokenizer.json') },
  { name: 'bytelevel', share: 3, read: fixture('bytelevel.tokenizer.json') },
  ...(
    [
      ['gemma', 3],
      ['llama', 1],
      ['unigram', 2],
      ['xlm-r', 1],
      ['ties and high scores', 1],
      ['words', 1],
    ] as const
  ).map(([name, share]) => ({ name, share, read: kind(name) })),
];
