/**
 * Which of the things that can go wrong an error is: by its class and the facts it carries, never by its English text. The
 * dictionaries have a sentence for each (i18n/en-reasons.ts); an error of which nothing more is known has that of its class.
 */
import type { Dictionary } from '../i18n/dictionaries.ts';
import type { Facts } from '../i18n/en-reasons.ts';
import type { Failure } from './failure.ts';
import { formatBytes, formatNumber, type Language } from './format.ts';

export type Reason = keyof Dictionary['reasons'];

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isFull = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/** Null: the class says all that is known. `hasToken`: the user gave one for the hub. */
export function reasonOf({ name, details }: Failure, hasToken: boolean): Reason | null {
  switch (name) {
    case 'InputTooLongError':
      return isNumber(details.characters) ? 'tooManyCharacters' : isNumber(details.tokens) ? 'tooManyTokens' : null;
    case 'InputError':
      if (details.reason === 'no-mask') return 'noMask';
      if (details.reason === 'mask-not-read') return 'maskNotRead';
      if (details.reason === 'masks-cut') return 'masksCut';
      return isText(details.target) ? 'unknownWord' : isText(details.option) ? 'option' : null;
    case 'ModelSourceError':
      return ofSource(details, hasToken);
    case 'StorageFullError':
      return isNumber(details.neededBytes) && isNumber(details.freeBytes) ? 'full' : null;
    case 'ModelFileError':
      return isText(details.path) ? 'damagedFile' : null;
    case 'ConfigError':
      return isText(details.key) ? 'configKey' : null;
    case 'TensorError':
      if (details.reason === 'no-head') return 'noHead';
      return isFull(details.missing)
        ? 'missingTensors'
        : isFull(details.extra)
          ? 'extraTensors'
          : isFull(details.misshapen)
            ? 'misshapen'
            : null;
    case 'TokenizerError':
      return isText(details.key) ? 'tokenizerKey' : null;
    case 'GpuError':
      return isFull(details.kernels) || isFull(details.candidates) ? 'wrongNumbers' : isText(details.label) ? 'kernelRefused' : null;
    case 'WorkerCrashedError':
      return details.started === false ? 'workerBlocked' : null;
    default:
      return null;
  }
}

/** A model that could not be reached, by what its host answered. */
function ofSource(details: Failure['details'], hasToken: boolean): Reason | null {
  const { status, path, url, code } = details;
  if (details.gated === true) return hasToken ? 'gatedToken' : 'gated';
  if (code === 'RevisionNotFound') return 'noRevision';
  if (details.needsToken === true) {
    if (!hasToken) return status === 403 ? 'refused' : 'notFoundOrPrivate';
    return code === 'RepoNotFound' || status === 404 ? 'notFoundWithToken' : status === 401 ? 'badToken' : 'refusedToken';
  }
  if (details.changed === true) return 'changed';
  if (isFull(details.folders)) return 'severalModels';
  if (status === 407) return 'proxy';
  if (status === 401 || status === 403) return 'refused';
  if (status === 429) return 'tooOften';
  if (isNumber(status) && status >= 500) return 'serverFailed';
  if (isFull(details.pickles)) return 'unsafeWeights';
  if (status === 404 || status === 410) {
    if (path === 'tokenizer.json') return 'noTokenizer';
    return path === 'model.safetensors' ? 'noWeights' : 'noFile';
  }
  if (status === 200) return 'webPage';
  if (isText(url)) return 'unreachable';
  return isText(path) && !isText(details.source) ? 'pickedFile' : null;
}

/** The facts of an error as the sentences show them; a fact that is not there is empty. */
function factsOf({ details }: Failure, language: Language): Facts {
  const texts = Object.entries(details).map(([key, value]): [string, string] => {
    if (isNumber(value)) return [key, /bytes$/i.test(key) ? formatBytes(value, language, true) : formatNumber(value, language)];
    if (Array.isArray(value))
      return [
        key,
        value
          .slice(0, 3)
          .map(each => (typeof each === 'string' ? each : (each?.name ?? '…')))
          .join(', '),
      ];
    return [key, typeof value === 'string' ? value : ''];
  });
  const url = isText(details.url) && URL.canParse(details.url) ? new URL(details.url).host : '';
  const source = isText(details.source) ? details.source : isText(details.name) ? details.name : '';
  return Object.fromEntries([...texts, ['host', url], ['source', source], ['status', String(details.status ?? '')]]);
}

/** Headline and remedy of an error in the user's language; `known`: they say what happened, not only its class. */
export function explain(
  t: Dictionary,
  language: Language,
  failure: Failure,
  hasToken: boolean,
): { title: string; remedy: string; known: boolean } {
  const names: Record<string, { title: string; remedy: string }> = t.errors.names;
  const ofClass = (Object.hasOwn(names, failure.name) ? names[failure.name] : undefined) ?? t.errors.names.Error;
  const reason = reasonOf(failure, hasToken);
  if (!reason) return { ...ofClass, known: false };
  const { title, remedy } = t.reasons[reason](factsOf(failure, language));
  return { title: title ?? ofClass.title, remedy, known: true };
}
