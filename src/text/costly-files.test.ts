/** Files that would take hours or all memory: each ends soon, with the answer or with an error that names the place. */
import { describe, expect, it } from 'vitest';
import { TokenizerError } from '../errors.ts';
import { smallTokenizer, smallVocabulary } from '../testing/small-tokenizer.ts';
import { withAllowance } from './allowance.ts';
import { Tokenizer } from './tokenizer.ts';

type File = Record<string, unknown> & { model: Record<string, unknown>; added_tokens: unknown[] };

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const replace = (pattern: unknown, content: string) => ({ type: 'Replace', pattern, content });
const normalizers = (list: unknown[]) => (file: File) => {
  file.normalizer = { type: 'Sequence', normalizers: list };
};
const processors = (list: unknown[]) => (file: File) => {
  file.post_processor = { type: 'Sequence', processors: list };
};
const split = (source: string) => ({ type: 'Split', pattern: { Regex: source }, behavior: 'Isolated', invert: false });
const roberta = { type: 'RobertaProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1], trim_offsets: true, add_prefix_space: true };

/** A tenth of what one text has, to keep the test short; AFFINAGE_TIMES prints what the whole takes. */
const allowance = process.env.AFFINAGE_TIMES ? undefined : 15_000_000;

/** Seconds of processor time that an answer or an error took, and which. */
function outcome(change: (file: File) => void, text: string): { seconds: number; error: unknown; tokens: number } {
  const file = smallTokenizer() as File;
  change(file);
  const started = process.cpuUsage();
  let error: unknown = null;
  let tokens = -1;
  try {
    tokens = withAllowance(0, () => Tokenizer.fromFiles({ tokenizerJson: file }).encode(text).ids.length, allowance);
  } catch (thrown) {
    error = thrown;
  }
  return { seconds: process.cpuUsage(started).user / 1e6, error, tokens };
}

describe('a costly tokenizer.json', () => {
  it.each<[string, (file: File) => void, string, RegExp]>([
    [
      'replacements that double the text',
      normalizers(times(60, () => replace({ String: 'a' }, 'aa'))),
      'a',
      /longer than 262\d+ characters|allowance ended at normalizer/,
    ],
    [
      'long replacements',
      normalizers(times(5, () => replace({ Regex: '.' }, 'a'.repeat(100_000)))),
      'le patient',
      /longer than|allowance ended at normalizer/,
    ],
    [
      'prepends that grow the text',
      normalizers(times(900, () => ({ type: 'Prepend', prepend: 'b'.repeat(100_000) }))),
      'a',
      /longer than|allowance ended at normalizer/,
    ],
    [
      'steps that each walk a long text',
      normalizers(times(1000, () => ({ type: 'NFKC' }))),
      'é'.repeat(1e6),
      /allowance ended at normalizer\.normalizers\[/,
    ],
    [
      'a thousand patterns over a long text',
      normalizers(times(1000, i => replace({ Regex: `(?:a|b)*c${i}` }, ''))),
      'ab'.repeat(10_000),
      /allowance ended/,
    ],
    ['too many steps', normalizers(times(1001, () => ({ type: 'NFC' }))), 'a', /normalizer\.normalizers has 1001 steps; at most 1000/],
    ['80 000 post-processors', processors(times(80_000, () => roberta)), 'a', /post_processor\.processors has 80000 steps/],
    [
      'as many in lists of lists',
      processors(times(300, () => ({ type: 'Sequence', processors: times(300, () => roberta) }))),
      'a',
      /adds 600 special tokens|adds \d+ special tokens to a text; at most 1000|allowance ended/,
    ],
    [
      'as many that add nothing',
      processors(times(300, () => ({ type: 'Sequence', processors: times(300, () => ({ type: 'ByteLevel' })) }))),
      'le patient '.repeat(2000),
      /allowance ended at post_processor/,
    ],
    [
      'ten thousand patterns',
      file => {
        file.pre_tokenizer = {
          type: 'Sequence',
          pretokenizers: times(10, () => ({ type: 'Sequence', pretokenizers: times(1000, i => split(`a${i}`)) })),
        };
      },
      'a',
      /allowance ended at pre_tokenizer\.pretokenizers\[\d+\]/,
    ],
    [
      'added tokens of megabytes',
      file => {
        file.added_tokens.push({ id: smallVocabulary().length, content: 'x'.repeat(1_000_001) });
      },
      'a',
      /over 1000000 characters together/,
    ],
    ['a text of marks out of order', normalizers([{ type: 'NFD' }]), `a${'\u0301\u0316'.repeat(500_000)}`, /allowance ended at NFD/],
    [
      'words without end',
      file => {
        file.model = {
          ...file.model,
          max_input_chars_per_word: 1e9,
          vocab: {
            '[PAD]': 0,
            '[CLS]': 1,
            '[SEP]': 2,
            '[UNK]': 3,
            '[MASK]': 4,
            a: 5,
            '##a': 6,
            [`a${'b'.repeat(200_000)}`]: 7,
            [`##a${'b'.repeat(200_000)}`]: 8,
          },
        };
        file.added_tokens = file.added_tokens.slice(0, 5);
      },
      'a'.repeat(50_000),
      /allowance ended at model/,
    ],
  ])('refuses %s', (_, change, text, message) => {
    const { error, seconds } = outcome(change, text);
    expect(error).toBeInstanceOf(TokenizerError);
    expect(String(error)).toMatch(message);
    if (process.env.AFFINAGE_TIMES) console.log(`TIME ${seconds.toFixed(2)} s  ${_}`);
    expect(seconds).toBeLessThan(20);
  });

  it.each<[string, (file: File) => void, string, number]>([
    ['500 replacements', normalizers(times(500, () => replace({ String: 'x' }, 'y'))), 'le patient', 5],
    ['900 post-processors that only trim', processors([...times(900, () => ({ type: 'ByteLevel' })), roberta]), 'Le patient', 4],
    [
      'ten thousand added tokens that begin alike',
      file => {
        const first = smallVocabulary().length;
        file.added_tokens.push(...times(10_000, i => ({ id: first + i, content: `<${'a'.repeat(40)}${i}>`, special: true })));
      },
      `<${'a'.repeat(40)}77><${'a'.repeat(40)}9999>`,
      4,
    ],
    [
      'a token of 200 000 characters',
      file => {
        file.added_tokens.push({ id: smallVocabulary().length, content: 'x'.repeat(200_000), special: true });
      },
      'x'.repeat(400_000),
      4,
    ],
  ])('takes %s', (_, change, text, tokens) => {
    const found = outcome(change, text);
    expect(found.error).toBeNull();
    if (process.env.AFFINAGE_TIMES) console.log(`TIME ${found.seconds.toFixed(2)} s  ${_}`);
    expect([found.tokens, found.seconds < 20]).toEqual([tokens, true]);
  });
});
