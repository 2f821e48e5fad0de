import { InputError } from '../errors.ts';
import { type Loaded, openModel } from '../inference/open.ts';
import { loadTable } from '../options/tables.ts';
import { type Evaluation, evaluate as evaluateModels } from '../quantize/evaluate.ts';
import { UsageError } from './args.ts';
import { type Command, type Context, modelOptions, precisionOptions, variantsOption } from './command.ts';
import { bytes, percent, table } from './format.ts';
import { tellNotes } from './model.ts';
import { readTexts, type TextInput, textInput, textNotes, textOptions } from './text-input.ts';
import { forcedVariants } from './variants.ts';

/** Models are compared on a sample: more texts than this are a mistake. */
const maxTexts = 100_000;

export const evaluate: Command = {
  name: 'evaluate',
  summary: 'Compare two models, or two formats of one, on masked texts',
  usage: '[options] --texts FILE',
  options: {
    model: { ...modelOptions.model, help: 'folder, address, hub id (owner/name[@revision]) or mini; default mini' },
    against: { value: 'MODEL', help: 'the other model; default the same, in another --against-dtype' },
    dtype: { value: 'TYPE', help: 'weights of --model on the GPU: f32, f16, q8, q4; default: as stored' },
    'against-dtype': { value: 'TYPE', help: 'weights of --against on the GPU; default: as stored' },
    storage: { ...precisionOptions.storage, help: 'activations of both: f32, f16; default f32' },
    ...variantsOption,
    texts: { value: 'FILE', help: 'texts: .txt, .jsonl, .ndjson, .csv, .tsv; - is standard input' },
    ...textOptions,
    every: { value: 'N', help: 'mask one token in N; default 7' },
    seed: { value: 'N', help: 'moves the masks; default 0' },
    limit: { value: 'N', help: 'masked positions at most; default 2000' },
    pseudo: { value: 'N', help: 'tokens masked one at a time for the pseudo-perplexity; 0 for none; default 200' },
    json: { help: 'JSON' },
  },
  notes: [
    ...textNotes,
    'Texts that hold masks keep those and get no others. Both models must have one tokenizer.',
    'Agreement is given for the best token and, as a mean over positions, for the five best; KL is over the whole vocabulary, in nats.',
  ],
  examples: [
    'affinage evaluate --dtype q8 --against-dtype q4 --texts notes.txt',
    'affinage evaluate --model ./original --against ./quantized --texts notes.jsonl --json',
  ],

  async run(context) {
    const { args, io, env, signal } = context;
    if (args.texts.length > 0) throw new UsageError('texts come from a file: --texts FILE');
    const file = args.text('texts');
    if (file === undefined) throw new UsageError('--texts is missing: a file of texts to compare on');
    const name = args.text('model') ?? 'mini';
    const other = args.text('against') ?? name;
    const dtype = args.choice('dtype', loadTable.dtype.of) ?? 'auto';
    const otherDtype = args.choice('against-dtype', loadTable.dtype.of) ?? 'auto';
    if (name === other && dtype === otherDtype) throw new UsageError('the two are the same: give --against, or another --against-dtype');
    const storage = args.choice('storage', ['f32', 'f16'] as const) ?? 'f32';
    const variants = forcedVariants(args);
    const every = args.integer('every', 1);
    const seed = args.integer('seed', 0);
    const limit = args.integer('limit', 1) ?? 2000;
    const pseudo = args.integer('pseudo', 0);
    const input = textInput(file, '--texts', args);
    const texts = await sampleOf(input, context);

    const load = async (source: string, asked: (typeof loadTable.dtype.of)[number]): Promise<Loaded> => {
      io.status(`loading ${source} …`);
      const loaded = await openModel(env, await env.openSource(source, { dtype: asked, signal }), {
        dtype: asked,
        storage,
        variants,
        signal,
      });
      tellNotes(context, loaded.notes.list);
      return loaded;
    };
    const opened: Loaded[] = [];
    try {
      const model = await load(name, dtype);
      opened.push(model);
      const against = await load(other, otherDtype);
      opened.push(against);
      const started = performance.now();
      const result = await evaluateModels(model, against, texts, {
        every,
        seed,
        limit,
        pseudo,
        signal,
        onProgress: (done, total, what) => io.status(`${what}: ${done} of ${total} (${Math.floor((100 * done) / total)} %)`),
      });
      io.status('');
      const seconds = (performance.now() - started) / 1000;
      const report = { model: about(name, model), against: about(other, against), file, ...result, seconds };
      await io.out(args.flag('json') ? `${JSON.stringify(report)}\n` : readable(report));
    } finally {
      io.status('');
      for (const { gpu } of opened) {
        gpu.memory.freeAll();
        gpu.destroy();
      }
    }
  },
};

function about(name: string, { dtype, gpu }: Loaded) {
  return { name, dtype, weightBytes: gpu.memory.report.weights };
}

async function sampleOf(input: TextInput, context: Context): Promise<string[]> {
  const { path } = input;
  const texts: string[] = [];
  for await (const { text } of readTexts(input, context)) {
    if (text.trim() === '') continue;
    texts.push(text);
    if (texts.length > maxTexts) throw new InputError(`${path} has more than ${maxTexts} texts. Give a sample of them.`);
  }
  if (texts.length === 0) throw new InputError(`${path} holds no text. Put one text on each line.`);
  return texts;
}

interface Report extends Evaluation {
  model: ReturnType<typeof about>;
  against: ReturnType<typeof about>;
  seconds: number;
}

function readable({ model, against, texts, tokens, masks, pseudoPerplexity, cosine, seconds }: Report): string {
  const title = (which: Report['model']) => `${which.name}, ${which.dtype}, ${bytes(which.weightBytes)}`;
  const rows: string[][] = [
    ['model', title(model)],
    ['against', title(against)],
    ['texts', `${texts}, ${tokens} tokens, ${seconds.toFixed(1)} s`],
  ];
  if (masks) {
    rows.push(
      ['masked positions', String(masks.positions)],
      ['same best token', percent(masks.top1)],
      ['same of the five best', percent(masks.top5)],
      ['mean KL(model ‖ against)', `${masks.klModelAgainst.toExponential(3)} nats`],
      ['mean KL(against ‖ model)', `${masks.klAgainstModel.toExponential(3)} nats`],
      ['logits, NMSE', masks.logitsNmse.toExponential(2)],
    );
    if (masks.truth) {
      const { accuracy, crossEntropy } = masks.truth;
      rows.push(
        ["the text's own token first", `${percent(accuracy.model)} / ${percent(accuracy.against)}`],
        ['its cross-entropy', `${crossEntropy.model.toFixed(4)} / ${crossEntropy.against.toFixed(4)} nats`],
      );
    }
  } else rows.push(['predictions', 'not compared: a model has no prediction head']);
  if (pseudoPerplexity) {
    const { model: a, against: b, tokens: n } = pseudoPerplexity;
    rows.push(['pseudo-perplexity', `${a.toFixed(3)} / ${b.toFixed(3)} (${n} tokens masked alone)`]);
  }
  rows.push([
    'cosine of embeddings',
    Number.isNaN(cosine.mean) ? 'not compared: other sizes' : `mean ${cosine.mean.toFixed(6)}, least ${cosine.least.toFixed(6)}`,
  ]);
  return table(rows);
}
