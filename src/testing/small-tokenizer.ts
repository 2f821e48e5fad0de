/** A WordPiece tokenizer of the real one's kind, small enough for the random models of the oracle: letters and a few words. */

const specials = ['[PAD]', '[CLS]', '[SEP]', '[UNK]', '[MASK]'];
const letters = [...'abcdefghijklmnopqrstuvwxyzéèàç'];

/** 5 special tokens, letters alone and continuing, punctuation, words: fewer than 199 tokens. */
export function smallVocabulary(): string[] {
  return [
    ...specials,
    ...letters,
    ...letters.map(l => `##${l}`),
    '.',
    ',',
    'Le',
    'La',
    'patient',
    'une',
    'fièvre',
    'aiguë',
    'du',
    'cœur',
    '##ite',
  ];
}

/** tokenizer.json, parsed. */
export function smallTokenizer(): unknown {
  const split = (pattern: string, behavior: string) => ({ type: 'Split', pattern: { Regex: pattern }, behavior, invert: false });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'Replace', pattern: { Regex: '\\p{Z}' }, content: ' ' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [split('[ ]{1,4}', 'Isolated'), split('^ $', 'Removed'), split('\\p{P}', 'Isolated')],
    },
    post_processor: { type: 'RobertaProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1], trim_offsets: true, add_prefix_space: true },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 16,
      vocab: Object.fromEntries(smallVocabulary().map((token, id) => [token, id])),
    },
  };
}
