/** From a source to a model on the GPU: read, check, upload, measure, compile. */
import { ConfigError, DisposedError, TokenizerError } from '../errors.ts';
import { type Gpu, openGpu } from '../gpu/device.ts';
import type { ModelConfig } from '../model/config.ts';
import { readModelConfig } from '../model/config-file.ts';
import { type DeviceWeights, tunedModel, uploadWeights } from '../model/device-weights.ts';
import { Identity } from '../model/identity.ts';
import { openWeights, type WeightReader } from '../model/reader.ts';
import { Notes } from '../notes.ts';
import { checkForced, type Measured, makeChoices } from '../runtime/choices.ts';
import { paceOfTrials, tune } from '../runtime/tune/tune.ts';
import { parseJsonText } from '../source/json-text.ts';
import { inFolder, readLayout, transformerOf } from '../source/modules.ts';
import { readSmallFile } from '../source/small-file.ts';
import type { ModelSource } from '../source/source.ts';
import { Tokenizer } from '../text/tokenizer.ts';
import type { DeviceCheckNote, Dtype, KernelVariants, LoadOptions, ModelReport, StorageType, VariantReport } from '../types.ts';
import type { Environment } from './environment.ts';
import { f32Key, f32Note } from './finite.ts';
import { lowerCasing } from './sentence/lower-casing.ts';
import { checkSentenceLength, readSentence, type Sentence } from './sentence/sentence.ts';
import { type DeviceStep, uploadSteps } from './sentence/vectors.ts';
import { Session } from './session.ts';

/** Tokens of the plan that is compiled before a model is ready: a sentence or two. */
const warmTokens = 32;
/** What one load makes. After a lost device it is of no use, and the next load makes a new one. */
export interface Loaded {
  gpu: Gpu;
  config: ModelConfig;
  tokenizer: Tokenizer;
  session: Session;
  dtype: Dtype;
  storage: StorageType;
  variants: VariantReport[];
  times: ModelReport['times'];
  /** How texts become vectors unless a request says otherwise: the settings, the layers with their weights, and the tokenizer of texts to embed. */
  sentence: Sentence;
  steps: readonly DeviceStep[];
  embedTokenizer: Tokenizer;
  /** Variants that the caller asked for. */
  forced: KernelVariants;
  /** What was assumed (notes.ts), and what was found out later. */
  notes: Notes;
  /** The model by its content (identity.ts). */
  identity: string;
  deviceCheck?: DeviceCheckNote;
}

/** For tests and tools: given choices instead of measured ones, and smaller shards than the limit. */
export interface InternalOptions {
  measured?: Measured;
  maxShardBytes?: number;
  /** Longest time in ms for measuring variants. With 0 the choices of earlier loads are taken, else the first variant that is right. */
  tuneBudgetMs?: number;
  /** Checks the model before a caller gets it (verify/checked-loader.ts). If it throws, the load fails. */
  check?: (loaded: Loaded, options: LoadOptions) => Promise<DeviceCheckNote | undefined>;
}

/** Loads a model. Errors: any class of errors.ts but InputError; the signal's reason. */
export async function openModel(
  env: Environment,
  source: ModelSource,
  options: LoadOptions = {},
  internal: InternalOptions = {},
): Promise<Loaded> {
  const { signal, onProgress, dtype: askedDtype = 'auto', storage: askedStorage = 'auto', variants: forced = {} } = options;
  const started = performance.now();
  signal?.throwIfAborted();
  const notes = new Notes();
  const layout = await readLayout(source, signal);
  const files = inFolder(source, layout.folder);
  const [config, tokenizer] = await Promise.all([readModelConfig(files, signal, notes), readTokenizer(files, signal, notes)]);
  fitTokenizer(tokenizer, config, source.name, notes);
  const sentence = await readSentence(source, layout, config, notes, signal);
  const embedTokenizer = sentence.lowerCase ? await readTokenizer(lowerCasing(files), signal) : tokenizer;
  if (embedTokenizer !== tokenizer) fitTokenizer(embedTokenizer, config, source.name);
  checkSentenceLength(sentence, embedTokenizer.specialTokensCount, source.name);
  const reader = await openWeights(files, config, signal, notes);
  const dtype = chooseDtype(askedDtype, reader);
  const gpu = await openGpu(await env.gpu(), { without: options.without, whileWaiting: env.whileWaiting });
  try {
    checkForced(gpu.profile, forced);
    const wanted = chooseStorage(askedStorage, dtype, gpu);
    const identity = new Identity();
    const weights = await gpu.checked('uploading the weights', () =>
      uploadWeights(gpu, config, identity.hashing(reader), {
        dtype,
        signal,
        notes,
        maxShardBytes: internal.maxShardBytes,
        onBytes: (done, detail) => onProgress?.({ stage: 'files', done, total: reader.totalBytes, unit: 'bytes', detail }),
      }),
    );
    const steps = await gpu.checked('uploading the layers after the pooling', () => uploadSteps(gpu, source, sentence.steps, signal));
    const key = identity.keyOf(config);
    const isKnownWide = wanted === 'f16' && (await env.tuning.get(f32Key(env.version, key))) === 'f32';
    if (isKnownWide) notes.add(f32Note);
    const storage = isKnownWide ? 'f32' : wanted;
    const uploaded = performance.now();
    const { session, reports, tunedAt } = await startSession(
      env,
      { gpu, config, weights, sentence, steps, forced, notes },
      storage,
      internal,
      {
        signal,
        onProgress,
      },
    );
    await session.warm(warmTokens, (done, total, detail) => onProgress?.({ stage: 'compile', done, total, unit: 'items', detail }));
    signal?.throwIfAborted();
    gpu.throwIfFailed();
    const ready = performance.now();
    const times = { loadMs: uploaded - started, tuneMs: tunedAt - uploaded, compileMs: ready - tunedAt, lastRunMs: null, lastTokens: null };
    const loaded: Loaded = {
      gpu,
      config,
      tokenizer,
      session,
      dtype,
      storage,
      variants: reports,
      times,
      notes,
      identity: key,
      sentence,
      steps,
      embedTokenizer,
      forced,
    };
    loaded.deviceCheck = await internal.check?.(loaded, options);
    return loaded;
  } catch (error) {
    gpu.destroy();
    throw error;
  }
}

/** Measures the variants (or takes them as given) and makes a session over weights that are on the GPU. */
export async function startSession(
  env: Environment,
  {
    gpu,
    config,
    weights,
    sentence,
    steps,
    forced,
    notes,
  }: Pick<Loaded, 'gpu' | 'config' | 'sentence' | 'steps' | 'forced' | 'notes'> & { weights: DeviceWeights },
  storage: StorageType,
  internal: InternalOptions,
  { signal, onProgress }: Pick<LoadOptions, 'signal' | 'onProgress'>,
): Promise<{ session: Session; reports: VariantReport[]; tunedAt: number }> {
  const { measured, reports } = internal.measured
    ? { measured: internal.measured, reports: [] }
    : await tune(gpu, tunedModel(config, weights), storage, {
        store: env.tuning,
        version: env.version,
        signal,
        budgetMs: internal.tuneBudgetMs,
        forced,
        notes,
        onTask: (done, total, detail) => onProgress?.({ stage: 'tune', done, total, unit: 'items', detail }),
      });
  const tunedAt = performance.now();
  const pace = paceOfTrials(gpu, tunedModel(config, weights), reports);
  return {
    session: new Session(gpu, config, weights, storage, makeChoices(gpu.profile, measured, forced), pace, {
      poolings: sentence.poolings,
      steps,
    }),
    reports,
    tunedAt,
  };
}

/** The tokenizer of a model, wherever its folder keeps it. Errors: as `readTokenizer`. */
export async function openTokenizer(source: ModelSource, signal?: AbortSignal, notes = new Notes()): Promise<Tokenizer> {
  return readTokenizer(await transformerOf(source, signal), signal, notes);
}

/**
 * Compares the tokenizer with the rows of the embedding table. A tokenizer may know tokens that the model does not have: then only
 * texts with such a token are refused, later. But if every text would get one, the files do not belong together.
 * Errors: ConfigError.
 */
export function fitTokenizer(tokenizer: Tokenizer, config: ModelConfig, name: string, notes = new Notes()): void {
  if (tokenizer.idLimit <= config.vocabSize) return;
  if (tokenizer.frame.ids.some(id => id >= config.vocabSize)) {
    throw new ConfigError(
      `The tokenizer of ${name} puts the tokens ${tokenizer.frame.ids.join(', ')} around every text, but the model has only ${config.vocabSize}. The files do not belong together. Use the tokenizer and weights of one model.`,
    );
  }
  notes.add(
    `The tokenizer has ids up to ${tokenizer.idLimit - 1}, the model only ${config.vocabSize} tokens. affinage refuses a text in which one of the others comes up, by its name.`,
  );
  tokenizer.limitTo(config.vocabSize);
}

/** Reads the tokenizer's files. `notes` takes what was assumed. Errors: TokenizerError, ModelSourceError. */
export async function readTokenizer(source: ModelSource, signal?: AbortSignal, notes = new Notes()): Promise<Tokenizer> {
  if (!(await source.has('tokenizer.json', signal))) {
    throw new TokenizerError(
      `${source.name} has no tokenizer.json. Save the fast tokenizer beside the model (tokenizer.save_pretrained in transformers), or add the file to those picked.`,
    );
  }
  const read = async (path: string) => parse(await readSmallFile(source, path, signal), path, source);
  const optional = async (path: string) => ((await source.has(path, signal)) ? read(path) : undefined);
  const [tokenizerJson, tokenizerConfig, specialTokensMap, addedTokens] = await Promise.all([
    read('tokenizer.json'),
    optional('tokenizer_config.json'),
    optional('special_tokens_map.json'),
    optional('added_tokens.json'),
  ]);
  return Tokenizer.fromFiles({ tokenizerJson, tokenizerConfig, specialTokensMap, addedTokens }, notes);
}

function parse(bytes: Uint8Array, path: string, source: ModelSource): unknown {
  try {
    return parseJsonText(bytes);
  } catch (cause) {
    throw new TokenizerError(
      `${path} of ${source.name} is not valid JSON (${cause instanceof Error ? cause.message : cause}). Fetch it again.`,
      {},
      { cause },
    );
  }
}

function chooseDtype(asked: Dtype | 'auto', reader: WeightReader): Dtype {
  if (asked !== 'auto') return asked;
  return reader.stored === 'q8' || reader.stored === 'q4' ? reader.stored : 'f16';
}

function chooseStorage(asked: StorageType | 'auto', dtype: Dtype, gpu: Gpu): StorageType {
  if (asked === 'f16' && !gpu.profile.f16) {
    throw new ConfigError('storage "f16" was asked for, but this adapter has no shader-f16. Use storage "f32" or "auto".');
  }
  if (asked !== 'auto') return asked;
  // A software adapter converts every number to f16 and back, so f16 gains nothing there.
  return gpu.profile.f16 && !gpu.profile.software && dtype !== 'f32' ? 'f16' : 'f32';
}

export function disposedError(): DisposedError {
  return new DisposedError('This model was disposed. Load it again.');
}
