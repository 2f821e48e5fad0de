import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { refuseReadingOutput } from '../node/same-file.ts';
import { surprisalTable } from '../options/tables.ts';
import { wordsOf } from '../text/read-words.ts';
import { UsageError } from './args.ts';
import { type Command, type Context, modelOptions, precisionOptions, variantsOption } from './command.ts';
import { decodeText, encodingName, NotUtf8, notUtf8Error } from './encoding.ts';
import { fileError } from './lines.ts';
import { withModel } from './model.ts';
import { runProgress } from './run-progress.ts';
import { writeCsv, writeJson, writeTable } from './surprisal-out.ts';
import { textOptions } from './text-input.ts';

/** Characters of a text; the tokenizer takes fewer, and says so. */
const maxCharacters = 64 * 2 ** 20;

export const surprisal: Command = {
  name: 'surprisal',
  summary: 'Show how much each word of a text surprises the model',
  usage: '[options] TEXT  |  --file FILE',
  options: {
    ...modelOptions,
    ...precisionOptions,
    ...variantsOption,
    file: { value: 'FILE', help: 'read the whole of FILE as one text; - is standard input' },
    encoding: textOptions.encoding,
    mode: { value: 'MODE', help: 'fast or exact (see below); default fast' },
    around: { value: 'N', help: 'exact: tokens that are read beside each one, half on each side; default as many as the context holds' },
    top: { value: 'K', help: 'words that the model expected, for each word; default 3' },
    json: { help: 'JSON: the words with their tokens' },
    csv: { help: 'CSV: a line for each word' },
  },
  notes: [
    'Surprise is in bits: −log2 of the probability that the model gives the word where it stands, summed over its tokens. 1 bit is a word of',
    'probability one half, 10 bits one of a thousandth. The most surprising words are marked.',
    'fast: the text is read once as it stands. The model sees the word that it is asked about, so every word is less surprising than it',
    'would be hidden. exact: each token is hidden in turn and the text read again, a pass for each token; --around makes the passes short.',
    'A text longer than the context is read in windows that overlap by half. Without TEXT and --file, standard input is read as one text.',
  ],
  examples: [
    'affinage surprisal "Le patient présente une fracture aiguë du myocarde."',
    'affinage surprisal --mode exact --around 128 --file letter.txt',
    'affinage surprisal --file letter.txt --csv > words.csv',
  ],

  async run(context) {
    const { args, io, signal } = context;
    const mode = args.choice('mode', surprisalTable.mode.of) ?? 'fast';
    const around = args.integer('around', surprisalTable.around);
    const topK = args.integer('top', surprisalTable.topK) ?? 3;
    if (around !== undefined && mode !== 'exact') throw new UsageError('--around belongs to --mode exact');
    if (args.flag('json') && args.flag('csv')) throw new UsageError('give --json or --csv, not both');
    const text = await givenText(context);
    await withModel(context, async model => {
      const answer = await model.surprisal(text, { mode, around, topK, signal, onProgress: runProgress(io, 'tokens') });
      io.status('');
      const reading = { text, answer, words: wordsOf(text, answer), around };
      await (args.flag('json') ? writeJson : args.flag('csv') ? writeCsv : writeTable)(reading, io);
    });
  },
};

/** The one text: the argument, or a whole file. Errors: UsageError; InputError for a file that is none or not text. */
async function givenText({ args, io, signal }: Context): Promise<string> {
  const file = args.text('file');
  const encoding = args.text('encoding');
  if (args.texts.length > 1) throw new UsageError('give one text, in quotes');
  if (args.texts.length === 1) {
    if (file !== undefined) throw new UsageError('give a text after the command or with --file, not both');
    if (encoding !== undefined) throw new UsageError('--encoding belongs to --file');
    if (args.texts[0]!.trim() === '') throw new UsageError('no text is given: it is empty');
    return args.texts[0]!;
  }
  if (file === undefined && io.stdinIsTerminal)
    throw new UsageError('no text is given: put it after the command in quotes, name a file with --file, or pipe a text in');
  const isStdin = file === undefined || file === '-';
  const name = isStdin ? 'standard input' : file;
  const options = {
    name,
    encoding: encoding === undefined ? undefined : encodingName(encoding),
    onNotice: (notice: string) => io.note(`affinage: ${notice}`),
  };
  refuseReadingOutput([{ path: isStdin ? 0 : file, name }]);
  let text = '';
  try {
    for await (const part of decodeText(isStdin ? io.stdin() : createReadStream(resolve(file), { signal }), options)) {
      signal.throwIfAborted();
      text += part;
      if (text.length > maxCharacters) throw new UsageError(`${name} is too long for one text; split it`);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotUtf8) throw notUtf8Error(text.split(/\r\n|\n|\r/).length, name, error);
    throw isStdin ? error : fileError(error, file, 'read');
  }
  if (text.trim() === '') throw new UsageError(`no text is given: ${name} is empty`);
  return text;
}
