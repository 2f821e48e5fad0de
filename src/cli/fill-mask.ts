import { InputError } from '../errors.ts';
import { jointTable, predictTable } from '../options/tables.ts';
import type { JointFilling } from '../types.ts';
import { UsageError } from './args.ts';
import { type Command, type Context, modelOptions, precisionOptions, variantsOption } from './command.ts';
import { answerText, jointJson, jointText, type MaskList, maskLists, tellUnknown } from './fill-answers.ts';
import { printable } from './format.ts';
import { JsonOut } from './json-out.ts';
import { withModel } from './model.ts';
import { runProgress } from './run-progress.ts';
import { givenTexts } from './texts.ts';

export const fillMask: Command = {
  name: 'fill-mask',
  summary: 'Predict the words behind [MASK]',
  usage: '[options] TEXT...',
  options: {
    ...modelOptions,
    ...precisionOptions,
    ...variantsOption,
    'top-k': { value: 'N', help: 'predictions for each mask, or joint fillings; default 5' },
    targets: {
      value: 'A,B',
      help: 'score these words instead, each exactly as it stands, in one token or several; may be repeated',
      multiple: true,
    },
    joint: { help: 'fill the 2 to 8 masks of a text together, with words that fit each other' },
    beams: { value: 'N', help: 'with --joint: partial fillings that are followed at once; default 8' },
    truncate: { help: 'cut a text that is longer than the context' },
    json: { help: 'JSON in the schema of Hugging Face (see below)' },
  },
  notes: [
    "A text may hold several masks, written as the model's own mask token. Where a text holds none, [MASK], <mask>, [MASQUE] and ___ count.",
    'Without TEXT, texts are read from standard input, one per line.',
    'A space within --targets counts: " toux" is another token than "toux" in many vocabularies. A word that holds a comma is given in a',
    'JSON list: --targets \'["1,5 mg", "toux"]\'.',
    'A target of one token has its probability and its rank. One of several tokens is scored as a whole: the mask is opened to as many places,',
    'each token is predicted with those before it shown, and the probabilities are multiplied (pseudo-log-likelihood). It has no rank. A target',
    'that the vocabulary cannot write has no score, which is said; the other targets are scored all the same.',
    '--json: {score, token, token_str, sequence} for each prediction, in a list for each mask. Targets have besides: target, status (scored or',
    'unknown), method (token or pll), tokens, target_tokens, log_prob, rank (null for pll); of a word of several tokens, token is the first.',
    'Of an unknown target score is 0, and log_prob, token and sequence are null. --joint --json: a list of {score, log_prob, sequence, words}.',
  ],
  examples: [
    'affinage fill-mask "Le patient présente une [MASK] aiguë du myocarde."',
    'affinage fill-mask --targets infection,pneumopathie "Le scanner montre une [MASK]."',
    'affinage fill-mask --joint "Le patient a une [MASK] du [MASK] gauche."',
    'affinage fill-mask --json --top-k 3 --model almanach/ModernCamemBERT-bio-large "La [MASK] est une maladie [MASK]."',
  ],

  async run(context) {
    const { args, io, signal } = context;
    const joint = args.flag('joint');
    const words = args.words('targets');
    const beams = args.integer('beams', jointTable.beams);
    const topK = args.integer('top-k', joint ? jointTable.topK : predictTable.topK);
    if (joint && words) throw new UsageError('--targets scores words at each mask by itself; leave it out with --joint');
    if (beams !== undefined && !joint) throw new UsageError('--beams belongs to --joint');
    const common = { truncate: args.flag('truncate'), signal };
    const texts = await givenTexts(context);
    // An empty line has no mask. Its answer is an empty list, so that answer i still belongs to line i.
    const isAsked = (text: string) => args.texts.length > 0 || text.trim() !== '';
    const asked = texts.filter(isAsked);
    if (asked.length === 0) throw new UsageError('no text is given: standard input has empty lines alone');
    await (joint
      ? fillJointly(context, texts, isAsked, { ...common, topK, beams })
      : predict(context, texts, isAsked, { ...common, topK, targets: words && [...new Set(words)] }));
    const blank = texts.length - asked.length;
    if (blank > 0) io.note(`affinage: ${blank} empty ${blank === 1 ? 'line has' : 'lines have'} no mask and no predictions`);
  },
};

interface Common {
  topK?: number;
  truncate: boolean;
  signal: AbortSignal;
}
type IsAsked = (text: string) => boolean;

async function predict(context: Context, texts: readonly string[], isAsked: IsAsked, options: Common & { targets?: string[] }) {
  const { args, io } = context;
  const { topK, targets } = options;
  await withModel(context, async model => {
    // With targets the model's own best words are not shown.
    const asked = { ...options, topK: targets ? 1 : topK, onProgress: runProgress(io, 'texts and words') };
    const given = await model.predict(texts.filter(isAsked), asked);
    io.status('');
    if (targets) tellUnknown(given, io);
    let next = 0;
    const answers = texts.map(text => (isAsked(text) ? maskLists(given[next++]!, targets ? (topK ?? targets.length) : null) : []));
    given.length = 0;
    if (args.flag('json')) return writeJson(answers, io);
    for (const [i, lists] of answers.entries()) {
      await io.out(`${i > 0 ? '\n' : ''}${printable(texts[i] ?? '')}\n`);
      for (const [mask, list] of lists.entries()) {
        if (lists.length > 1) await io.out(`mask ${mask + 1} of ${lists.length}:\n`);
        await io.out(answerText(list));
        list.rows.length = 0;
      }
    }
  });
}

/**
 * JSON in Hugging Face's structure, written prediction by prediction. Every `sequence` repeats the whole text, so each is dropped once it
 * is written: for a thousand masks they would take gigabytes.
 */
async function writeJson(answers: readonly MaskList[][], io: Context['io']): Promise<void> {
  const json = new JsonOut(io);
  const ofMask = async ({ rows }: MaskList) => {
    await json.list(rows.keys(), async i => {
      await json.write(JSON.stringify(rows[i]));
      delete rows[i];
    });
  };
  // One mask is its list alone; a text without any (an empty line) is an empty list.
  const ofOne = (lists: MaskList[]) => (lists.length === 1 ? ofMask(lists[0]!) : json.list(lists, ofMask));
  await (answers.length === 1 ? ofOne(answers[0]!) : json.list(answers, ofOne));
  await json.write('\n');
  await json.flush();
}

async function fillJointly(context: Context, texts: readonly string[], isAsked: IsAsked, options: Common & { beams?: number }) {
  const { args, io } = context;
  await withModel(context, async model => {
    const answers: JointFilling[][] = [];
    for (const [i, text] of texts.entries()) {
      const ask = () => model.fillJointly(text, { ...options, onProgress: runProgress(io, 'masks') });
      answers.push(isAsked(text) ? await ask().catch((error: unknown) => Promise.reject(ofText(error, i, texts.length))) : []);
    }
    io.status('');
    if (args.flag('json')) {
      const json = answers.map(fillings => fillings.map(jointJson));
      return io.out(`${JSON.stringify(json.length === 1 ? json[0] : json)}\n`);
    }
    for (const [i, fillings] of answers.entries()) await io.out(`${i > 0 ? '\n' : ''}${printable(texts[i] ?? '')}\n${jointText(fillings)}`);
  });
}

/** The same error, saying which of several texts it is about. */
function ofText(error: unknown, index: number, count: number): unknown {
  if (count > 1 && error instanceof InputError) error.message = `text ${index + 1} of ${count}: ${error.message}`;
  return error;
}
