import { fillMaskTable } from '../options/tables.ts';
import type { FillMaskResult, Prediction } from '../types.ts';
import { UsageError } from './args.ts';
import { type Command, type Io, modelOptions, precisionOptions, variantsOption } from './command.ts';
import { bar, percent, printable, table } from './format.ts';
import { JsonOut } from './json-out.ts';
import { withModel } from './model.ts';
import { givenTexts } from './texts.ts';

export const fillMask: Command = {
  name: 'fill-mask',
  summary: 'Predict the words behind [MASK]',
  usage: '[options] TEXT...',
  options: {
    ...modelOptions,
    ...precisionOptions,
    ...variantsOption,
    'top-k': { value: 'N', help: 'predictions for each mask; default 5' },
    targets: {
      value: 'A,B',
      help: 'score these words instead, with their rank, each exactly as it stands; may be repeated',
      multiple: true,
    },
    truncate: { help: 'cut a text that is longer than the context' },
    json: { help: 'JSON in the schema of Hugging Face' },
  },
  notes: [
    "A text may hold several masks, written as the model's own mask token. Where a text holds none, [MASK] and <mask> count.",
    'Without TEXT, texts are read from standard input, one per line.',
    'A space within --targets counts: " toux" is another token than "toux" in many vocabularies. A word that holds a comma is given in a',
    'JSON list: --targets \'["1,5 mg", "toux"]\'.',
  ],
  examples: [
    'affinage fill-mask "Le patient présente une [MASK] aiguë du myocarde."',
    'affinage fill-mask --targets infection,fracture "Le scanner montre une [MASK]."',
    'affinage fill-mask --json --top-k 3 --model almanach/ModernCamemBERT-bio-large "La [MASK] est une maladie [MASK]."',
  ],

  async run(context) {
    const { args, io, signal } = context;
    const options = {
      topK: args.integer('top-k', fillMaskTable.topK),
      targets: args.words('targets'),
      truncate: args.flag('truncate'),
      signal,
    };
    const texts = await givenTexts(context);
    // An empty line has no mask. Its answer is an empty list, so that answer i still belongs to line i.
    const asked = args.texts.length > 0 ? texts : texts.filter(text => text.trim() !== '');
    if (asked.length === 0) throw new UsageError('no text is given: standard input has empty lines alone');
    await withModel(context, async model => {
      const given = await model.fillMask(asked, options);
      let next = 0;
      const results = texts.map((text): FillMaskResult => (asked.length === texts.length || text.trim() !== '' ? given[next++]! : []));
      given.length = 0;
      if (args.flag('json')) return writeJson(results, io);
      for (const [i, result] of results.entries()) {
        await io.out(`${i > 0 ? '\n' : ''}${printable(texts[i] ?? '')}\n`);
        for (const [mask, predictions] of masksOf(result).entries()) {
          if (isSeveral(result)) await io.out(`mask ${mask + 1} of ${result.length}:\n`);
          await io.out(predictionTable(predictions));
          predictions.length = 0;
        }
      }
    });
    const blank = texts.length - asked.length;
    if (blank > 0) io.note(`affinage: ${blank} empty ${blank === 1 ? 'line has' : 'lines have'} no mask and no predictions`);
  },
};

/**
 * JSON in Hugging Face's structure, written prediction by prediction. Every `sequence` repeats the whole text, so each is dropped once it
 * is written: for a thousand masks they would take gigabytes.
 */
async function writeJson(results: readonly FillMaskResult[], io: Io): Promise<void> {
  const json = new JsonOut(io);
  const ofMask = async (predictions: Prediction[]) => {
    await json.list(predictions.keys(), async i => {
      await json.write(JSON.stringify(predictions[i]));
      delete predictions[i];
    });
  };
  const ofText = (result: FillMaskResult) => (isSeveral(result) ? json.list(result, ofMask) : ofMask(result));
  await (results.length === 1 ? ofText(results[0]!) : json.list(results, ofText));
  await json.write('\n');
  await json.flush();
}

function isSeveral(result: FillMaskResult): result is Prediction[][] {
  return Array.isArray(result[0]);
}

const masksOf = (result: FillMaskResult): Prediction[][] => (isSeveral(result) ? result : [result]);

/** A target, and the token that was scored in its place if that is not the target itself. */
function scoredAs(target: string | undefined, tokens: number, token_str: string): string {
  if (target === undefined || target === token_str) return token_str;
  return tokens > 1 ? `${target} (first token of ${tokens}: ${token_str})` : `${target} (as ${token_str})`;
}

function predictionTable(predictions: readonly Prediction[]): string {
  return table(
    predictions.map(({ score, token_str, sequence, rank, target, target_tokens = 1 }) => [
      printable(scoredAs(target, target_tokens, token_str)),
      percent(score),
      bar(score, 20),
      ...(rank === undefined ? [] : [`#${rank}`]),
      printable(sequence),
    ]),
    [{}, { align: 'right' }, {}, ...(predictions[0]?.rank === undefined ? [] : [{ align: 'right' as const }])],
  );
}
