/** `embed` from file to file: batch by batch, so that memory does not grow with the file. */

import { InputError } from '../errors.ts';
import { localFolder } from '../node/environment.ts';
import { refuseOverwriting } from '../node/same-file.ts';
import type { EmbedOptions, Model } from '../types.ts';
import type { Context } from './command.ts';
import type { Line } from './lines.ts';
import { type LongOptions, LongTexts } from './long-texts.ts';
import { withModel } from './model.ts';
import { ProgressNotes } from './progress-notes.ts';
import { inputName, isPlainFile, readTexts, type TextInput } from './text-input.ts';
import { VectorFile, type VectorFormat } from './vector-file.ts';

/** Enough texts for the engine to sort by length, few enough to hold with their vectors. */
const batchTexts = 256;
const batchLength = 2 ** 20;
/** Fewer if each token gets a vector, as a text then has as many vectors as tokens. */
const batchTextsPerToken = 8;

export interface EmbedFileJob {
  input: TextInput;
  output: string;
  format: VectorFormat;
  options: EmbedOptions;
  long: LongOptions;
}

/**
 * Errors: InputError naming the line; UsageError. A file is read once beforehand, so that a bad line or one that is too long is found
 * before hours of work. On standard input a line that is too long is reported at the end, and all other rows are written.
 */
export async function embedFile(context: Context, job: EmbedFileJob): Promise<void> {
  const { args, io, signal } = context;
  const { input, output, format, options } = job;
  const name = inputName(input);
  const refuse = () =>
    refuseOverwriting({ path: output, kind: 'file', name: '--output' }, [
      ...(input.path === '-' ? [] : [{ path: input.path, name: `--input ${input.path}` }]),
      { path: 0, name: 'standard input' },
      { path: localFolder(args.text('model') ?? 'mini') ?? '', name: 'the model' },
    ]);
  const isFile = isPlainFile(input);
  refuse();
  const total = isFile ? await count(context, input) : null;
  const perToken = options.pooling === 'none';
  const file = await VectorFile.create(output, format, { perToken, force: args.flag('force') });
  try {
    await withModel(context, async model => {
      const texts = await LongTexts.create(model, { ...options, signal }, job.long);
      if (isFile && texts.refuses) await checkLengths(context, input, texts, total ?? 0);
      const progress = new ProgressNotes(io, total);
      const { architecture, embedding } = await model.report();
      const dim = perToken ? architecture.hidden : embedding.dim;
      let known = dim;
      for await (const batch of batches(readTexts(input, context, { quiet: isFile }), perToken ? batchTextsPerToken : batchTexts)) {
        const parts = await texts.embed(batch).catch(async (error: unknown) => {
          throw await withLine(error, model, batch, options, name);
        });
        for (const part of parts) {
          known = part?.dim ?? known;
          await (part ? file.write(part) : file.writeMissing(known));
        }
        progress.add(batch.length);
      }
      refuse();
      await file.finish(known);
      progress.end(output, texts);
      texts.throwRefused(name, `Its row in ${output} is ${format === 'npy' ? 'NaN' : 'null'}; all others are there.`);
    });
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Number of texts. Errors: InputError of the first bad line. */
async function count(context: Context, input: TextInput): Promise<number> {
  let texts = 0;
  for await (const _ of readTexts(input, context)) texts++;
  return texts;
}

/** Errors: InputTooLongError that names the lines over the context. */
async function checkLengths(context: Context, input: TextInput, texts: LongTexts, total: number): Promise<void> {
  let done = 0;
  for await (const { number, text } of readTexts(input, context, { quiet: true })) {
    const tokens = await texts.tokensOver(text);
    if (tokens !== undefined) texts.refuse(number, tokens);
    if (++done % 64 === 0) {
      context.io.status(`counting tokens: ${done} of ${total} texts (${Math.floor((100 * done) / total)} %)`);
      // Gives the event loop a turn, so that Ctrl-C is handled.
      await new Promise(resolve => setImmediate(resolve));
    }
  }
  context.io.status('');
  texts.throwRefused(inputName(input), 'Nothing was computed yet.');
}

async function* batches(lines: AsyncIterable<Line>, most: number): AsyncGenerator<Line[], void, undefined> {
  let batch: Line[] = [];
  let length = 0;
  for await (const line of lines) {
    batch.push(line);
    length += line.text.length;
    if (batch.length < most && length < batchLength) continue;
    yield batch;
    batch = [];
    length = 0;
  }
  if (batch.length > 0) yield batch;
}

/** The same error with the number of the line that caused it: the first that the tokenizer refuses too. */
async function withLine(error: unknown, model: Model, batch: readonly Line[], { maxTokens }: EmbedOptions, name: string): Promise<unknown> {
  if (!(error instanceof InputError)) return error;
  for (const { number, text } of batch) {
    const refused: unknown = await model.tokenize(text, { maxTokens }).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (refused instanceof InputError)
      return new InputError(`line ${number} of ${name}: ${refused.message}`, { ...refused.details, line: number }, { cause: error });
  }
  return error;
}
