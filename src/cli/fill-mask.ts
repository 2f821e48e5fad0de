import type { FillMaskResult, Prediction } from '../engine/types.ts';
import { fillMaskTable } from '../options/tables.ts';
import { type Command, modelOptions, precisionOptions } from './command.ts';
import { bar, percent, printable, table } from './format.ts';
import { withModel } from './model.ts';
import { givenTexts } from './texts.ts';

export const fillMask: Command = {
  name: 'fill-mask',
  summary: 'Predict the words behind [MASK]',
  usage: '[options] TEXT...',
  options: {
    ...modelOptions,
    ...precisionOptions,
    'top-k': { value: 'N', help: 'predictions for each mask; default 5' },
    targets: { value: 'A,B', help: 'score these words instead, with their rank', multiple: true },
    truncate: { help: 'cut a text that is longer than the context' },
    json: { help: 'JSON in the schema of Hugging Face' },
  },
  notes: ['A text may hold several masks, written [MASK] or <mask>. Without TEXT, texts are read from standard input, one a line.'],
  examples: [
    'affinage fill-mask "Le patient présente une [MASK] aiguë du myocarde."',
    'affinage fill-mask --targets infection,fracture "Le scanner montre une [MASK]."',
    'affinage fill-mask --json --top-k 3 --model almanach/ModernCamemBERT-bio-large "La [MASK] est une maladie [MASK]."',
  ],

  async run(context) {
    const { args, io, signal } = context;
    const options = {
      topK: args.integer('top-k', fillMaskTable.topK),
      targets: args.list('targets'),
      truncate: args.flag('truncate'),
      signal,
    };
    const texts = await givenTexts(context);
    await withModel(context, async model => {
      const results = await model.fillMask(texts, options);
      if (args.flag('json')) {
        await io.out(`${JSON.stringify(results.length === 1 ? results[0] : results)}\n`);
        return;
      }
      for (const [i, result] of results.entries()) await io.out(`${i > 0 ? '\n' : ''}${printable(texts[i] ?? '')}\n${readable(result)}`);
    });
  },
};

function isSeveral(result: FillMaskResult): result is Prediction[][] {
  return Array.isArray(result[0]);
}

function readable(result: FillMaskResult): string {
  if (!isSeveral(result)) return predictionTable(result);
  return result.map((predictions, i) => `mask ${i + 1} of ${result.length}:\n${predictionTable(predictions)}`).join('');
}

function predictionTable(predictions: readonly Prediction[]): string {
  return table(
    predictions.map(({ score, token_str, sequence, rank, target }) => [
      printable(target !== undefined && target !== token_str ? `${target} (as ${token_str})` : token_str),
      percent(score),
      bar(score, 20),
      ...(rank === undefined ? [] : [`#${rank}`]),
      printable(sequence),
    ]),
    [{}, { align: 'right' }, {}, ...(predictions[0]?.rank === undefined ? [] : [{ align: 'right' as const }])],
  );
}
