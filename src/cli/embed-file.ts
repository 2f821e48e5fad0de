/** `embed` from file to file: batch by batch, so that memory does not grow with the file. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { EmbedOptions, Model } from '../engine/types.ts';
import { InputError } from '../errors.ts';
import type { Context } from './command.ts';
import { fileError, type Line, type LineFormat, readLines, textOfLine } from './lines.ts';
import { withModel, withTruncation } from './model.ts';
import { VectorFile, type VectorFormat } from './vector-file.ts';

/** Enough texts for the engine to sort by length, few enough to hold with their vectors. */
const batchTexts = 256;
const batchLength = 2 ** 20;
/** With a vector for each token a text weighs as many vectors as it has tokens. */
const batchTextsPerToken = 8;

export interface EmbedFileJob {
  input: string;
  inputFormat: LineFormat;
  output: string;
  format: VectorFormat;
  options: EmbedOptions;
}

/** Errors: InputError naming the line; UsageError. A file is read through once beforehand, so that a bad line is found before hours of work. */
export async function embedFile(context: Context, { input, inputFormat, output, format, options }: EmbedFileJob): Promise<void> {
  const { io, signal } = context;
  const name = input === '-' ? 'standard input' : input;
  const total = (await isPlainFile(input)) ? await check(input, inputFormat, signal) : null;
  const perToken = options.pooling === 'none';
  const file = await VectorFile.create(output, format, perToken);
  try {
    await withModel(context, async model => {
      const all = { ...(await withTruncation(context, model, options)), signal };
      const progress = new ProgressNotes(io, total);
      for await (const batch of batches(textsOf(io, input, inputFormat, signal), perToken ? batchTextsPerToken : batchTexts)) {
        const texts = batch.map(({ text }) => text);
        const vectors = await model.embed(texts, all).catch(async (error: unknown) => {
          throw await withLine(error, model, batch, all, name);
        });
        await file.write(vectors);
        progress.add(batch.length);
      }
      await file.finish((await model.report()).architecture.hidden);
      progress.end(output);
    });
  } catch (error) {
    await file.discard();
    throw error;
  }
}

async function isPlainFile(input: string): Promise<boolean> {
  if (input === '-') return false;
  try {
    return (await stat(input)).isFile();
  } catch (error) {
    throw fileError(error, input, 'read');
  }
}

/** Number of texts. Errors: InputError of the first bad line. */
async function check(input: string, format: LineFormat, signal: AbortSignal): Promise<number> {
  let count = 0;
  for await (const line of fileLines(input, signal)) {
    textOfLine(line, format, input);
    count++;
  }
  return count;
}

async function* fileLines(input: string, signal: AbortSignal): AsyncGenerator<Line, void, undefined> {
  try {
    yield* readLines(createReadStream(input, { signal, highWaterMark: 2 ** 18 }), input);
  } catch (error) {
    signal.throwIfAborted();
    throw fileError(error, input, 'read');
  }
}

async function* textsOf(io: Context['io'], input: string, format: LineFormat, signal: AbortSignal): AsyncGenerator<Line, void, undefined> {
  const [lines, name] = input === '-' ? [readLines(io.stdin(), 'standard input'), 'standard input'] : [fileLines(input, signal), input];
  for await (const line of lines) {
    signal.throwIfAborted();
    yield { number: line.number, text: textOfLine(line, format, name) };
  }
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

/** On a terminal one line that changes; elsewhere a line every ten seconds, so that a log stays short. */
class ProgressNotes {
  #done = 0;
  #lastNoteMs = performance.now();
  readonly #startMs = performance.now();

  constructor(
    readonly io: Context['io'],
    readonly total: number | null,
  ) {}

  add(count: number): void {
    this.#done += count;
    this.io.status(this.#text());
    if (this.io.stderrIsTerminal || performance.now() - this.#lastNoteMs < 10_000) return;
    this.#lastNoteMs = performance.now();
    this.io.note(this.#text());
  }

  end(output: string): void {
    this.io.status('');
    this.io.note(`${output}: ${this.#done} ${this.#done === 1 ? 'text' : 'texts'} in ${duration(this.#seconds())}`);
  }

  #text(): string {
    const { total } = this;
    const perSecond = this.#done / this.#seconds();
    const speed = `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} texts/s`;
    if (total === null) return `embed ${this.#done} texts, ${speed}`;
    return `embed ${this.#done} of ${total} texts (${Math.floor((100 * this.#done) / total)} %), ${speed}, ${duration((total - this.#done) / perSecond)} left`;
  }

  #seconds(): number {
    return (performance.now() - this.#startMs) / 1000;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
