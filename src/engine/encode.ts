/** Text → tokens within the model's context, shared by all requests. */
import { InputError, InputTooLongError } from '../errors.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { ModelConfig } from './config.ts';
import type { Encoding, TokenizeOptions } from './types.ts';

/** Texts over this many UTF-16 units cannot fit any context and would only cost time: refused before tokenising. */
const maxTextLength = 20_000_000;

/** Errors: InputError for `maxTokens` that this model does not have, InputTooLongError over the context unless truncated. */
export function encodeText(
  { tokenizer, config }: { tokenizer: Tokenizer; config: ModelConfig },
  text: string,
  options: TokenizeOptions = {},
): Encoding {
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
  if (maxTokens !== undefined && !(maxTokens > tokenizer.specialTokensCount && maxTokens <= config.maxPositions)) {
    throw new InputError(
      `maxTokens is ${maxTokens}; for this model it must be a whole number over ${tokenizer.specialTokensCount}, the special tokens, and at most ${config.maxPositions}, its context.`,
      { option: 'maxTokens', maxTokens, context: config.maxPositions },
    );
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
