/**
 * Which tokens are added to a vocabulary, and which of them are the mask, the classifier and so on: tokenizer.json with
 * tokenizer_config.json, special_tokens_map.json and added_tokens.json beside it, combined as `AutoTokenizer` of transformers 5.18
 * combines them for a ModernBERT. The files are read in a fixed order; a token that appears again replaces the earlier one, so the flags
 * of the last file apply. special_tokens_map.json and added_tokens.json are the older form of `added_tokens_decoder` in
 * tokenizer_config.json and are used only where that key is absent.
 */
import { array, boolean, type Json, object, string } from './json.ts';

/** The files beside tokenizer.json, parsed; absent ones undefined. */
export interface TokenizerSettings {
  tokenizerConfig?: unknown;
  specialTokensMap?: unknown;
  addedTokens?: unknown;
}

/** A token as a file writes it, without an id: the vocabulary gives that. */
export interface WrittenToken {
  readonly content: string;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
  /** The id that the file writes, and the key where it writes it. */
  readonly id: number | null;
  readonly key: string;
}

export interface SpecialTokens {
  /** In the order in which they are added, behind those of tokenizer.json. */
  readonly tokens: readonly WrittenToken[];
  /** Content by role: `mask_token`, `cls_token` … */
  readonly roles: ReadonlyMap<string, string>;
}

const roleNames = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
const configName = 'tokenizer_config.json';
const mapName = 'special_tokens_map.json';
const addedName = 'added_tokens.json';

/** Errors: TokenizerError naming file and key. `own`: the added tokens of tokenizer.json. */
export function readSpecialTokens(own: readonly WrittenToken[], files: TokenizerSettings): SpecialTokens {
  const config = optionalObject(files.tokenizerConfig, configName);
  /** Values of the keys, with the key to name in an error. */
  const settings = new Map(Object.entries(config).map(([name, value]) => [name, { value, key: `${configName}: ${name}` }]));
  const older = settings.get('additional_special_tokens');
  if (older && isEmpty(settings.get('extra_special_tokens')?.value)) {
    settings.set('extra_special_tokens', older);
    settings.delete('additional_special_tokens');
  }
  const named = new Map<string, { value: unknown; key: string }>();
  const nameAll = (value: unknown, key: string) => {
    for (const [name, token] of Object.entries(object(value, key))) named.set(name, { value: token, key: `${key}.${name}` });
  };
  for (const [name, setting] of settings) {
    if (name.endsWith('_token') && !roleNames.includes(name) && isToken(setting.value)) named.set(name, setting);
  }
  takeNamed();
  const explicit = settings.get('model_specific_special_tokens');
  if (named.size === 0 && explicit && !isEmpty(explicit.value)) nameAll(explicit.value, explicit.key);

  /** If both files list extra tokens: how many of them are from tokenizer_config.json. */
  let ofConfig = 0;
  const listed = new Map<number, WrittenToken>();
  const decoder = settings.get('added_tokens_decoder');
  if (decoder && decoder.value !== null) {
    for (const [id, entry] of Object.entries(object(decoder.value, decoder.key))) {
      const key = `${decoder.key}[${id.slice(0, 20)}]`;
      listed.set(Number(id), { ...readToken(object(entry, key), key, false), id: Number(id) });
    }
  } else {
    for (const [name, value] of Object.entries(optionalObject(files.specialTokensMap, mapName))) {
      const key = `${mapName}: ${name}`;
      const before = settings.get('extra_special_tokens');
      const earlier: unknown = name === 'extra_special_tokens' ? before?.value : undefined;
      const joined = Array.isArray(earlier) && Array.isArray(value);
      if (joined) ofConfig = earlier.length;
      settings.set(name, { value: joined ? [...earlier, ...value] : value, key });
    }
    takeNamed();
    // As in transformers, an object of tokenizer_config.json is not compared by its content here.
    const told = [...roleNames.map(name => settings.get(name)), ...extras()];
    const special = new Set(told.map(s => (s?.key.startsWith(mapName) ? contentOf(s.value) : s?.value)));
    for (const [content, id] of Object.entries(optionalObject(files.addedTokens, addedName))) {
      const is = special.has(content);
      const token = { content, singleWord: false, lstrip: false, rstrip: false, normalized: !is, special: is };
      listed.set(Number(id), { ...token, id: Number(id), key: `${addedName}: ${content.slice(0, 40)}` });
    }
    for (const token of own) if (token.id !== null) listed.set(token.id, token);
  }

  function takeNamed(): void {
    const extra = settings.get('extra_special_tokens');
    if (!extra || typeof extra.value !== 'object' || extra.value === null || Array.isArray(extra.value)) return;
    nameAll(extra.value, extra.key);
    settings.delete('extra_special_tokens');
  }

  function extras(): { value: unknown; key: string }[] {
    const extra = settings.get('extra_special_tokens');
    if (!extra || isEmpty(extra.value)) return [];
    return array(extra.value, extra.key).map((value, i) => ({ value, key: `${extra.key}[${i}]` }));
  }

  const tokens = [...listed.entries()].sort((a, b) => a[0] - b[0]).map(([, token]) => token);
  const late = settings.get('additional_special_tokens');
  if (late && !settings.has('extra_special_tokens')) settings.set('extra_special_tokens', late);
  // A token that is not in the vocabulary is added by any file that names it; the flags of the last of these files apply.
  const known = new Set([...own, ...tokens].map(token => token.content));
  const seen = new Set<string>();
  /** False for a string that was named before, or an object with the same flags: such a token is not added again. */
  const isNew = (value: unknown, { key: _, ...token }: WrittenToken) => {
    const form = typeof value === 'string' ? value : JSON.stringify(token);
    return !seen.has(form) && seen.add(form);
  };
  const roles = new Map<string, string>();
  const byRole: WrittenToken[] = [];
  for (const [name, setting] of [...roleNames.map(role => [role, settings.get(role)] as const), ...named]) {
    if (!setting || isEmpty(setting.value)) continue;
    const token = asToken(setting.value, setting.key, true);
    roles.set(name, token.content);
    if (isNew(setting.value, token)) byRole.push(token);
  }
  const all = new Set(roles.values());
  const listedExtras = extras().flatMap(({ value, key }, i) => {
    const ofMap = i >= ofConfig && key.startsWith(mapName);
    const special = typeof value === 'string' || ofMap || all.has(String(contentOf(value)));
    const token = asToken(value, key, special);
    return isNew(value, token) ? [token] : [];
  });
  const marked = tokens.map(token => (all.has(token.content) ? { ...token, special: true } : token));
  return { tokens: [...marked, ...[...byRole, ...listedExtras].filter(token => !known.has(token.content))], roles };
}

/** A token that is written as an object. */
export function readToken(json: Json, key: string, special: boolean): WrittenToken {
  const is = boolean(json.special ?? undefined, `${key}.special`, special);
  return {
    id: null,
    key,
    content: string(json.content, `${key}.content`),
    singleWord: boolean(json.single_word ?? undefined, `${key}.single_word`, false),
    lstrip: boolean(json.lstrip ?? undefined, `${key}.lstrip`, false),
    rstrip: boolean(json.rstrip ?? undefined, `${key}.rstrip`, false),
    normalized: boolean(json.normalized ?? undefined, `${key}.normalized`, !is),
    special: is,
  };
}

/** A token, written as a string or as an object. */
function asToken(value: unknown, key: string, special: boolean): WrittenToken {
  return readToken(typeof value === 'string' ? { content: value } : object(value, key), key, special);
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null && 'content' in value);
}

function contentOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'content' in value ? value.content : value;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function optionalObject(value: unknown, key: string): Json {
  return value === undefined || value === null ? {} : object(value, key);
}
