/**
 * Checks a message to the worker before anything acts on it, as other code in a page may post messages too. The client checks with the
 * same tables before it posts, so that a wrong option is refused at the call that gave it.
 */

import { InputError } from '../errors.ts';
import type { CalibrateOptions, ImportOptions, PullOptions, TransferOptions } from '../library/types.ts';
import type { PickedFile } from '../source/files.ts';
import type {
  DistributionOptions,
  EmbedOptions,
  EstimateOptions,
  FillMaskOptions,
  IndexOptions,
  JointOptions,
  LoadOptions,
  PredictOptions,
  SurprisalOptions,
  TokenizeOptions,
} from '../types.ts';
import type { VerifyOptions } from '../verify/types.ts';
import type { Call, Calls, Kind, Settings } from '../worker/protocol.ts';
import { checkText, type OptionTable, type Rule, readable, readName, readOptions, readTexts, shown } from './read.ts';
import {
  calibrateTable,
  distributionTable,
  embedTable,
  estimateTable,
  fillMaskTable,
  importTable,
  indexTable,
  jointTable,
  loadTable,
  predictTable,
  pullTable,
  settingsTable,
  surprisalTable,
  tokenizeTable,
  transferTable,
  verifyTable,
} from './tables.ts';
import { readCount, readVectors, requireDim } from './vectors.ts';

type Given = Readonly<Record<string, unknown>>;
type Plain<T> = Omit<T, 'signal' | 'onProgress'>;

const settingsOf = ({ settings }: Given): Settings => readOptions<Settings>('the client', settingsTable, settings);

/** Options as they are posted: without `signal` and `onProgress`, which stay with the client. */
function optionsOf<T extends object>(call: string, table: Readonly<Record<string, Rule>>, { options }: Given): Plain<T> {
  const { signal: _, onProgress: __, ...plain } = table;
  return readOptions<T>(call, plain as OptionTable<T>, options);
}

function modelOf({ model }: Given): number {
  if (typeof model === 'number' && Number.isSafeInteger(model)) return model;
  throw new InputError(`A call needs the number of a model, not ${shown(model)}.`);
}

function indexOf({ index }: Given): number {
  if (typeof index === 'number' && Number.isSafeInteger(index)) return index;
  throw new InputError(`A call needs the number of an index, not ${shown(index)}.`);
}

/** Files as a client picks them. Errors: InputError. */
export function readFiles(call: string, given: unknown): PickedFile[] {
  const wrong = () => new InputError(`${call} needs picked files: a FilesSource, made of a list of files, not ${shown(given)}.`, { call });
  return readable(`the files of ${call}`, () => {
    if (!Array.isArray(given)) throw wrong();
    return given.map((file: unknown) => {
      const { path, blob } = (typeof file === 'object' && file !== null ? file : {}) as Partial<PickedFile>;
      if (typeof path !== 'string' || !(blob instanceof Blob)) throw wrong();
      return { path, blob };
    });
  });
}

const readers: { [K in Kind]: (given: Given) => Calls[K]['params'] } = {
  load: given => {
    const source = (given.source ?? {}) as Given;
    const read =
      'files' in source ? { files: readFiles('load', source.files) } : { name: readName('load', 'the name of a model', source.name) };
    return { source: read, settings: settingsOf(given), options: optionsOf<LoadOptions>('load', loadTable, given) };
  },
  fillMask: given => ({
    model: modelOf(given),
    text: Array.isArray(given.text) ? readTexts('fillMask', given.text) : readText(given.text),
    options: optionsOf<FillMaskOptions>('fillMask', fillMaskTable, given),
  }),
  predict: given => ({
    model: modelOf(given),
    text: Array.isArray(given.text) ? readTexts('predict', given.text) : readText(given.text),
    options: optionsOf<PredictOptions>('predict', predictTable, given),
  }),
  fillJointly: given => ({
    model: modelOf(given),
    text: readText(given.text),
    options: optionsOf<JointOptions>('fillJointly', jointTable, given),
  }),
  distribution: given => ({
    model: modelOf(given),
    text: readText(given.text),
    options: optionsOf<DistributionOptions>('distribution', distributionTable, given),
  }),
  surprisal: given => ({
    model: modelOf(given),
    text: readText(given.text),
    options: optionsOf<SurprisalOptions>('surprisal', surprisalTable, given),
  }),
  indexCreate: given => ({
    model: modelOf(given),
    dim: requireDim(optionsOf<IndexOptions>('index', indexTable, { options: { dim: given.dim } })),
  }),
  indexAdd: given => ({ index: indexOf(given), vectors: readVectors('add', given.vectors) }),
  indexSearch: given => ({ index: indexOf(given), queries: readVectors('search', given.queries), k: readCount('search', given.k) }),
  indexDispose: given => ({ index: indexOf(given) }),
  vocabulary: given => ({ model: modelOf(given) }),
  embed: given => ({
    model: modelOf(given),
    texts: readTexts('embed', given.texts),
    options: optionsOf<EmbedOptions>('embed', embedTable, given),
  }),
  tokenize: given => ({
    model: modelOf(given),
    text: readText(given.text),
    options: optionsOf<TokenizeOptions>('tokenize', tokenizeTable, given),
  }),
  estimate: given => ({
    model: modelOf(given),
    texts: readTexts('estimate', given.texts),
    options: optionsOf<EstimateOptions>('estimate', estimateTable, given),
  }),
  report: given => ({ model: modelOf(given) }),
  dispose: given => ({ model: modelOf(given) }),
  listModels: given => ({ settings: settingsOf(given) }),
  librarySpace: given => ({ settings: settingsOf(given) }),
  pull: given => ({
    settings: settingsOf(given),
    name: readName('pull', 'the name of a model', given.name),
    options: optionsOf<PullOptions>('pull', pullTable, given),
  }),
  checkFiles: given => ({
    settings: settingsOf(given),
    key: keyOf('check', given),
    options: optionsOf<TransferOptions>('check', transferTable, given),
  }),
  removeModel: given => ({ settings: settingsOf(given), key: keyOf('remove', given) }),
  importModel: given => ({
    settings: settingsOf(given),
    files: readFiles('importModel', given.files),
    options: optionsOf<ImportOptions>('importModel', importTable, given),
  }),
  calibrateModel: given => ({
    settings: settingsOf(given),
    key: keyOf('calibrate', given),
    texts: given.texts === null ? null : readTexts('calibrate', given.texts),
    options: optionsOf<CalibrateOptions>('calibrate', calibrateTable, given),
  }),
  exportModel: given => ({ settings: settingsOf(given), key: keyOf('exportModel', given), folder: readFolder(given.folder) }),
  verifyTraining: given => ({ settings: settingsOf(given) }),
  verify: given => ({ settings: settingsOf(given), options: readForm(optionsOf<VerifyOptions>('verify', verifyTable, given)) }),
};

const keyOf = (call: string, { key }: Given): string => readName(call, 'the key of an entry', key);

function readText(text: unknown): string {
  checkText(text);
  return text;
}

/** A folder that the browser's picker gave, or null. Errors: InputError. */
export function readFolder(folder: unknown): FileSystemDirectoryHandle | null {
  if (folder === null) return null;
  const isFolder = typeof folder === 'object' && 'getFileHandle' in folder && 'getDirectoryHandle' in folder;
  if (isFolder) return folder as FileSystemDirectoryHandle;
  throw new InputError(`exportModel needs a folder of the browser's picker, or null for the files themselves, not ${shown(folder)}.`);
}

/** The form must be given. Errors: InputError. */
export function readForm<T extends { form?: unknown }>(options: T): T {
  if (options.form === undefined)
    throw new InputError('verify needs the form of the check: { form: "full" } or { form: "short" }.', { option: 'form' });
  return options;
}

/** The checked call of a message. Errors: InputError for anything that is no valid call. */
export function readCall({ id, kind, params }: { id: number; kind: unknown; params: unknown }): Call {
  if (typeof kind !== 'string' || !Object.hasOwn(readers, kind)) throw new InputError(`The worker knows no call ${shown(kind)}.`);
  if (typeof params !== 'object' || params === null) throw new InputError(`${kind} came to the worker without its parameters.`);
  return { type: 'call', id, kind, params: readers[kind as Kind](params as Given) } as Call;
}
