/** The texts of a training: files and folders, each with its share of the tokens, tokenised as they are read. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../errors.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { type Document, type DocumentSource, ShuffledDocuments, type ShuffleState } from '../training/documents.ts';
import { type LabelledBatch, maskWords } from '../training/masking.ts';
import { MixedDocuments, type MixState } from '../training/mixing.ts';
import { PackedBatches } from '../training/packing.ts';
import type { Recipe } from '../training/recipe.ts';
import { type Args, UsageError } from './args.ts';
import type { Context } from './command.ts';
import { fileError } from './lines.ts';
import { readTexts, textInput } from './text-input.ts';

interface Given {
  path: string;
  share: number;
}

/** `PATH` or `PATH=SHARE`. Errors: UsageError for a share that is none. */
export function givenData(given: readonly string[]): Given[] {
  return given.map(text => {
    const [, path, share] = /^(.*?)(?:=([^=/\\]*))?$/.exec(text)!;
    const number = share === undefined ? 1 : Number(share);
    if (!(number > 0 && number < Number.POSITIVE_INFINITY))
      throw new UsageError(`--data ${text}: the share must be a number over 0, not "${share}"`);
    return { path: path!, share: number };
  });
}

/** The files that a path stands for: itself, or the text files of the folder and the folders below, by name. */
function filesOf(path: string): string[] {
  try {
    if (!statSync(resolve(path)).isDirectory()) return [path];
    const files = readdirSync(resolve(path), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.(txt|text|jsonl|ndjson|csv|tsv|tab)$/i.test(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
      .sort();
    if (files.length === 0) throw new InputError(`${path} holds no text files (.txt, .jsonl, .ndjson, .csv, .tsv).`, { path });
    return files;
  } catch (error) {
    throw fileError(error, path, 'read');
  }
}

function documentsOf({ path }: Given, tokenizer: Tokenizer, args: Args, context: Context): DocumentSource {
  const inputs = filesOf(path).map(file => textInput(file, '--data', args));
  return {
    name: basename(path),
    async *read(from: number): AsyncGenerator<Document> {
      let number = 0;
      for (const input of inputs) {
        for await (const { text } of readTexts(input, context, { quiet: from > 0 })) {
          if (text.trim() === '' || number++ < from) continue;
          yield tokenizer.encode(text, { addSpecialTokens: false }).ids;
        }
      }
    },
  };
}

export type DataState = MixState<ShuffleState>;

/** The endless stream of packed batches: documents shuffled in blocks, mixed by their shares, between [CLS] and [SEP]. */
export function trainingBatches(data: readonly Given[], tokenizer: Tokenizer, recipe: Recipe, context: Context): PackedBatches<DataState> {
  const sources = data.map((given, i) => ({
    documents: new ShuffledDocuments(documentsOf(given, tokenizer, context.args, context), {
      seed: recipe.dataSeed + i,
      epochs: Number.POSITIVE_INFINITY,
    }),
    share: given.share,
  }));
  const { clsId: before, sepId: after } = tokenizer;
  return new PackedBatches(new MixedDocuments(sources), { context: recipe.context, tokens: recipe.batchTokens, before, after });
}

/** The held-out texts, each token of 15 % to be predicted; always the same masks. At most so many batches. */
export async function heldOutBatches(
  path: string,
  tokenizer: Tokenizer,
  recipe: Recipe,
  context: Context,
  most: number,
): Promise<LabelledBatch[]> {
  const source = documentsOf({ path, share: 1 }, tokenizer, context.args, context);
  const documents = new ShuffledDocuments(source, { seed: 0, block: 1 });
  const packed = new PackedBatches(documents, {
    context: recipe.context,
    tokens: recipe.batchTokens,
    before: tokenizer.clsId,
    after: tokenizer.sepId,
  });
  const batches: LabelledBatch[] = [];
  const options = { seed: 0, rate: 0.15, maskId: tokenizer.maskId, masked: 1, random: 0, spared: [tokenizer.clsId, tokenizer.sepId] };
  for (let batch = await packed.next(); batch && batches.length < most; batch = await packed.next())
    batches.push(maskWords(batch, options));
  return batches;
}
