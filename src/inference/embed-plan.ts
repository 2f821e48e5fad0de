/** What a request for vectors will do: the model's own settings (sentence.ts), and what the request says instead. */
import { ConfigError, InputError } from '../errors.ts';
import { poolModes } from '../kernels/pool-modes.ts';
import type { EmbedOptions } from '../types.ts';
import { encodeText } from './encode.ts';
import type { Loaded } from './open.ts';
import { type DeviceStep, type VectorTail, widthOf } from './sentence/vectors.ts';

export interface EmbedPlan {
  tail: VectorTail;
  /** A vector is cut to its first so many numbers. */
  columns: number;
  /** The cut vectors get length 1 again. */
  normalizeAfterCut: boolean;
  /** Put before every text. */
  prompt: string;
  /** Tokens at the head of every text that the pooling leaves out. */
  skip: number;
  /** Texts are cut to this, special tokens included: asked for, or the model's own limit; undefined: an error beyond the context. */
  maxTokens: number | undefined;
  /** The limit is the model's own, so the answer says which texts were cut. */
  isOwnLimit: boolean;
}

type Asked = Pick<EmbedOptions, 'pooling' | 'normalize' | 'maxTokens' | 'prompt' | 'promptName'>;

/** Errors: InputError for options that are unknown or do not go together; ConfigError where the folder names a part that is not computed. */
export function planEmbed(loaded: Loaded, { pooling, normalize, maxTokens, prompt, promptName }: Asked): EmbedPlan {
  const { sentence, steps, config } = loaded;
  if (sentence.refusal !== null && pooling === undefined) {
    throw new ConfigError(
      `${sentence.refusal}. So this folder's vectors are not computed. Give "pooling" (${[...poolModes, 'none'].join(', ')}) to pool the encoder's tokens without it.`,
      { refusal: sentence.refusal },
    );
  }
  const isPerToken = pooling === 'none';
  const poolings = isPerToken ? [] : pooling === undefined ? sentence.poolings : [pooling];
  const own = isPerToken ? [] : steps;
  refuseMisfit(own, poolings.length * config.hiddenSize, pooling);
  const chosen = chooseSteps(own, isPerToken ? (normalize ?? false) : normalize);
  const { dim } = widthOf({ poolings, steps: chosen }, config.hiddenSize);
  const columns = isPerToken ? dim : Math.min(dim, sentence.truncateDim ?? dim);
  const chosenPrompt = choosePrompt(loaded, prompt, promptName);
  const limit = maxTokens ?? sentence.maxTokens ?? undefined;
  return {
    tail: { poolings, steps: chosen },
    columns,
    normalizeAfterCut: normalize === true && columns < dim,
    prompt: chosenPrompt,
    skip: chosenPrompt === '' || sentence.includePrompt ? 0 : promptTokens(loaded, chosenPrompt, limit),
    maxTokens: limit,
    isOwnLimit: maxTokens === undefined && sentence.maxTokens !== null,
  };
}

/** `normalize: false` leaves out the normalisation at the end; `true` adds one where there is none. */
function chooseSteps(steps: readonly DeviceStep[], normalize: boolean | undefined): readonly DeviceStep[] {
  const isLast = steps.at(-1)?.kind === 'normalize';
  if (normalize === true && !isLast) return [...steps, { kind: 'normalize' }];
  if (normalize !== false) return steps;
  let end = steps.length;
  while (steps[end - 1]?.kind === 'normalize') end--;
  return steps.slice(0, end);
}

function refuseMisfit(steps: readonly DeviceStep[], width: number, pooling: string | undefined): void {
  const first = steps.find(step => step.kind !== 'normalize');
  const inputs = first?.kind === 'dense' ? first.inputs : first?.kind === 'layernorm' ? first.size : width;
  if (inputs === width) return;
  throw new InputError(
    `pooling ${JSON.stringify(pooling)} gives ${width} numbers, and the layer after the pooling of this model takes ${inputs}. Leave "pooling" out, or ask for "none".`,
  );
}

function choosePrompt({ sentence }: Loaded, prompt: string | undefined, promptName: string | undefined): string {
  if (prompt !== undefined && promptName !== undefined) throw new InputError('prompt and promptName were both given. Give one of them.');
  if (prompt !== undefined) return prompt;
  const name = promptName ?? sentence.defaultPrompt;
  if (name === null) return '';
  if (Object.hasOwn(sentence.prompts, name)) return sentence.prompts[name]!;
  const known = Object.keys(sentence.prompts).map(known => JSON.stringify(known));
  throw new InputError(
    `There is no prompt named ${JSON.stringify(name)} in this model. ${known.length > 0 ? `It has ${known.join(', ')}.` : 'It has no prompts: give the text of one with "prompt".'}`,
  );
}

/** How many tokens the prompt has before a text: those of the prompt alone, without the special token at the end, as sentence-transformers counts. */
function promptTokens({ embedTokenizer: tokenizer, config }: Loaded, prompt: string, maxTokens: number | undefined): number {
  const { ids } = encodeText({ tokenizer, config }, prompt, maxTokens === undefined ? { truncate: true } : { maxTokens });
  return ids.length - (tokenizer.isSpecial(ids.at(-1) ?? -1) ? 1 : 0);
}
