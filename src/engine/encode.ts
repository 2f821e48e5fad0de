/** Text → tokens within the model's context, shared by all requests. */
import { InputError, InputTooLongError } from '../errors.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { ModelConfig } from './config.ts';
import type { Encoding, TokenizeOptions } from './types.ts';

/** Texts over this many UTF-16 units cannot fit any context and would only cost time: refused before tokenising. */
const maxTextLength = 20_000_000;

/** Errors: InputError for what is no text, InputTooLongError over the context unless truncated. */
export function encodeText(
  { tokenizer, config }: { tokenizer: Tokenizer; config: ModelConfig },
  text: string,
  options: TokenizeOptions = {},
): Encoding {
  if (typeof text !== 'string') throw new InputError(`A text is expected, found ${text === null ? 'null' : typeof text}.`);
  if (text.length > maxTextLength) {
    throw new InputTooLongError(
      `The text has ${text.length} characters; the most that is tokenised at once is ${maxTextLength}. Split it.`,
      {
        characters: text.length,
        maxCharacters: maxTextLength,
      },
    );
  }
  const { maxTokens } = options;
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && maxTokens > tokenizer.specialTokensCount)) {
    throw new InputError(`maxTokens is ${maxTokens}; it must be a whole number over ${tokenizer.specialTokensCount}, the special tokens.`);
  }
  const encoding = tokenizer.encode(text);
  const limit = Math.min(maxTokens ?? Number.POSITIVE_INFINITY, config.maxPositions);
  const count = encoding.ids.length;
  if (count <= limit) return encoding;
  if (maxTokens === undefined && !options.truncate) {
    throw new InputTooLongError(
      `The text has ${count} tokens; this model reads at most ${config.maxPositions}. Shorten it, split it, or ask for truncation (truncate: true; --truncate).`,
      { tokens: count, maxTokens: config.maxPositions },
    );
  }
  return tokenizer.truncate(encoding, limit);
}
