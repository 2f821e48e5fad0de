/** Masked prediction in Hugging Face's schema: a view of what predict.ts answers, but for `targets`, which count by their first token. */
import { InputError } from '../errors.ts';
import type { FillMaskOptions, FillMaskResult } from '../types.ts';
import { checkTopK, maskedTexts, predictionOf, requireHead, scoreMasks, tokensOfWord } from './masked.ts';
import type { Loaded } from './open.ts';

/** Answers every mask of every text. Errors: InputError (no mask, options), InputTooLongError, TensorError without a head, NonFiniteError. */
export async function fillMasks(loaded: Loaded, texts: readonly string[], options: FillMaskOptions): Promise<FillMaskResult[]> {
  const { tokenizer, config } = loaded;
  requireHead(loaded);
  const topK = checkTopK(options.topK, config.vocabSize);
  const targets = options.targets === undefined ? null : findTargets(loaded, options.targets);
  if (texts.length === 0) return [];
  const prepared = maskedTexts(loaded, texts, options);
  const wanted = targets ? { topK: 0, targets: [...targets.keys()] } : { topK, targets: [] };
  const answers = await scoreMasks(loaded, prepared, wanted, options);
  return prepared.map(({ text, spans }, i) => {
    const perMask = answers[i]!.map((answer, mask) => {
      const span = spans[mask]!;
      if (!targets) return answer.tokens.map(token => predictionOf(tokenizer, token, text, span));
      const best = [...answer.targets].sort((a, b) => a.rank - b.rank).slice(0, options.topK ?? undefined);
      return best.map(token => ({ ...predictionOf(tokenizer, token, text, span), rank: token.rank, ...targets.get(token.id) }));
    });
    return perMask.length === 1 ? perMask[0]! : perMask;
  });
}

/** Token → the word as asked and its number of tokens. A word of several tokens stands for its first, as in transformers. */
function findTargets({ tokenizer }: Loaded, targets: readonly string[]): Map<number, { target: string; target_tokens: number }> {
  const found = new Map<number, { target: string; target_tokens: number }>();
  for (const target of targets) {
    const ids = tokensOfWord(tokenizer, target);
    const id = ids[0];
    if (id === undefined || (id === tokenizer.unkId && target !== tokenizer.idToToken(id))) {
      throw new InputError(`The target "${target}" is not in the model's vocabulary, not even in pieces. Choose another word.`, { target });
    }
    tokenizer.checkRow(id);
    if (!found.has(id)) found.set(id, { target, target_tokens: ids.length });
  }
  return found;
}
