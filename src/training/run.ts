/**
 * A run: the phases of a recipe, step after step, from the beginning or from where an earlier process stopped. It knows no files: whoever
 * starts it writes the checkpoints.
 */
import { AffinageError, InputError } from '../errors.ts';
import type { Resumable } from './documents.ts';
import type { LossScale } from './loss-scale.ts';
import { type LabelledBatch, labelNext, maskWords } from './masking.ts';
import type { PackedBatch } from './packing.ts';
import { type Phase, type Recipe, stepsOf } from './recipe.ts';
import { learningRate } from './schedule.ts';
import type { StepResult, Trainer } from './trainer.ts';

/** Where a run is, between two steps: plain JSON. */
export interface RunState {
  version: 1;
  /** Steps that were made, skipped ones too, and tokens they saw. */
  step: number;
  tokens: number;
  phase: number;
  /** Tokens that this phase has seen. */
  phaseTokens: number;
  /** Steps of the optimizer, batches of them, and the scale of the loss. */
  updates: number;
  batches: number;
  scale: LossScale;
  /** Of the batches' stream. */
  data: unknown;
}

/** A step, as the log tells it. */
export interface StepReport extends StepResult {
  step: number;
  /** Of all phases. */
  steps: number;
  phase: string;
  lr: number;
  seconds: number;
}

export interface Evaluated {
  step: number;
  phase: string;
  heldOut: { loss: number; accuracy: number; labelled: number };
}

export interface RunOptions {
  trainer: Pick<Trainer, 'step' | 'evaluate' | 'steps' | 'batches' | 'scale'>;
  recipe: Recipe;
  batches: Resumable<PackedBatch, unknown>;
  maskId: number;
  /** Batches that are never trained on; the loss of masked words in them is measured now and then. */
  heldOut: readonly LabelledBatch[];
  /** Steps between two checkpoints, and between two measurements of the held-out batches. */
  saveEvery: number;
  evaluateEvery: number;
  /** No more steps than this in all. */
  maxSteps: number;
  signal: AbortSignal;
  onStep(report: StepReport): void | Promise<void>;
  onEvaluated(evaluated: Evaluated): void | Promise<void>;
  /** Writes a checkpoint. */
  save(state: RunState): Promise<void>;
}

/** The weights or the loss are not finite any more: go back to a checkpoint, with a lower learning rate. */
export class TrainingDivergedError extends AffinageError {
  override name = 'TrainingDivergedError';
}

/** All phases to their end, or until the signal: then a checkpoint is written too. Errors: TrainingDivergedError, those of the trainer, the data and `save`. */
export async function trainPhases(options: RunOptions, from: RunState | null): Promise<RunState> {
  const { recipe, trainer, signal, batches } = options;
  const total = recipe.phases.reduce((sum, phase) => sum + stepsOf(recipe, phase), 0);
  const state: RunState = from
    ? structuredClone(from)
    : { version: 1, step: 0, tokens: 0, phase: 0, phaseTokens: 0, updates: 0, batches: 0, scale: trainer.scale, data: batches.state() };
  if (from) batches.restore(from.data);
  let saved = from ? state.step : -1;
  const save = async () => {
    if (saved === state.step) return;
    await options.save(structuredClone(state));
    saved = state.step;
  };
  const evaluate = async (phase: Phase) => {
    if (options.heldOut.length === 0) return;
    await options.onEvaluated({ step: state.step, phase: phase.name, heldOut: await trainer.evaluate('mlm', options.heldOut) });
  };
  if (!from) await evaluate(recipe.phases[0]!);
  let ahead: Promise<Prepared> | null = null;
  for (; state.phase < recipe.phases.length; state.phase++, state.phaseTokens = 0) {
    const phase = recipe.phases[state.phase]!;
    while (state.phaseTokens < phase.tokens && state.step < options.maxSteps) {
      if (signal.aborted) {
        await save();
        return state;
      }
      const started = performance.now();
      const { labelled, tokens, data }: Prepared = await (ahead ?? prepare(options, phase, state.phaseTokens));
      ahead = null;
      const lr = learningRate(phase.schedule, state.phaseTokens, phase.tokens);
      const stepping = trainer.step(phase.task, labelled, { lr, peak: phase.schedule.peak });
      const phaseTokens = state.phaseTokens + tokens;
      if (phaseTokens < phase.tokens && state.step + 1 < options.maxSteps) {
        ahead = prepare(options, phase, phaseTokens);
        ahead.catch(() => {}); // the next step tells, if there is one
      }
      const result = await stepping;
      if (!Number.isFinite(result.loss) || !(result.skipped || Number.isFinite(result.gradientNorm)))
        throw new TrainingDivergedError(
          `Step ${state.step + 1} has the loss ${result.loss} and the gradient norm ${result.gradientNorm}: the training has diverged. Go on from the last checkpoint with a lower peak learning rate.`,
        );
      state.step++;
      state.tokens += result.tokens;
      state.phaseTokens = phaseTokens;
      state.updates = trainer.steps;
      state.batches = trainer.batches;
      state.scale = trainer.scale;
      state.data = data;
      const seconds = (performance.now() - started) / 1000;
      await options.onStep({ ...result, step: state.step, steps: Math.min(total, options.maxSteps), phase: phase.name, lr, seconds });
      if (state.step % options.evaluateEvery === 0) await evaluate(phase);
      if (state.step % options.saveEvery === 0) await save();
    }
    if (state.step >= options.maxSteps) break;
  }
  await evaluate(recipe.phases[Math.min(state.phase, recipe.phases.length - 1)]!);
  await save();
  return state;
}

/** The batches of one step, and where the data stand after them. */
interface Prepared {
  labelled: LabelledBatch[];
  tokens: number;
  data: RunState['data'];
}

/** The labelled batches of the step after `phaseTokens` tokens of the phase. They are made while the GPU computes the step before. */
async function prepare({ recipe, batches, maskId }: RunOptions, phase: Phase, phaseTokens: number): Promise<Prepared> {
  const wanted = Math.min(recipe.stepTokens, phase.tokens - phaseTokens);
  const list: LabelledBatch[] = [];
  let tokens = 0;
  while (tokens < wanted) {
    const batch = await batches.next();
    if (!batch) throw new InputError('The data has ended before the recipe has. Give more data.');
    list.push(phase.task === 'clm' ? labelNext(batch) : maskWords(batch, { seed: recipe.seed, rate: phase.maskRate!, maskId }));
    tokens += batch.ids.length;
  }
  if (list.every(({ labelled }) => labelled === 0))
    throw new InputError('A step has no token to predict: its documents are too short, or the mask rate is too low.');
  return { labelled: list, tokens, data: structuredClone(batches.state()) };
}
