import { openTokenizer } from '../inference/open.ts';
import { openForGlance } from '../node/environment.ts';
import { Notes } from '../notes.ts';
import type { Encoding } from '../types.ts';
import { type Command, modelOptions } from './command.ts';
import { printable, table } from './format.ts';
import { JsonOut } from './json-out.ts';
import { tellNotes } from './model.ts';
import { givenTexts } from './texts.ts';

export const tokenize: Command = {
  name: 'tokenize',
  summary: 'Show the tokens of a text with their ids and character offsets',
  usage: '[options] TEXT...',
  options: { ...modelOptions, json: { help: 'JSON: one {ids, tokens, offsets} for each text' } },
  notes: [
    'Offsets count UTF-16 code units; [0, 0] is a special token that the text does not hold. Needs no GPU and has no context limit.',
    'Without TEXT, texts are read from standard input, one per line.',
  ],
  examples: ['affinage tokenize "L’insuffisance rénale"', 'affinage tokenize --json --model ./my-model "aspirine 75 mg"'],
  withoutGpu: true,

  async run(context) {
    const { args, io, signal } = context;
    const texts = await givenTexts(context);
    const notes = new Notes();
    const tokenizer = await openTokenizer(await openForGlance(args.text('model') ?? 'mini'), signal, notes);
    tellNotes(context, notes.list);
    if (args.flag('json')) {
      const json = new JsonOut(io);
      await json.list(texts, text => json.write(JSON.stringify(tokenizer.encode(text))));
      await json.write('\n');
      return json.flush();
    }
    for (const [i, text] of texts.entries()) {
      signal.throwIfAborted();
      await io.out(`${i > 0 ? '\n' : ''}${readable(text, tokenizer.encode(text))}`);
    }
  },
};

function readable(text: string, { ids, tokens, offsets }: Encoding): string {
  const rows = tokens.map((token, i) => {
    const [start, end] = offsets[i] ?? [0, 0];
    return [String(ids[i]), printable(token), end > start ? `${start}–${end}` : '', end > start ? printable(text.slice(start, end)) : ''];
  });
  return `${printable(text)}\n${table([['id', 'token', 'characters', 'text'], ...rows], [{ align: 'right' }])}  ${tokens.length} tokens\n`;
}
