/** A fixture model as a whole model folder: with a tokenizer in which the word `w12` is token 12. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FixtureName, fixtureUrl } from './fixtures.ts';

const special: Record<number, string> = { 0: '[PAD]', 1: '[CLS]', 2: '[SEP]', 3: '[UNK]', 4: '[MASK]' };

export async function writeModelFolder(name: FixtureName, vocabSize: number, folder: string): Promise<void> {
  await cp(fileURLToPath(fixtureUrl(`models/${name}`)), folder, { recursive: true });
  const vocab = Object.fromEntries(Array.from({ length: vocabSize }, (_, id) => [special[id] ?? `w${id}`, id]));
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: Object.entries(special).map(([id, content]) => ({
      id: Number(id),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: { type: 'BertProcessing', cls: ['[CLS]', 1], sep: ['[SEP]', 2] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
  };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ mask_token: special[4] }));
}

/** The text that this tokenizer turns into `ids`, which begin with [CLS] and end with [SEP]. */
export function textOfIds(ids: ArrayLike<number>): string {
  return Array.from(ids)
    .slice(1, -1)
    .map(id => special[id] ?? `w${id}`)
    .join(' ');
}
