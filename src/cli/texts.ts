import { refuseReadingOutput } from '../node/same-file.ts';
import { UsageError } from './args.ts';
import type { Context } from './command.ts';
import { readLines } from './lines.ts';

/** Most text that is held for one call; `embed --input` has no limit. */
const maxTextsLength = 256 * 2 ** 20;

/**
 * The texts of a command: its arguments, or without any the lines of standard input. An empty line is an empty text: answer i belongs
 * to line i. Errors: UsageError when there are none.
 */
export async function givenTexts({ args, io, signal }: Context): Promise<string[]> {
  if (args.texts.length > 0) return [...args.texts];
  if (io.stdinIsTerminal) throw new UsageError('no text is given: put it after the command in quotes, or pipe texts in, one per line');
  const name = 'standard input';
  refuseReadingOutput([{ path: 0, name }]);
  const texts: string[] = [];
  let length = 0;
  for await (const { text } of readLines(io.stdin(), { name, onNotice: notice => io.note(`affinage: ${notice}`) })) {
    signal.throwIfAborted();
    texts.push(text);
    length += text.length;
    if (length > maxTextsLength) throw new UsageError('too much text on standard input for one call; use embed --input, or split it');
  }
  if (texts.length === 0) throw new UsageError('no text is given: there is none after the command and none on standard input');
  return texts;
}
