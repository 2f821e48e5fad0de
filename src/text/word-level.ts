/** WordLevel: the vocabulary holds whole words. */
import { InputError } from '../errors.ts';
import { type Json, string } from './json.ts';
import { readVocab, type TokenModel } from './wordpiece.ts';

/** A word is one token, or the unknown one. */
export function readWordLevel(json: Json, key: string): TokenModel {
  const vocab = readVocab(json.vocab, `${key}.vocab`);
  const unk = string(json.unk_token, `${key}.unk_token`);
  const unkId = vocab.get(unk) ?? null;
  return {
    vocab,
    unkId,
    continuingPrefix: '',
    tokenize(word, emit) {
      const id = vocab.get(word) ?? unkId;
      if (id === null) {
        throw new InputError(
          `The text holds ${JSON.stringify(word.slice(0, 40))}, for which this tokenizer has no token: its unknown token ` +
            `${JSON.stringify(unk.slice(0, 40))} is not in its vocabulary. Take it out of the text.`,
          { text: word.slice(0, 40) },
        );
      }
      emit(id, 0, word.length);
    },
  };
}
