/**
 * Where a text is masked. The tokenizer alone decides: every id of its mask token is a mask, at its offset in the text, as in
 * transformers. What a user writes as a mask may be read otherwise: "[mask]" is a mask if the tokenizer lowercases, "cardi[MASK]" is
 * none if the token must stand alone, and every unknown word is one if it has the same id as the mask.
 */
import { InputError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import { findMasks, prepareMasks, type Span } from '../text/masks.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { Encoding } from '../types.ts';
import { encodeWhole } from './encode.ts';

export interface MaskedEncoding {
  /** Of the whole text, not cut to the context. */
  encoding: Encoding;
  /** In the text as the user gave it, in the order of their tokens; without the white space that a mask token takes. */
  spans: Span[];
}

/** A text without any mask id is read again with the placeholders of other models replaced. Errors: as `encodeWhole`. */
export function findMaskIds(reader: { tokenizer: Tokenizer; config: ModelConfig }, text: string): MaskedEncoding {
  const { maskId, maskToken } = reader.tokenizer;
  const encoding = encodeWhole(reader, text);
  if (encoding.ids.includes(maskId)) return { encoding, spans: spansOf(encoding, maskId, text, (start, end) => [start, end]) };
  const prepared = prepareMasks(text, maskToken);
  if (prepared.text === text) return { encoding, spans: [] };
  const replaced = encodeWhole(reader, prepared.text);
  return { encoding: replaced, spans: spansOf(replaced, maskId, text, prepared.toOriginal) };
}

/** Token indices of the masks of an encoding. */
export function maskPositions({ ids }: Encoding, maskId: number): number[] {
  return ids.flatMap((id, i) => (id === maskId ? [i] : []));
}

/** The error for a text that has no mask: what the tokenizer made of the placeholder, if there is one. */
export function noMask(tokenizer: Tokenizer, text: string): InputError {
  const { maskToken, maskIsSingleWord } = tokenizer;
  const written = findMasks(text, maskToken)[0];
  if (!written) {
    const what = text.trim() === '' ? 'The text is empty' : 'The text has no mask';
    return new InputError(`${what}. Put ${maskToken} where a word should be predicted.`, { reason: 'no-mask', mask: maskToken });
  }
  const { start, end } = written;
  const remedy = maskIsSingleWord
    ? `It takes ${maskToken} for a mask only where it stands alone: put a space before and after it.`
    : `It cuts ${maskToken} into other tokens: mask_token must be one of the added_tokens of tokenizer.json. Use another model, or mend its files.`;
  return new InputError(
    `This model's tokenizer does not read ${text.slice(start, end)} at character ${start + 1} as its mask token. ${remedy}`,
    { reason: 'mask-not-read', mask: maskToken, alone: maskIsSingleWord ? 'yes' : '', start, end },
  );
}

function spansOf(
  { ids, offsets }: Encoding,
  maskId: number,
  text: string,
  toOriginal: (start: number, end: number) => [number, number],
): Span[] {
  return ids.flatMap((id, i) => {
    if (id !== maskId) return [];
    let [start, end] = toOriginal(...(offsets[i] ?? [0, 0]));
    while (start < end && /\s/u.test(text[start] ?? '')) start++;
    while (end > start && /\s/u.test(text[end - 1] ?? '')) end--;
    return [{ start, end }];
  });
}
