/** How surprising each word of a text is: as a table, as CSV and as JSON. */
import { isOfWord, type ReadWord } from '../text/read-words.ts';
import type { Surprisal } from '../types.ts';
import type { Io } from './command.ts';
import { bar, printable, table } from './format.ts';
import { JsonOut } from './json-out.ts';

export interface Reading {
  text: string;
  answer: Surprisal;
  words: ReadWord[];
  /** As asked for; undefined: all of the context. */
  around?: number;
}

/** A bar of full width in the table. */
const fullBits = 20;
/** Rows that are put out at once. */
const rowsAtOnce = 1000;
/** A tenth of the words is marked, at least so many and at most so many, and none that is as likely as one in eight. */
const [leastMarked, mostMarked, leastBits] = [3, 20, 3];

/** The words that are marked, as indices: the most surprising ones, punctuation aside. */
export function mostSurprising({ text, words }: Pick<Reading, 'text' | 'words'>): Set<number> {
  const candidates = words.flatMap(({ start, end, bits }, i) =>
    bits >= leastBits && [...text.slice(start, end)].some(isOfWord) ? [i] : [],
  );
  const most = Math.min(mostMarked, Math.max(leastMarked, Math.ceil(words.length / 10)));
  return new Set(candidates.sort((a, b) => words[b]!.bits - words[a]!.bits || a - b).slice(0, most));
}

const expectedWords = ({ best }: ReadWord): string[] => best.map(({ word }) => word.trim());

export async function writeTable(reading: Reading, io: Io): Promise<void> {
  const { text, words } = reading;
  const marked = mostSurprising(reading);
  const head = ['', 'word', 'bits', '', 'rank', 'expected'];
  const rows = words.map((word, i) => [
    marked.has(i) ? '►' : '',
    printable(text.slice(word.start, word.end)),
    word.bits.toFixed(1),
    bar(word.bits / fullBits, 10),
    word.rank === null ? `${word.tokens} tokens` : `#${word.rank}`,
    printable(expectedWords(word).join(' · ')),
  ]);
  const lines = table([head, ...rows], [{}, {}, { align: 'right' }, {}, { align: 'right' }]).split(/(?<=\n)/);
  await io.out(`${methodLine(reading)}\n`);
  for (let from = 0; from < lines.length; from += rowsAtOnce) await io.out(lines.slice(from, from + rowsAtOnce).join(''));
  await io.out(`${sumLine(reading, marked.size)}\n`);
}

/** How the figures came about, so that nobody takes the one mode for the other. */
function methodLine({ answer: { mode, windows }, around }: Reading): string {
  if (mode === 'exact')
    return `exact: each token hidden in turn, ${around === undefined ? 'with all of the context' : `with ${around} tokens`} around it`;
  const parts = windows.length > 1 ? `, in ${windows.length} windows that overlap by half, as it is longer than the context` : '';
  return `fast: the text read once as it stands${parts}; a word that the model sees surprises it less than a hidden one`;
}

function sumLine({ answer: { bits }, words }: Reading, marked: number): string {
  const mean = bits.length > 0 ? bits.reduce((sum, each) => sum + each, 0) / bits.length : 0;
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  return `${count(words.length, 'word')} in ${count(bits.length, 'token')}, ${mean.toFixed(2)} bits a token${marked > 0 ? `; ► marks the ${marked} most surprising` : ''}`;
}

/** RFC 4180 but for its line ends, which are line feeds, and with a point in numbers. Positions are UTF-16 units. */
export async function writeCsv(reading: Reading, io: Io): Promise<void> {
  const { text, words } = reading;
  const marked = mostSurprising(reading);
  const out = new JsonOut(io);
  await out.write('start,end,word,tokens,bits,rank,marked,expected\n');
  for (const [i, word] of words.entries()) {
    const { start, end, tokens, bits, rank } = word;
    const cells = [
      start,
      end,
      text.slice(start, end),
      tokens,
      rounded(bits),
      rank ?? '',
      marked.has(i) ? 1 : 0,
      expectedWords(word).join(' | '),
    ];
    await out.write(`${cells.map(cell).join(',')}\n`);
  }
  await out.flush();
}

const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** As many digits as an f32 has. */
const rounded = (value: number): number => Number(value.toPrecision(7));

export async function writeJson(reading: Reading, io: Io): Promise<void> {
  const { text, answer, words, around } = reading;
  const { mode, total, windows } = answer;
  const marked = mostSurprising(reading);
  const json = new JsonOut(io);
  const about = { mode, ...(mode === 'exact' && { around: around ?? null }), total_tokens: total, windows };
  await json.write(`${JSON.stringify(about).slice(0, -1)},"words":`);
  await json.list(words.keys(), i => {
    const { start, end, tokens, bits, rank, best } = words[i]!;
    const expected = best.map(({ word, bits: each }) => ({ token_str: word, bits: rounded(each) }));
    return json.write(
      JSON.stringify({ word: text.slice(start, end), start, end, tokens, bits: rounded(bits), rank, marked: marked.has(i), expected }),
    );
  });
  await json.write(',"tokens":');
  await json.list(answer.ids.keys(), i =>
    json.write(
      JSON.stringify({
        token: answer.ids[i],
        start: answer.offsets[2 * i],
        end: answer.offsets[2 * i + 1],
        bits: rounded(answer.bits[i]!),
        rank: answer.ranks[i],
        entropy: rounded(answer.entropy[i]!),
      }),
    ),
  );
  await json.write('}\n');
  await json.flush();
}
