/** Text → tokens within the model's context, shared by all requests. */
import { InputError, InputTooLongError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { Encoding, TokenizeOptions } from '../types.ts';

/** Texts over this many UTF-16 units cannot fit any context, so they are refused before time is spent on tokenising. */
const maxTextLength = 20_000_000;

type Reader = { tokenizer: Tokenizer; config: ModelConfig };

/** Errors: InputError for `maxTokens` that this model does not have, InputTooLongError over the context unless truncated. */
export function encodeText(reader: Reader, text: string, options: TokenizeOptions = {}): Encoding {
  return fitContext(reader, encodeWhole(reader, text), options);
}

/** Encodes the whole text, also beyond the context. Errors: InputTooLongError for a text of more than `maxTextLength` characters. */
export function encodeWhole({ tokenizer }: Reader, text: string): Encoding {
  if (text.length > maxTextLength) {
    throw new InputTooLongError(
      `The text has ${text.length} characters; the most that is tokenised at once is ${maxTextLength}. Split it.`,
      {
        characters: text.length,
        maxCharacters: maxTextLength,
      },
    );
  }
  return tokenizer.encode(text);
}

/** The encoding, cut if the context and the options say so. Errors: as `encodeText`. */
export function fitContext({ tokenizer, config }: Reader, encoding: Encoding, options: TokenizeOptions = {}): Encoding {
  const { maxTokens } = options;
  if (maxTokens !== undefined && !(maxTokens > tokenizer.specialTokensCount && maxTokens <= config.maxPositions)) {
    throw new InputError(
      `maxTokens is ${maxTokens}; for this model it must be a whole number over ${tokenizer.specialTokensCount}, the special tokens, and at most ${config.maxPositions}, its context.`,
      { option: 'maxTokens', maxTokens, context: config.maxPositions },
    );
  }
  const limit = Math.min(maxTokens ?? Number.POSITIVE_INFINITY, config.maxPositions);
  const count = encoding.ids.length;
  if (count <= limit) return encoding;
  if (maxTokens === undefined && !options.truncate) {
    throw new InputTooLongError(
      `The text has ${count} tokens; this model reads at most ${config.maxPositions}. Shorten it, split it, or have it cut: truncate for fillMask and tokenize, maxTokens for embed; on the command line --truncate, and for embed also --long truncate or --long windows.`,
      { tokens: count, maxTokens: config.maxPositions },
    );
  }
  return tokenizer.truncate(encoding, limit);
}
