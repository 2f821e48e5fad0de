/**
 * What a sentence-transformers folder says about vectors: how tokens are pooled, which layers follow, how long a text may
 * be, and what is put before it. References: sentence-transformers 6.0 (base/modules, sentence_transformer/modules).
 *
 * A part that is not computed here does not stop the load, as the encoder itself can run. `refusal` names the part, and a request for
 * vectors is refused with it unless the caller says how to pool.
 */
import { ConfigError, ModelSourceError } from '../../errors.ts';
import { type DenseActivation, paddedTo4 } from '../../kernels/dense.ts';
import type { PoolMode } from '../../kernels/pool-modes.ts';
import type { ModelConfig } from '../../model/config.ts';
import { show } from '../../model/config-keys.ts';
import type { Notes } from '../../notes.ts';
import { lengthFiles, type ModelLayout, type ModuleEntry, settingsFile } from '../../source/modules.ts';
import type { ModelSource } from '../../source/source.ts';
import { SettingsFile } from './sentence-settings.ts';

/** A layer after the pooling, in the order of modules.json. */
export type SentenceStep =
  | { kind: 'normalize' }
  | { kind: 'dense'; folder: string; inputs: number; outputs: number; hasBias: boolean; residual: boolean; activation: DenseActivation }
  | { kind: 'layernorm'; folder: string; size: number };

/** How this model makes a vector of a text unless a request says otherwise. */
export interface Sentence {
  /** From modules.json; else the defaults of affinage: the mean, of length 1. */
  declared: boolean;
  /** Side by side in the vector. */
  poolings: readonly PoolMode[];
  /** False: the tokens of a prompt do not count in the pooling. */
  includePrompt: boolean;
  steps: readonly SentenceStep[];
  /** Texts are cut to so many tokens, special ones included; null: a text over the context is an error. */
  maxTokens: number | null;
  /** Where that limit is given, for messages. */
  maxTokensFrom: string;
  /** Texts are lower-cased before the tokenizer's own normaliser. */
  lowerCase: boolean;
  prompts: Readonly<Record<string, string>>;
  defaultPrompt: string | null;
  /** `cosine`, `dot`, `euclidean`, `manhattan`; null: not said. */
  similarity: string | null;
  /** A vector is cut to its first so many numbers. */
  truncateDim: number | null;
  /** Why vectors cannot be made as the folder says; null where they can. */
  refusal: string | null;
}

export const plainSentence: Sentence = {
  declared: false,
  poolings: ['mean'],
  includePrompt: true,
  steps: [{ kind: 'normalize' }],
  maxTokens: null,
  maxTokensFrom: '',
  lowerCase: false,
  prompts: {},
  defaultPrompt: null,
  similarity: null,
  truncateDim: null,
  refusal: null,
};

const maxBytes = 4 * 2 ** 20;
/** Largest matrix of a Dense: what one binding of the GPU holds as f32. */
const maxDenseNumbers = 2 ** 25;
const maxWidth = 65_536;

/**
 * Reads what the folder says. Where it names no length, the tokenizer's `model_max_length` counts, as in sentence-transformers.
 * Errors: ConfigError for a file that is damaged or does not fit the model; ModelSourceError.
 */
export async function readSentence(
  source: ModelSource,
  layout: ModelLayout,
  config: Pick<ModelConfig, 'hiddenSize' | 'maxPositions'>,
  notes: Notes,
  signal?: AbortSignal,
): Promise<Sentence> {
  if (!layout.modules) return plainSentence;
  const reader = new SentenceReader(source, signal);
  const length = await reader.firstOf(lengthFiles.map(name => layout.folder + name));
  const settings = await reader.file(settingsFile);
  const chain = await reader.chain(layout.modules, config.hiddenSize);
  const task = length?.text('transformer_task') ?? 'feature-extraction';
  if (task !== 'feature-extraction') chain.refuse(`${length?.path} says that the transformer is one for ${show(task)}`);
  const family = settings?.text('model_type') ?? 'SentenceTransformer';
  if (family !== 'SentenceTransformer')
    chain.refuse(`${settingsFile} says that this is a ${show(family)}, which makes no single vector of a text`);
  const said = length?.count('max_seq_length') ?? null;
  const fromTokenizer =
    said === null
      ? ((await reader.file(`${layout.folder}tokenizer_config.json`))?.limit('model_max_length', config.maxPositions) ?? null)
      : null;
  const prompts = settings?.prompts() ?? {};
  const defaultPrompt = settings?.text('default_prompt_name') ?? null;
  if (defaultPrompt !== null && !Object.hasOwn(prompts, defaultPrompt))
    throw settings!.wrong('default_prompt_name', 'accepted: null or one of the names under "prompts"');
  const sentence: Sentence = {
    declared: true,
    poolings: chain.poolings,
    includePrompt: chain.includePrompt,
    steps: chain.steps,
    maxTokens: said === null ? fromTokenizer : Math.min(said, config.maxPositions),
    maxTokensFrom: said === null ? 'model_max_length in tokenizer_config.json' : `max_seq_length in ${length?.path}`,
    lowerCase: length?.flag('do_lower_case', false) ?? false,
    prompts,
    defaultPrompt,
    similarity: settings?.text('similarity_fn_name') ?? null,
    truncateDim: settings?.count('truncate_dim') ?? null,
    refusal: chain.refusal,
  };
  if (sentence.refusal !== null) notes.add(`${sentence.refusal}. Vectors are not made as this folder says: "pooling" must be given.`);
  if (defaultPrompt !== null && prompts[defaultPrompt] !== '')
    notes.add(
      `${settingsFile} says that texts to embed begin with the prompt ${show(defaultPrompt)}: ${show(prompts[defaultPrompt])}. It is put before each text unless another prompt is given.`,
    );
  return sentence;
}

/** Errors: ConfigError for a limit that holds no text. */
export function checkSentenceLength({ maxTokens, maxTokensFrom }: Sentence, specialTokens: number, name: string): void {
  if (maxTokens === null || maxTokens > specialTokens) return;
  throw new ConfigError(`${maxTokensFrom} of ${name} is ${maxTokens}; the special tokens alone are ${specialTokens}. Use a longer limit.`, {
    key: maxTokensFrom,
  });
}

/** Length of the vectors after the pooling and after each step; the first entry is the pooling's. */
export function widthsOf(poolings: number, hiddenSize: number, steps: readonly SentenceStep[]): number[] {
  const widths = [poolings * hiddenSize];
  for (const step of steps) widths.push(step.kind === 'dense' ? step.outputs : widths.at(-1)!);
  return widths;
}

/** Length of the vectors that a model gives by default. */
export function sentenceDim({ poolings, steps, truncateDim }: Sentence, hiddenSize: number): number {
  const whole = widthsOf(poolings.length, hiddenSize, steps).at(-1)!;
  return Math.min(whole, truncateDim ?? whole);
}

/** The parts between tokens and vector. */
interface Chain {
  poolings: readonly PoolMode[];
  includePrompt: boolean;
  steps: SentenceStep[];
  refusal: string | null;
  /** Notes that a part is not computed; the first reason is kept. */
  refuse(reason: string): void;
}

class SentenceReader {
  constructor(
    readonly source: ModelSource,
    readonly signal?: AbortSignal,
  ) {}

  /** Null where it is absent. */
  async file(path: string): Promise<SettingsFile | null> {
    if (!(await this.source.has(path, this.signal))) return null;
    const file = await this.source.open(path, this.signal);
    const where = `${path} of ${this.source.name}`;
    if (file.sizeBytes > maxBytes)
      throw new ModelSourceError(`${where} has ${file.sizeBytes} bytes, which no such file has. Check the source.`);
    return SettingsFile.parse(path, where, await file.read(0, file.sizeBytes, this.signal));
  }

  async firstOf(paths: readonly string[]): Promise<SettingsFile | null> {
    for (const path of paths) {
      const found = await this.file(path);
      if (found) return found;
    }
    return null;
  }

  async chain(modules: readonly ModuleEntry[], hiddenSize: number): Promise<Chain> {
    const chain: Chain = {
      poolings: ['mean'],
      includePrompt: true,
      steps: [],
      refusal: null,
      refuse(reason) {
        this.refusal ??= reason;
      },
    };
    let width: number | null = null;
    for (const module of modules.slice(1)) {
      const settings =
        (await this.file(`${module.folder}config.json`)) ?? SettingsFile.empty(`${module.folder}config.json of ${this.source.name}`);
      if (module.folder === '' && module.kind !== 'Normalize' && module.kind !== 'Dropout') {
        throw new ConfigError(`modules.json of ${this.source.name} gives ${show(module.type)} no folder of its own. Fetch it again.`);
      }
      if (module.kind === 'Pooling') {
        if (width !== null) chain.refuse('modules.json names a second Pooling');
        width = this.#pooling(settings, chain, hiddenSize);
      } else if (module.kind === 'Dropout') {
        // It does nothing outside training.
      } else if (module.kind === 'Normalize' && module.folder === '') {
        chain.steps.push({ kind: 'normalize' });
      } else if (module.kind === 'Normalize' || module.kind === 'Dense' || module.kind === 'LayerNorm') {
        if (width === null) chain.refuse(`modules.json names ${show(module.type)} before any Pooling`);
        else width = await this.#step(module, settings, chain, width);
      } else chain.refuse(`modules.json names the module ${show(module.type)}, which is not computed here`);
    }
    if (width === null) chain.refuse('modules.json names no Pooling');
    if (chain.refusal !== null) return { ...chain, poolings: ['mean'], includePrompt: true, steps: [] };
    return chain;
  }

  #pooling(settings: SettingsFile, chain: Chain, hiddenSize: number): number {
    const size = settings.count('embedding_dimension') ?? settings.count('word_embedding_dimension');
    if (size !== null && size !== hiddenSize)
      throw settings.wrong(
        settings.has('embedding_dimension') ? 'embedding_dimension' : 'word_embedding_dimension',
        `the model gives ${hiddenSize} numbers a token`,
      );
    chain.poolings = settings.poolings();
    chain.includePrompt = settings.flag('include_prompt', true);
    return chain.poolings.length * hiddenSize;
  }

  /** Adds a layer after the pooling; returns the width that it gives. */
  async #step(module: ModuleEntry, settings: SettingsFile, chain: Chain, width: number): Promise<number> {
    const { folder, kind } = module;
    for (const key of ['module_input_name', 'module_output_name']) {
      const name = settings.text(key) ?? 'sentence_embedding';
      if (name !== 'sentence_embedding')
        chain.refuse(`${settings.where} says that ${kind} works on ${show(name)}, not on the vector of a text`);
    }
    if (kind === 'Normalize') {
      chain.steps.push({ kind: 'normalize' });
      return width;
    }
    const inputs = settings.count(kind === 'Dense' ? 'in_features' : 'dimension');
    if (inputs !== width) throw settings.wrong(kind === 'Dense' ? 'in_features' : 'dimension', `the part before it gives ${width} numbers`);
    if (!(await this.source.has(`${folder}model.safetensors`, this.signal)))
      chain.refuse(
        `${folder} holds no model.safetensors with the weights of ${kind} (those in a pytorch_model.bin can run code and are not read: save the model again as safetensors)`,
      );
    if (kind === 'LayerNorm') {
      if (width % 4 !== 0) chain.refuse(`${settings.where} has a LayerNorm over ${width} numbers; a multiple of 4 is computed`);
      chain.steps.push({ kind: 'layernorm', folder, size: width });
      return width;
    }
    const outputs = settings.count('out_features');
    if (outputs === null || outputs > maxWidth || inputs * paddedTo4(outputs) > maxDenseNumbers)
      throw settings.wrong(
        'out_features',
        `accepted: a whole number from 1 to ${Math.min(maxWidth, Math.floor(maxDenseNumbers / inputs))}`,
      );
    const residual = settings.flag('use_residual', false);
    if (residual && inputs !== outputs) chain.refuse(`${settings.where} asks for a residual with a projection, which is not computed here`);
    const activation = settings.activation();
    if (activation === null)
      chain.refuse(
        `${settings.where} names the activation function ${show(settings.get('activation_function'))}, which is not computed here`,
      );
    chain.steps.push({
      kind: 'dense',
      folder,
      inputs,
      outputs,
      hasBias: settings.flag('bias', true),
      residual,
      activation: activation ?? 'identity',
    });
    return outputs;
  }
}
