import { embedTable } from '../options/tables.ts';
import type { EmbedOptions } from '../types.ts';
import { type Args, UsageError } from './args.ts';
import { type Command, type Context, modelOptions, precisionOptions, variantsOption } from './command.ts';
import { embedFile } from './embed-file.ts';
import { printable } from './format.ts';
import { JsonOut } from './json-out.ts';
import { type LongOptions, LongTexts, longNotes, longPolicies } from './long-texts.ts';
import { withModel } from './model.ts';
import { givenTextOption, textInput, textNotes, textOptions } from './text-input.ts';
import { givenTexts } from './texts.ts';
import { vectorFormat, vectorsAsJson } from './vector-file.ts';

export const embed: Command = {
  name: 'embed',
  summary: 'Turn texts into vectors',
  usage: '[options] TEXT...  |  --input FILE --output FILE',
  options: {
    ...modelOptions,
    ...precisionOptions,
    ...variantsOption,
    pooling: {
      value: 'KIND',
      help: `${embedTable.pooling.of.join(', ')}: a vector for each text, or (none) for each token; default: what the model says, else mean`,
    },
    normalize: { help: 'vectors of length 1; the default unless the model says otherwise' },
    'no-normalize': { help: 'leave the vectors at their own length' },
    'prompt-name': { value: 'NAME', help: 'a prompt of the model to put before each text, such as query; default: the one the model says' },
    prompt: { value: 'TEXT', help: 'put TEXT before each text instead of a prompt of the model; "" for none' },
    'max-tokens': { value: 'N', help: 'cut each text to N tokens, special ones included' },
    long: { value: 'POLICY', help: 'a text over the context: error, truncate or windows; default error (see below)' },
    overlap: { value: 'N', help: 'tokens that two windows have in common; default an eighth of a window' },
    truncate: { help: 'the same as --long truncate' },
    input: { value: 'FILE', help: 'texts: .txt, .jsonl, .ndjson, .csv, .tsv; - is standard input' },
    ...textOptions,
    output: { value: 'FILE', help: 'vectors: .jsonl, an array a line; .npy, a float32 array of NumPy' },
    force: { help: 'replace an --output that exists' },
    json: { help: 'JSON on standard output: an array of numbers for each text' },
  },
  notes: [
    'Row i belongs to line (or record) i of the input. Files may be of any length: memory use does not grow with them.',
    'A sentence-transformers folder (modules.json) says how vectors are made, cut and prompted: affinage info shows it.',
    'Without TEXT and --input, texts are read from standard input, one per line.',
    ...textNotes,
    ...longNotes,
  ],
  examples: [
    'affinage embed --json "fièvre et toux" "fracture du poignet"',
    'affinage embed --input letters.txt --output vectors.npy',
    'affinage embed --input notes.csv --column compte_rendu --encoding windows-1252 --long windows --output vectors.npy',
    'zcat notes.jsonl.gz | affinage embed --input - --input-format jsonl --max-tokens 512 --output vectors.jsonl',
  ],

  async run(context) {
    const { args } = context;
    const pooling = args.choice('pooling', embedTable.pooling.of);
    if (args.flag('normalize') && args.flag('no-normalize')) throw new UsageError('--normalize and --no-normalize contradict each other');
    if (args.text('prompt', { mayBeEmpty: true }) !== undefined && args.text('prompt-name') !== undefined)
      throw new UsageError('give --prompt or --prompt-name, not both');
    const options = {
      pooling,
      normalize: args.flag('normalize') ? true : args.flag('no-normalize') ? false : undefined,
      promptName: args.text('prompt-name'),
      prompt: args.text('prompt', { mayBeEmpty: true }),
      maxTokens: args.integer('max-tokens', 3),
    };
    const long = longOptions(args, pooling);
    const [input, output] = [args.text('input'), args.text('output')];
    if (input === undefined && output === undefined) {
      const stray = givenTextOption(args) ?? (args.flag('force') ? 'force' : undefined);
      if (stray) throw new UsageError(`--${stray} belongs to --input and --output`);
      return embedTexts(context, options, long);
    }
    if (output === undefined) throw new UsageError('--input needs --output, a .jsonl or .npy file for the vectors');
    if (args.flag('json')) throw new UsageError('--json writes to standard output; with --output leave it out');
    const format = vectorFormat(output, pooling);
    if (input === undefined) throw new UsageError('--output needs --input, a .txt or .jsonl file with the texts, or - for standard input');
    if (args.texts.length > 0) throw new UsageError('give texts either after the command or with --input, not both');
    await embedFile(context, { input: textInput(input, '--input', args), output, format, options, long });
  },
};

function longOptions(args: Args, pooling: string | undefined): LongOptions {
  const asked = args.choice('long', longPolicies);
  if (args.flag('truncate') && asked !== undefined && asked !== 'truncate')
    throw new UsageError(`--truncate and --long ${asked} exclude each other`);
  const policy = args.flag('truncate') ? 'truncate' : (asked ?? 'error');
  const overlap = args.integer('overlap', 0);
  if (overlap !== undefined && policy !== 'windows') throw new UsageError('--overlap belongs to --long windows');
  if (policy === 'windows' && pooling === 'none')
    throw new UsageError('--long windows gives a text one vector; with --pooling none take --long truncate');
  return { policy, overlap };
}

async function embedTexts(context: Context, options: EmbedOptions, long: LongOptions): Promise<void> {
  const { args, io, signal } = context;
  const lines = (await givenTexts(context)).map((text, i) => ({ number: i + 1, text }));
  const perToken = options.pooling === 'none';
  await withModel(context, async model => {
    const texts = await LongTexts.create(model, { ...options, signal }, long);
    if (texts.refuses) {
      for (const { number, text } of lines) {
        const tokens = await texts.tokensOver(text);
        if (tokens !== undefined) texts.refuse(number, tokens);
      }
      const [item, name] = args.texts.length > 0 ? ['text', `${lines.length}`] : ['line', 'standard input'];
      texts.throwRefused(name, '', item);
    }
    const parts = (await texts.embed(lines)).filter(part => part !== null);
    if (texts.cut > 0) io.note(`affinage: ${texts.cut} of ${lines.length} texts cut to ${texts.limit} tokens`);
    if (args.flag('json')) {
      const json = new JsonOut(io);
      const vectors = function* () {
        for (const part of parts) yield* vectorsAsJson(part, perToken);
      };
      await json.list(vectors(), vector => json.write(vector));
      await json.write('\n');
      return json.flush();
    }
    let i = 0;
    for (const { data, dim, offsets } of parts)
      for (let text = 0; text + 1 < offsets.length; text++) {
        await io.out(`${i > 0 ? '\n' : ''}${printable(lines[i++]?.text ?? '')}\n`);
        for (let row = offsets[text]!; row < offsets[text + 1]!; row++) await io.out(vectorLine(data.subarray(row * dim, (row + 1) * dim)));
      }
  });
}

function vectorLine(vector: Float32Array): string {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  const first = [...vector.subarray(0, 6)].map(x => x.toFixed(4).padStart(7)).join(' ');
  return `  [${first} …]  ${vector.length} numbers, length ${length.toFixed(4)}\n`;
}
