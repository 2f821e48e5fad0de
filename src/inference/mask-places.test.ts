import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../model/config.ts';
import { Notes } from '../notes.ts';
import { smallTokenizer } from '../testing/small-tokenizer.ts';
import { Tokenizer } from '../text/tokenizer.ts';
import { findMaskIds, noMask } from './mask-places.ts';

interface File {
  added_tokens: { content: string; [flag: string]: unknown }[];
  normalizer: unknown;
  model: { unk_token: string };
}

/** The small tokenizer with other flags of its mask token, and other parts. */
function reader(flags: Record<string, unknown> = {}, change: (file: File) => void = () => undefined, own?: string) {
  const file = smallTokenizer() as File;
  const mask = file.added_tokens.find(t => t.content === '[MASK]')!;
  Object.assign(mask, flags);
  change(file);
  const notes = new Notes();
  const tokenizer = Tokenizer.fromFiles({ tokenizerJson: file, tokenizerConfig: own ? { mask_token: own } : undefined }, notes);
  return { tokenizer, config: {} as ModelConfig, notes };
}

/** What each mask of a text stands for in it. */
function masks(read: ReturnType<typeof reader>, text: string): string[] {
  const { encoding, spans } = findMaskIds(read, text);
  expect(spans.length).toBe(encoding.ids.filter(id => id === read.tokenizer.maskId).length);
  return spans.map(({ start, end }) => text.slice(start, end));
}

describe('findMaskIds', () => {
  it('takes the mask tokens of the text, and no other placeholder beside them', () => {
    expect(masks(reader(), 'Le [MASK] une <mask> [MASK].')).toEqual(['[MASK]', '[MASK]']);
    expect(masks(reader(), 'Une [mask] et une [MASK].')).toEqual(['[MASK]']);
    expect(masks(reader(), 'cardi[MASK]')).toEqual(['[MASK]']);
  });

  it('takes the placeholder of another model where the own is not there', () => {
    const read = reader();
    expect(masks(read, 'Le <mask> une <mask>.')).toEqual(['<mask>', '<mask>']);
    expect(findMaskIds(read, 'Le <mask>.').encoding.ids).toEqual(read.tokenizer.encode('Le [MASK].').ids);
    expect(findMaskIds(read, 'Le <mask>.').spans).toEqual([{ start: 3, end: 9 }]);
    expect(masks(read, 'Le patient.')).toEqual([]);
  });

  // As transformers 5.18: Lowercase makes both of "[mask]" and "[MASK]" the token, whose content is lowercased with them.
  it('takes a mask that is matched in normalised text', () => {
    const read = reader({ normalized: true }, file => {
      file.normalizer = { type: 'Lowercase' };
    });
    expect(masks(read, 'Une [mask] et une [MASK] du cœur.')).toEqual(['[mask]', '[MASK]']);
    expect(masks(read, 'cardi[MASK] et une [MASK].')).toEqual(['[MASK]', '[MASK]']);
    expect(masks(read, 'İİİ [Mask].')).toEqual(['[Mask]']);
    expect(masks(read, 'Le patient <mask> une [MASK].')).toEqual(['[MASK]']);
    expect(masks(read, 'Le <mask>.')).toEqual(['<mask>']);
  });

  it('takes a mask of a single word only where it stands alone, and says so where none does', () => {
    const read = reader({ single_word: true });
    expect(masks(read, 'cardi[MASK] et une [MASK] du cœur')).toEqual(['[MASK]']);
    expect(masks(read, 'cardi[MASK]')).toEqual([]);
    expect(noMask(read.tokenizer, 'le cardi[MASK]').message).toMatch(
      /does not read \[MASK\] at character 9 as its mask token.*put a space/,
    );
    expect(masks(read, 'cardi<mask>')).toEqual([]);
    expect(noMask(read.tokenizer, 'cardi<mask>').message).toMatch(/does not read <mask> at character 6/);
  });

  it('leaves the white space that a mask takes out of its place', () => {
    const read = reader({ lstrip: true, rstrip: true });
    expect(findMaskIds(read, 'une  [MASK] \n du').spans).toEqual([{ start: 5, end: 11 }]);
    expect(findMaskIds(read, 'une  <mask>  du').spans).toEqual([{ start: 5, end: 11 }]);
  });

  it('takes an unknown word for a mask where one id serves for both, and notes it', () => {
    const read = reader({}, file => {
      file.model.unk_token = '[MASK]';
    });
    expect(masks(read, 'Le 中 une [MASK].')).toEqual(['中', '[MASK]']);
    expect(read.notes.list.join()).toMatch(/the mask token and the unknown token one id/);
    expect(reader().notes.list.join()).not.toMatch(/the mask token and the unk/);
  });

  it('says what is wrong with a mask token that is cut into others', () => {
    const read = reader({}, file => {
      file.added_tokens = file.added_tokens.filter(t => t.content !== '[MASK]');
    });
    expect(masks(read, 'une [MASK]')).toEqual([]);
    expect(noMask(read.tokenizer, 'une [MASK]').message).toMatch(/cuts \[MASK\] into other tokens.*added_tokens/);
    expect(noMask(read.tokenizer, 'une').message).toMatch(/has no mask. Put \[MASK\]/);
  });

  it('reads a mask of another name', () => {
    const read = reader(
      {},
      file => {
        file.added_tokens.find(t => t.content === '[SEP]')!.special = true;
      },
      '[PAD]',
    );
    expect(masks(read, 'une [PAD] [MASK]')).toEqual(['[PAD]']);
    expect(masks(read, 'une [MASK] <mask>')).toEqual(['[MASK]', '<mask>']);
  });
});
