/**
 * The tokenizer: tokenizer.json of Hugging Face, applied exactly, with character offsets.
 *
 * Why affinage has its own, although the npm package `@huggingface/tokenizers` exists: that package gives no offsets, which the page, the
 * masks and `tokenize` need; it runs patterns with JavaScript's `\b` and case folding (the long s), which differ; and its parts take
 * strings without alignment, so none of them could be reused. The tests compare with it. `oniguruma-to-es` translates the patterns
 * (see `oniguruma.ts`).
 *
 * The steps for a text: added tokens are cut out → normalizer → added tokens that match normalised text → pre-tokenizer →
 * model → white space trimmed from offsets → special tokens. Each step is one file beside this one. Every step is linear
 * in the text (byte-pair merges n log n in the length of one word).
 *
 * A component that is not known here is refused by name. The keys `truncation` and `padding` are settings of a batch and
 * not of the tokenizer; as in transformers, the caller decides them.
 */

import { InputError, TokenizerError } from '../errors.ts';
import { Notes } from '../notes.ts';
import type { Encoding } from '../types.ts';
import { type AddedToken, AddedTokenFinder, normalizedContent, placeAddedTokens } from './added-tokens.ts';
import { type Aligned, aligned, originalEnd, originalStart } from './aligned.ts';
import { spend, withAllowance } from './allowance.ts';
import { readBpe } from './bpe.ts';
import { type Decoder, readDecoder } from './decoders.ts';
import { array, boolean, foreign, integer, object, string, unsupported } from './json.ts';
import { type Normalizer, readNormalizer } from './normalizers.ts';
import { type PostProcessor, readPostProcessor, trimOffset } from './post-processors.ts';
import { type PreTokenizer, readPreTokenizer } from './pre-tokenizers.ts';
import { readSpecialTokens, readToken, type TokenizerSettings, type WrittenToken } from './special-tokens.ts';
import { noteHoles, noteMask, noteSettings } from './tokenizer-notes.ts';
import { readUnigram } from './unigram.ts';
import { readWordLevel } from './word-level.ts';
import { maxId, readWordPiece, type TokenModel } from './wordpiece.ts';

export interface TokenizerFiles extends TokenizerSettings {
  /** tokenizer.json, parsed. */
  tokenizerJson: unknown;
}

export interface EncodeOptions {
  /** Default true: [CLS] … [SEP] as the post-processor says. */
  addSpecialTokens?: boolean;
  /** Keep at most this many tokens, special ones included; the end of the text is cut. */
  maxTokens?: number;
}

const models = ['WordPiece', 'BPE', 'Unigram', 'WordLevel'];

/** What a load may cost: a few patterns, and the normalisation of every added token, of which there may be tens of thousands. */
const loadSteps = { base: 40_000_000, perToken: 5000 } as const;

export class Tokenizer {
  /** Tokens of the model and added ones (HF's `get_vocab_size`). */
  readonly vocabSize: number;
  /** Every id is below this; the embedding must have at least so many rows. */
  readonly idLimit: number;
  /** Special tokens that the post-processor adds to one text. */
  readonly specialTokensCount: number;
  private readonly model: TokenModel;
  private readonly normalizer: Normalizer;
  private readonly preTokenizer: PreTokenizer;
  private readonly post: PostProcessor;
  private readonly decoder: Decoder;
  private readonly added: ReadonlyMap<number, AddedToken>;
  private readonly addedIds: ReadonlyMap<string, number>;
  private readonly tokens: readonly (string | undefined)[];
  /** The vocabulary of the model component alone, without the added tokens; used for the ids that the component answers. */
  private readonly modelTokens: readonly (string | undefined)[];
  private readonly specialNames: ReadonlySet<string>;
  private readonly finder: AddedTokenFinder;
  private readonly normalizedFinder: AddedTokenFinder;
  /** Content by role (`mask_token`), as the files name them. */
  private readonly roles: ReadonlyMap<string, string>;
  private readonly splitSpecial: boolean;
  /** Rows of the embedding table: ids from here on are refused. */
  private rows = Number.POSITIVE_INFINITY;
  /** The id of a short ordinary token, -1 if there is none; found when first needed. */
  private anchor: number | undefined;

  /** Reads the files; `notes` takes what was assumed. Throws TokenizerError naming the key that is damaged or not supported. */
  static fromFiles(files: TokenizerFiles, notes = new Notes()): Tokenizer {
    // Added tokens are normalised here, so the file's rules cost work at a load too.
    const { added_tokens: added } = (files.tokenizerJson ?? {}) as { added_tokens?: unknown };
    const steps = loadSteps.base + loadSteps.perToken * (Array.isArray(added) ? added.length : 0);
    return withAllowance(0, () => new Tokenizer(files, notes), steps);
  }

  private constructor({ tokenizerJson, ...settings }: TokenizerFiles, notes: Notes) {
    const json = object(tokenizerJson, 'the file');
    const config = object(settings.tokenizerConfig ?? {}, 'tokenizer_config.json');
    if ((json.version ?? '1.0') !== '1.0') throw foreign('version', json.version, '"1.0"');
    this.model = readModel(json.model);
    this.normalizer = readNormalizer(json.normalizer, 'normalizer');
    this.preTokenizer = readPreTokenizer(json.pre_tokenizer, 'pre_tokenizer');
    this.post = readPostProcessor(json.post_processor, 'post_processor');
    this.decoder = readDecoder(json.decoder, 'decoder');

    const modelSize = this.model.pieces?.length ?? this.model.vocab.size;
    const own = readOwnTokens(json.added_tokens);
    const { tokens: others, roles } = readSpecialTokens(own, settings);
    this.roles = roles;
    this.splitSpecial = boolean(config.split_special_tokens ?? undefined, 'tokenizer_config.json: split_special_tokens', false);
    const added = placeAddedTokens([...own, ...others], this.model.vocab, modelSize, notes);
    this.added = new Map(added.map(t => [t.id, t]));
    this.addedIds = new Map(added.map(t => [t.content, t.id]));
    const tokens: (string | undefined)[] = [...(this.model.pieces ?? [])];
    for (const [token, id] of this.model.vocab) tokens[id] = token;
    this.modelTokens = tokens.slice();
    // As in the reference, a token that is matched in normalised text is listed with its normalised content.
    for (const token of added) tokens[token.id] = token.readsNormalized ? normalizedContent(token, this.normalizer) : token.content;
    this.specialNames = new Set(added.filter(t => t.special).map(t => t.content));
    this.tokens = tokens;
    this.idLimit = tokens.length;
    noteHoles(tokens, notes);
    if (this.model.unkId !== null && this.model.unkId === this.findSpecial('mask_token', maskNames)) {
      notes.add(
        'tokenizer.json and tokenizer_config.json give the mask token and the unknown token one id. affinage does as transformers: it predicts ' +
          'every word that the vocabulary does not know as if it were a mask.',
      );
    }
    this.vocabSize = modelSize + [...this.addedIds.keys()].filter(token => !this.model.vocab.has(token)).length;
    this.finder = new AddedTokenFinder(
      added.filter(t => !t.normalized),
      null,
      this.splitSpecial,
    );
    this.normalizedFinder = new AddedTokenFinder(
      added.filter(t => t.normalized),
      this.normalizer,
      this.splitSpecial,
    );
    for (const { id, token } of [...this.post.before, ...this.post.after]) {
      if (tokens[id] === undefined) {
        throw new TokenizerError(
          `tokenizer.json: post_processor adds ${JSON.stringify(token.slice(0, 40))} with id ${id}, which no token has.`,
          {
            id,
          },
        );
      }
    }
    this.specialTokensCount = this.post.before.length + this.post.after.length;
    if (!roles.has('mask_token') && this.hasMask) noteMask(this.maskToken, notes);
    noteSettings(config, this, notes);
  }

  /** Tells the tokenizer how many rows the embedding table has: from now on texts with a token beyond them are refused. */
  limitTo(rows: number): void {
    this.rows = rows;
  }

  /** Throws InputError for an id without a row in the embedding table (`limitTo`). */
  checkRow(id: number): void {
    if (id < this.rows) return;
    const token = JSON.stringify((this.tokens[id] ?? '').slice(0, 60));
    throw new InputError(
      `The token ${token} has id ${id}, but the model's table has ${this.rows} rows: the model was never given it. Take ${token} out of the text.`,
      { token: this.tokens[id], id, rows: this.rows },
    );
  }

  /** How many special tokens stand before and behind a text. */
  get frame(): { before: number; after: number; ids: readonly number[] } {
    const { before, after } = this.post;
    return { before: before.length, after: after.length, ids: [...before, ...after].map(token => token.id) };
  }

  /**
   * Ids, tokens and offsets of a text: exactly those of HF's Rust `tokenizers`, offsets in UTF-16 units.
   * A lone surrogate counts as U+FFFD, as in every UTF-8 encoder of the web.
   * Throws InputError for a `maxTokens` that does not hold the special tokens, TokenizerError when the rules of the file cost
   * too much on this text (see allowance.ts).
   */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    if (typeof text !== 'string') throw new InputError(`A text must be a string, not ${typeof text}.`);
    return withAllowance(text.length, () => this.encodeInput(text.toWellFormed(), options));
  }

  private encodeInput(input: string, { addSpecialTokens = true, maxTokens }: EncodeOptions): Encoding {
    const out: Encoding = { ids: [], tokens: [], offsets: [] };
    for (const part of this.finder.split(aligned(input, 0))) {
      if (part.token) this.pushAdded(out, part.doc, part.token);
      else if (part.doc.text !== '') {
        for (const inner of this.normalizedFinder.split(this.normalizer(part.doc))) {
          if (inner.token) this.pushAdded(out, inner.doc, inner.token);
          else if (inner.doc.text !== '') this.pushPieces(out, inner.doc);
        }
      }
    }
    for (const prefix of this.post.trims) {
      spend(10 * out.offsets.length, 'post_processor');
      out.offsets.forEach((range, i) => {
        trimOffset(input, out.tokens[i] ?? '', range, i === 0, prefix);
      });
    }
    if (this.rows < this.idLimit) for (const id of out.ids) this.checkRow(id);
    if (!addSpecialTokens) return maxTokens === undefined ? out : cut(out, 0, 0, maxTokens);
    const { before, after } = this.post;
    const full: Encoding = {
      ids: [...before.map(t => t.id)].concat(
        out.ids,
        after.map(t => t.id),
      ),
      tokens: before
        .map(t => t.token)
        .concat(
          out.tokens,
          after.map(t => t.token),
        ),
      offsets: before.map(nowhere).concat(out.offsets, after.map(nowhere)),
    };
    return maxTokens === undefined ? full : this.truncate(full, maxTokens);
  }

  /** Cuts an encoding with special tokens to `maxTokens`, from the right, special tokens kept. */
  truncate(encoding: Encoding, maxTokens: number): Encoding {
    return cut(encoding, this.post.before.length, this.post.after.length, maxTokens);
  }

  /** Id of a token as it stands in the vocabulary, or undefined. */
  tokenToId(token: string): number | undefined {
    return this.addedIds.get(token) ?? this.model.vocab.get(token);
  }

  /** The token of an id, or undefined. */
  idToToken(id: number): string | undefined {
    return this.tokens[id];
  }

  /** Readable text of ids, as HF's `decode` (transformers adds a clean-up of its own on top). Unknown ids are left out. */
  decode(ids: readonly number[], { skipSpecialTokens = true }: { skipSpecialTokens?: boolean } = {}): string {
    const tokens: string[] = [];
    for (const id of ids) {
      const token = this.tokens[id];
      // Compared by its string, as in the reference: a special token whose normalised content differs is not skipped.
      if (token !== undefined && !(skipSpecialTokens && this.specialNames.has(token))) tokens.push(token);
    }
    if (tokens.length === 0) return '';
    return withAllowance(
      tokens.reduce((units, token) => units + token.length, 0),
      () => this.decoder(tokens),
    );
  }

  /** One token as text: HF's `decode([id])`. A continuing piece keeps its prefix (`##de`), a byte-level one its space. */
  tokenString(id: number): string {
    return this.decode([id], { skipSpecialTokens: false });
  }

  /** How many tokens are special, at most: `isSpecial` of their ids. */
  get specialCount(): number {
    return this.specialNames.size;
  }

  isSpecial(id: number): boolean {
    return this.added.get(id)?.special ?? false;
  }

  /**
   * The text that replaces a mask: the token as it is written behind another word, with its own space. `tokenString` of a piece that begins
   * a word (▁patient) has no such space, because HF's decoders remove it at the beginning of a text.
   */
  textWithin(id: number): string {
    const alone = this.tokenString(id);
    if (this.model.continuingPrefix !== '' || this.added.has(id)) return alone;
    this.anchor ??= [...'abcdefghijklmnopqrstuvwxyz0123456789'].map(char => this.model.vocab.get(char)).find(n => n !== undefined) ?? -1;
    const before = this.tokenString(this.anchor);
    const both = this.decode([this.anchor, id], { skipSpecialTokens: false });
    return before !== '' && both.startsWith(before) ? both.slice(before.length) : alone;
  }

  /**
   * The token continues the word before it: a `##` piece; in a vocabulary whose words bring their own space (byte-level,
   * Metaspace) a piece without one, where the mask takes the space before it (`lstrip`) and so predicts that space too.
   */
  isContinuation(id: number): boolean {
    const token = this.tokens[id];
    if (token === undefined || this.added.has(id)) return false;
    const prefix = this.model.continuingPrefix;
    if (prefix !== '') return token.length > prefix.length && token.startsWith(prefix);
    const mask = this.findSpecial('mask_token', maskNames);
    return mask !== undefined && (this.added.get(mask)?.lstrip ?? false) && /^[^\s\ufffd]/u.test(this.textWithin(id));
  }

  /** Prefix of continuing pieces (`##`), '' where the vocabulary has none. */
  get continuingPrefix(): string {
    return this.model.continuingPrefix;
  }

  /** Whether a text can hold a mask. False also where `split_special_tokens` makes special tokens in a text plain text. */
  get hasMask(): boolean {
    return !this.splitSpecial && this.findSpecial('mask_token', maskNames) !== undefined;
  }

  /** Throws TokenizerError when the files name no mask token. So do the other getters for theirs. */
  get maskId(): number {
    if (this.splitSpecial) {
      throw new TokenizerError(
        'tokenizer_config.json sets split_special_tokens: a mask in a text is read as plain text, so none can be predicted. Set it to false.',
        { key: 'split_special_tokens' },
      );
    }
    return this.special('mask_token', maskNames);
  }

  get maskToken(): string {
    const id = this.maskId;
    return this.added.get(id)?.content ?? this.tokens[id] ?? '';
  }

  /** Whether the mask token is recognised only where no letter or digit touches it. */
  get maskIsSingleWord(): boolean {
    return this.added.get(this.maskId)?.singleWord ?? false;
  }

  get clsId(): number {
    return this.special('cls_token', ['[CLS]', '<s>']);
  }

  get sepId(): number {
    return this.special('sep_token', ['[SEP]', '</s>']);
  }

  get padId(): number {
    return this.special('pad_token', ['[PAD]', '<pad>']);
  }

  /** Undefined where there is none: a byte-level vocabulary spells every text. */
  get unkId(): number | undefined {
    return this.model.unkId ?? this.findSpecial('unk_token', ['[UNK]', '<unk>']);
  }

  private special(role: string, names: readonly string[]): number {
    const id = this.findSpecial(role, names);
    if (id === undefined) {
      throw new TokenizerError(
        `The tokenizer has no ${role} (looked in tokenizer_config.json, in special_tokens_map.json and for ${names.join(', ')}). ` +
          'Name it in tokenizer_config.json, or use a model that has one.',
        {
          key: role,
        },
      );
    }
    return id;
  }

  private findSpecial(role: string, names: readonly string[]): number | undefined {
    const named = this.roles.get(role);
    if (named !== undefined) return this.tokenToId(named);
    const found = names.find(name => this.addedIds.has(name)) ?? names.find(name => this.model.vocab.has(name));
    return found === undefined ? undefined : this.tokenToId(found);
  }

  private pushAdded(out: Encoding, doc: Aligned, token: AddedToken): void {
    if (doc.text === '') return;
    out.ids.push(token.id);
    // As in the reference, the token's string includes the white space that it stripped.
    out.tokens.push(doc.text);
    out.offsets.push([originalStart(doc, 0), originalEnd(doc, doc.text.length)]);
  }

  private pushPieces(out: Encoding, whole: Aligned): void {
    const { doc, bounds } = this.preTokenizer({ doc: whole, bounds: [0, whole.text.length] });
    let at = 0;
    const emit = (id: number, start: number, end: number, token?: string): void => {
      out.ids.push(id);
      out.tokens.push(token ?? this.modelTokens[id] ?? '');
      out.offsets.push([originalStart(doc, at + start), originalEnd(doc, at + end)]);
    };
    for (let p = 0; p < bounds.length; p += 2) {
      at = bounds[p] ?? 0;
      this.model.tokenize(doc.text.slice(at, bounds[p + 1]), emit);
    }
  }
}

const maskNames = ['[MASK]', '<mask>'];

function nowhere(): [number, number] {
  return [0, 0];
}

/** `added_tokens` of tokenizer.json. */
function readOwnTokens(value: unknown): WrittenToken[] {
  return array(value ?? [], 'added_tokens').map((entry, i) => {
    const key = `added_tokens[${i}]`;
    const json = object(entry, key);
    const token = readToken(json, key, false);
    return { ...token, id: integer(json.id, `${key}.id`, 0, maxId), key: `tokenizer.json: ${key}` };
  });
}

function readModel(value: unknown): TokenModel {
  const json = object(value, 'model');
  // Files from before 2020 name no type: it is recognised by the other keys.
  const guess =
    'merges' in json ? 'BPE' : Array.isArray(json.vocab) ? 'Unigram' : 'continuing_subword_prefix' in json ? 'WordPiece' : 'WordLevel';
  const type = json.type === undefined ? guess : string(json.type, 'model.type');
  if (type === 'WordPiece') return readWordPiece(json, 'model');
  if (type === 'BPE') return readBpe(json, 'model');
  if (type === 'Unigram') return readUnigram(json, 'model');
  if (type === 'WordLevel') return readWordLevel(json, 'model');
  throw unsupported('model', type, models);
}

function cut(encoding: Encoding, before: number, after: number, maxTokens: number): Encoding {
  if (!Number.isInteger(maxTokens) || maxTokens < before + after) {
    throw new InputError(`maxTokens is ${maxTokens}; it must be a whole number and at least the ${before + after} special tokens.`, {
      maxTokens,
    });
  }
  const excess = encoding.ids.length - maxTokens;
  if (excess <= 0) return encoding;
  const end = encoding.ids.length - after;
  const keep = <T>(list: readonly T[]): T[] => list.slice(0, end - excess).concat(list.slice(end));
  return { ids: keep(encoding.ids), tokens: keep(encoding.tokens), offsets: keep(encoding.offsets) };
}
