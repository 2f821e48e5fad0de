/**
 * A recipe: what is trained on how many tokens, in which phases, with which rates. It is a JSON file (docs/recipe.schema.json describes it) or
 * one of those below. Numbers of the paper: ModernCamemBERT-bio, chapter on pretraining; the optimizer's are those of ModernBERT.
 */
import { InputError } from '../errors.ts';
import { nearest } from '../weights/edit-distance.ts';
import { checkSchedule, type Schedule } from './schedule.ts';

export interface Phase {
  name: string;
  /** `clm`: each token predicts the next and sees only what stands before it; `mlm`: masked tokens are predicted from both sides. */
  task: 'clm' | 'mlm';
  /** Tokens of the phase, over all of its steps. */
  tokens: number;
  /** mlm: share of the tokens that must be predicted. */
  maskRate?: number;
  schedule: Schedule;
}

export interface Recipe {
  name: string;
  /** Draws masks and, with --fresh, weights; the order of the documents has a seed of its own, so that twins read the same. */
  seed: number;
  dataSeed: number;
  /** Probability that a value of attention's output is dropped: 0.1 in ModernBERT's own training, and so presumably in the paper's. */
  dropout: number;
  /** Tokens of the longest sequence. */
  context: number;
  /** Tokens that are on the GPU at the same time; a step goes over as many such batches as it needs. */
  batchTokens: number;
  /** Tokens of a step. */
  stepTokens: number;
  optimizer: { beta1: number; beta2: number; eps: number; weightDecay: number; clipNorm: number | null };
  phases: Phase[];
}

const billion = 1e9;
const optimizer = { beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 1e-5, clipNorm: null };
const common = { seed: 17, dataSeed: 42, dropout: 0.1, context: 8192, batchTokens: 8192, stepTokens: 384 * 8192, optimizer };
const constant: Schedule = { kind: 'warmup-constant', peak: 2e-4, warmupTokens: 0.1 * billion };
const decay: Schedule = { kind: 'one-minus-sqrt', peak: 2e-4, floor: 0.1 };
const decayPhase = (tokens: number): Phase => ({ name: 'decay', task: 'mlm', tokens, maskRate: 0.15, schedule: decay });

/** The recipes that have a name. */
export const recipes: Readonly<Record<string, Recipe>> = {
  /** The paper's base models, French: 10 B tokens of the causal detour, then 1 B of masked words with a falling rate. */
  'clm-detour': {
    name: 'clm-detour',
    ...common,
    phases: [{ name: 'clm', task: 'clm', tokens: 10 * billion, schedule: constant }, decayPhase(billion)],
  },
  /** Its twin, which never leaves masked words. */
  'mlm-baseline': {
    name: 'mlm-baseline',
    ...common,
    phases: [{ name: 'mlm', task: 'mlm', tokens: 10 * billion, maskRate: 0.3, schedule: constant }, decayPhase(billion)],
  },
  /** ModernCamemBERT-bio-large, as its card has it; data in the shares MC-Bio 70, MCQA 20, EMEA 6, E3C 4. */
  'bio-large': {
    name: 'bio-large',
    ...common,
    phases: [{ name: 'clm', task: 'clm', tokens: 25 * billion, schedule: constant }, decayPhase(2.5 * billion)],
  },
};

/** Steps of a phase. */
export function stepsOf(recipe: Pick<Recipe, 'stepTokens'>, { tokens }: Phase): number {
  return Math.ceil(tokens / recipe.stepTokens);
}

/** The recipe with its phases and warm-ups scaled so that they have so many tokens in all. */
export function scaledTo(recipe: Recipe, tokens: number): Recipe {
  const factor = tokens / recipe.phases.reduce((sum, phase) => sum + phase.tokens, 0);
  const scaled = (n: number) => Math.max(1, Math.round(n * factor));
  const phases = recipe.phases.map(phase => {
    const { schedule } = phase;
    const changed =
      schedule.kind === 'warmup-constant' ? { ...schedule, warmupTokens: Math.round(schedule.warmupTokens * factor) } : schedule;
    return { ...phase, tokens: scaled(phase.tokens), schedule: changed };
  });
  return { ...recipe, phases };
}

/** A recipe from its JSON. Errors: InputError that names the member and what is accepted. */
export function readRecipe(text: string, file: string): Recipe {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file} is not JSON: ${error instanceof Error ? error.message : error}`, { file });
  }
  const recipe = object(json, file, recipeKeys) as unknown as Recipe;
  const filled: Recipe = { ...common, ...recipe, name: recipe.name ?? 'unnamed' };
  if (recipe.optimizer !== undefined) {
    filled.optimizer = {
      ...optimizer,
      ...(object(recipe.optimizer, `${file}: optimizer`, optimizerKeys) as unknown as Recipe['optimizer']),
    };
  }
  if (!Array.isArray(recipe.phases)) throw new InputError(`${file}: phases is missing; accepted: a list of at least one phase.`);
  filled.phases = recipe.phases.map((phase, i) => {
    const where = `${file}: phases[${i}]`;
    const own = object(phase, where, phaseKeys) as unknown as Phase;
    const keys = own.schedule?.kind === 'one-minus-sqrt' ? ['kind', 'peak', 'floor'] : ['kind', 'peak', 'warmupTokens'];
    return { ...own, name: own.name ?? own.task, schedule: object(own.schedule, `${where}.schedule`, keys) as unknown as Schedule };
  });
  checkRecipe(filled, file);
  return filled;
}

const recipeKeys = ['$schema', 'name', 'seed', 'dataSeed', 'dropout', 'context', 'batchTokens', 'stepTokens', 'optimizer', 'phases'];
const optimizerKeys = ['beta1', 'beta2', 'eps', 'weightDecay', 'clipNorm'];
const phaseKeys = ['name', 'task', 'tokens', 'maskRate', 'schedule'];

/** An object with none but these members. */
function object(value: unknown, where: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InputError(`${where} must be an object.`);
  const unknown = Object.keys(value).find(key => !keys.includes(key));
  if (unknown !== undefined) {
    const [meant] = nearest(unknown, keys, 1);
    throw new InputError(
      `${where} has an unknown member "${unknown}"${meant ? `; did you mean "${meant}"?` : `; accepted: ${keys.join(', ')}.`}`,
    );
  }
  return value as Record<string, unknown>;
}

/** Errors: InputError for numbers with which nothing can be trained. */
export function checkRecipe(recipe: Recipe, file = recipe.name): void {
  const refuse = (what: string, value: unknown, accepted: string): never => {
    throw new InputError(`${file}: ${what} is ${JSON.stringify(value)}; accepted: ${accepted}.`, { file });
  };
  const whole = (what: string, value: number, least: number) => {
    if (!(Number.isSafeInteger(value) && value >= least)) refuse(what, value, `a whole number from ${least} on`);
  };
  const share = (what: string, value: number) => {
    if (!(value >= 0 && value < 1)) refuse(what, value, 'a number from 0 on and under 1');
  };
  whole('seed', recipe.seed, 0);
  whole('dataSeed', recipe.dataSeed, 0);
  whole('context', recipe.context, 8);
  whole('batchTokens', recipe.batchTokens, recipe.context);
  whole('stepTokens', recipe.stepTokens, 1);
  share('dropout', recipe.dropout);
  const { beta1, beta2, eps, weightDecay, clipNorm } = recipe.optimizer;
  share('optimizer.beta1', beta1);
  share('optimizer.beta2', beta2);
  share('optimizer.weightDecay', weightDecay);
  if (!(eps > 0 && eps < 1)) refuse('optimizer.eps', eps, 'a number over 0 and under 1');
  if (clipNorm !== null && !(clipNorm > 0)) refuse('optimizer.clipNorm', clipNorm, 'a number over 0, or null');
  if (recipe.phases.length === 0) refuse('phases', [], 'a list of at least one phase');
  for (const [i, phase] of recipe.phases.entries()) {
    const at = (member: string) => `phases[${i}].${member}`;
    if (phase.task !== 'clm' && phase.task !== 'mlm') refuse(at('task'), phase.task, '"clm" or "mlm"');
    whole(at('tokens'), phase.tokens, 1);
    if (phase.task === 'mlm' && !(phase.maskRate !== undefined && phase.maskRate > 0 && phase.maskRate <= 1))
      refuse(at('maskRate'), phase.maskRate, 'the share of tokens that are predicted, over 0 and at most 1');
    if (phase.task === 'clm' && phase.maskRate !== undefined) refuse(at('maskRate'), phase.maskRate, 'nothing: clm masks no tokens');
    if (phase.schedule.kind !== 'warmup-constant' && phase.schedule.kind !== 'one-minus-sqrt')
      refuse(at('schedule.kind'), (phase.schedule as { kind: unknown }).kind, '"warmup-constant" or "one-minus-sqrt"');
    checkSchedule(phase.schedule);
  }
}
