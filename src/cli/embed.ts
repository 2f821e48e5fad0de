import type { EmbedOptions } from '../engine/types.ts';
import { embedTable } from '../options/tables.ts';
import { UsageError } from './args.ts';
import { type Command, type Context, modelOptions, precisionOptions } from './command.ts';
import { embedFile } from './embed-file.ts';
import { printable } from './format.ts';
import { withModel, withTruncation } from './model.ts';
import { givenTexts } from './texts.ts';
import { vectorFormat, vectorsAsJson } from './vector-file.ts';

const formats = ['txt', 'jsonl'] as const;

export const embed: Command = {
  name: 'embed',
  summary: 'Turn texts into vectors',
  usage: '[options] TEXT...  |  --input FILE --output FILE',
  options: {
    ...modelOptions,
    ...precisionOptions,
    pooling: { value: 'KIND', help: 'mean or cls: a vector for each text; none: one for each token; default mean' },
    'no-normalize': { help: 'leave the vectors at their own length instead of 1' },
    'max-tokens': { value: 'N', help: 'cut each text to N tokens, special ones included' },
    truncate: { help: 'cut a text that is longer than the context' },
    input: { value: 'FILE', help: 'texts: .txt, one a line; .jsonl, strings or objects with "text"; - is standard input' },
    'input-format': { value: 'KIND', help: 'txt or jsonl; default by the ending of FILE, txt for -' },
    output: { value: 'FILE', help: 'vectors: .jsonl, an array a line; .npy, a float32 array of NumPy' },
    json: { help: 'JSON on standard output: an array of numbers for each text' },
  },
  notes: [
    'Row i belongs to line i of the input. Files may be of any length: memory use does not grow with them.',
    'Without TEXT and --input, texts are read from standard input, one a line.',
  ],
  examples: [
    'affinage embed --json "fièvre et toux" "fracture du poignet"',
    'affinage embed --input letters.txt --output vectors.npy',
    'zcat notes.jsonl.gz | affinage embed --input - --input-format jsonl --max-tokens 512 --output vectors.jsonl',
  ],

  async run(context) {
    const { args } = context;
    const pooling = args.choice('pooling', embedTable.pooling.of) ?? 'mean';
    const inputFormat = args.choice('input-format', formats);
    const options = {
      pooling,
      normalize: args.flag('no-normalize') ? false : undefined,
      maxTokens: args.integer('max-tokens', 3),
    };
    const [input, output] = [args.text('input'), args.text('output')];
    if (input === undefined && output === undefined) {
      if (inputFormat) throw new UsageError('--input-format belongs to --input');
      return embedTexts(context, options);
    }
    if (output === undefined) throw new UsageError('--input needs --output, a .jsonl or .npy file for the vectors');
    if (args.flag('json')) throw new UsageError('--json writes to standard output; with --output leave it out');
    const format = vectorFormat(output, pooling);
    if (input === undefined) throw new UsageError('--output needs --input, a .txt or .jsonl file with the texts, or - for standard input');
    if (args.texts.length > 0) throw new UsageError('give texts either after the command or with --input, not both');
    const ending = /\.(txt|jsonl)$/i.exec(input)?.[1]?.toLowerCase();
    const kind = inputFormat ?? (input === '-' ? 'txt' : formats.find(known => known === ending));
    if (kind === undefined) throw new UsageError(`--input must end in .txt or .jsonl, or come with --input-format; "${input}" does not`);
    await embedFile(context, { input, inputFormat: kind, output, format, options });
  },
};

async function embedTexts(context: Context, options: EmbedOptions): Promise<void> {
  const { args, io, signal } = context;
  const texts = await givenTexts(context);
  await withModel(context, async model => {
    const vectors = await model.embed(texts, { ...(await withTruncation(context, model, options)), signal });
    const perToken = options.pooling === 'none';
    if (args.flag('json')) {
      let before = '[';
      for (const json of vectorsAsJson(vectors, perToken)) {
        await io.out(before + json);
        before = ',';
      }
      await io.out(']\n');
      return;
    }
    for (const [i, text] of texts.entries()) {
      await io.out(`${i > 0 ? '\n' : ''}${printable(text)}\n`);
      const [from, to] = [vectors.offsets[i] ?? 0, vectors.offsets[i + 1] ?? 0];
      for (let row = from; row < to; row++) await io.out(vectorLine(vectors.data.subarray(row * vectors.dim, (row + 1) * vectors.dim)));
    }
  });
}

function vectorLine(vector: Float32Array): string {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  const first = [...vector.subarray(0, 6)].map(x => x.toFixed(4).padStart(7)).join(' ');
  return `  [${first} …]  ${vector.length} numbers, length ${length.toFixed(4)}\n`;
}
