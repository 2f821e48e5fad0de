import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { GpuError, InputError } from '../errors.ts';
import { fitTokenizer, openTokenizer } from '../inference/open.ts';
import { readModelConfig } from '../model/config-file.ts';
import { countParameters } from '../model/parameters.ts';
import { openNodeSource } from '../node/environment.ts';
import { folderPath } from '../node/folder.ts';
import { transformerOf } from '../source/modules.ts';
import { benchTrainer } from '../training/bench.ts';
import { estimateTraining, type TrainingEstimate } from '../training/estimate.ts';
import { openTraining } from '../training/open.ts';
import { checkRecipe, type Recipe, readRecipe, recipes, scaledTo, stepsOf } from '../training/recipe.ts';
import { type RunState, type StepReport, TrainingDivergedError, trainPhases } from '../training/run.ts';
import { readState, runFilesOf, type SavedState, startFilesOf, weightsFileOf } from '../training/saved-model.ts';
import { type Args, UsageError } from './args.ts';
import { type Command, type Context, modelOptions } from './command.ts';
import { curvesSvg } from './curves.ts';
import { bytes, percent, table } from './format.ts';
import { textNotes, textOptions } from './text-input.ts';
import { givenData, heldOutBatches, trainingBatches } from './train-data.ts';
import { TrainFolder } from './train-folder.ts';

export const train: Command = {
  name: 'train',
  summary: 'Train a model on texts, by a recipe',
  usage: '[options] --recipe NAME|FILE --data PATH --out FOLDER',
  options: {
    recipe: { value: 'NAME|FILE', help: `${Object.keys(recipes).join(', ')}, or a JSON file (docs/recipe.schema.json)` },
    ...modelOptions,
    fresh: { help: 'draw the weights anew by the seed; MODEL needs only config.json and a tokenizer' },
    data: { value: 'PATH[=SHARE]', help: 'a file or a folder of texts, and its share of the tokens; default all alike', multiple: true },
    'held-out': { value: 'PATH', help: 'texts that are not trained on: the loss of masked words there is measured' },
    ...textOptions,
    out: { value: 'FOLDER', help: 'for checkpoints, the log, the curves and the model' },
    resume: { help: 'go on from the last checkpoint in FOLDER, with its recipe' },
    seed: { value: 'N', help: 'draws masks and fresh weights; default the recipe’s' },
    tokens: { value: 'N', help: 'scale the phases so that they have N tokens in all' },
    context: { value: 'N', help: 'tokens of the longest sequence; default the recipe’s' },
    'batch-tokens': { value: 'N', help: 'tokens on the GPU at the same time; default the recipe’s' },
    'step-tokens': { value: 'N', help: 'tokens of a step; default the recipe’s' },
    'max-steps': { value: 'N', help: 'stop after so many steps in all' },
    'save-every': { value: 'N', help: 'steps between two checkpoints; default 100' },
    keep: { value: 'N', help: 'checkpoints that stay; default 2' },
    'evaluate-every': { value: 'N', help: 'steps between two measurements of --held-out; default 100' },
    storage: { value: 'TYPE', help: 'weights and activations of the passes: f32, f16 (the trained weights stay f32); default f32' },
    recompute: { help: 'compute each layer again in the backward pass: less memory, a third more time; default where memory asks for it' },
    plan: { help: 'train nothing: phases, steps, tokens, operations, memory, and the time that this adapter would need' },
    check: { help: 'train nothing: check the kernels and the arithmetic of training on this adapter' },
    json: { help: 'a line of JSON for each step' },
  },
  notes: [
    ...textNotes,
    'Each text is a document. Documents are packed between [CLS] and [SEP]; attention does not cross from one to the next.',
    'Ctrl-C ends the step, saves a checkpoint and ends (a second one ends at once); --resume then goes on as if nothing had happened, to the same bits on the same adapter.',
    'FOLDER/model is a model that transformers and affinage read; every checkpoint FOLDER/step-N is one too.',
  ],
  examples: [
    'affinage train --recipe clm-detour --tokens 2000000 --context 512 --batch-tokens 1024 --step-tokens 4096 --data notes.txt --out run1',
    'affinage train --resume --recipe clm-detour --data notes.txt --out run1',
    'affinage train --recipe clm-detour --plan',
  ],
  async run(context) {
    const { args, io, env, signal } = context;
    if (args.texts.length > 0) throw new UsageError('texts come from files: --data PATH');
    if (args.flag('check')) return checkHere(context);
    if (args.flag('plan')) {
      const recipe = recipeOf(args);
      await io.out(await planText(args, recipe, context));
      return;
    }
    const out = args.text('out');
    if (out === undefined) throw new UsageError('--out is missing: the folder for the checkpoints');
    const given = args.words('data');
    if (!given) throw new UsageError('--data is missing: a file or a folder of texts');
    const data = givenData(given);
    const folder = new TrainFolder(folderPath(out));
    folder.prepare(args.flag('resume'));
    const begun = args.flag('resume') ? await lastCheckpoint(folder) : null;
    const recipe = begun?.saved.recipe ?? recipeOf(args);
    if (begun && begun.saved.data.join('\n') !== given.join('\n'))
      throw new InputError(`The run in ${out} was begun with --data ${begun.saved.data.join(' --data ')}. Give the same again.`, {
        path: out,
      });

    const start = openNodeSource(begun ? folder.checkpoint(begun.saved.state.step) : (args.text('model') ?? 'mini'));
    const tokenizer = await openTokenizer(start, signal);
    io.status(`loading ${start.name} …`);
    const trainer = await openTraining({
      gpu: await env.gpu(),
      whileWaiting: env.whileWaiting,
      source: start,
      recipe,
      storage: args.choice('storage', ['f32', 'f16'] as const),
      recompute: args.flag('recompute') || undefined,
      isFresh: args.flag('fresh') && !begun,
      ...(begun && { saved: begun.saved }),
      signal,
    });
    try {
      fitTokenizer(tokenizer, trainer.config, start.name);
      if (recipe.context > trainer.config.maxPositions)
        throw new InputError(
          `The recipe’s context is ${recipe.context} tokens; ${start.name} takes ${trainer.config.maxPositions}. Give --context.`,
        );
      const batches = trainingBatches(data, tokenizer, recipe, context);
      const heldOutPath = args.text('held-out');
      const heldOut = heldOutPath === undefined ? [] : await heldOutBatches(heldOutPath, tokenizer, recipe, context, 64);
      if (begun) folder.cutLog(begun.saved.state.step);
      const tell = teller(context, folder);
      const startFiles = await startFilesOf(await transformerOf(start, signal));
      const modelFiles = () => [weightsFileOf(trainer.weights), ...startFiles];
      const save = async (state: RunState) => {
        const files = [...modelFiles(), ...runFilesOf(trainer.moments, { recipe, data: given, state })];
        await folder.write(`step-${state.step}`, files);
        folder.keepLast(args.integer('keep', 1) ?? 2);
      };
      const state = await trainPhases(
        {
          trainer,
          recipe,
          batches,
          maskId: tokenizer.maskId,
          heldOut,
          saveEvery: args.integer('save-every', 1) ?? 100,
          evaluateEvery: args.integer('evaluate-every', 1) ?? 100,
          maxSteps: args.integer('max-steps', 1) ?? Number.MAX_SAFE_INTEGER,
          signal,
          ...tell,
          save,
        },
        begun?.saved.state ?? null,
      );
      folder.writeCurves(curvesSvg(folder.log(), `${recipe.name}, ${state.step} steps`));
      if (signal.aborted) {
        io.note(`affinage: saved at step ${state.step}; go on with --resume`);
        signal.throwIfAborted();
      }
      await folder.write('model', modelFiles());
      await io.out(
        args.flag('json')
          ? `${JSON.stringify({ model: `${folder.path}/model`, ...state, data: undefined })}\n`
          : `model: ${folder.path}/model\n`,
      );
    } catch (error) {
      const last = folder.steps().at(-1);
      if (error instanceof TrainingDivergedError && last !== undefined)
        io.note(`affinage: the last checkpoint is ${folder.checkpoint(last)}`);
      throw error;
    } finally {
      trainer.dispose();
      trainer.gpu.destroy();
    }
  },
};

/** One line a check and a count at the end. Errors: GpuError where any failed. */
async function checkHere({ args, io, env, signal }: Context): Promise<void> {
  // Imported here, so that a training does not load the kernels' cases and references.
  const { verifyTraining } = await import('../verify/verify-training.ts');
  const lines: Promise<void>[] = [];
  const checks = await verifyTraining(env, {
    storage: args.choice('storage', ['f32', 'f16'] as const),
    signal,
    onCheck: ({ name, failure }) => {
      lines.push(io.out(`${failure === null ? 'passed' : 'FAILED'}  ${name}${failure === null ? '' : `: ${failure}`}\n`));
    },
  });
  await Promise.all(lines);
  const failed = checks.filter(({ failure }) => failure !== null).length;
  await io.out(`${checks.length - failed} passed, ${failed} failed\n`);
  if (failed > 0)
    throw new GpuError('Training computes wrong on this adapter. Update the graphics driver, or use another adapter; please report it.');
}

/** The recipe that the options describe. Errors: UsageError, InputError. */
function recipeOf(args: Args): Recipe {
  const name = args.text('recipe');
  if (name === undefined) throw new UsageError(`--recipe is missing: ${Object.keys(recipes).join(', ')}, or a JSON file`);
  let recipe = Object.hasOwn(recipes, name) ? recipes[name]! : readRecipeFile(name);
  const tokens = args.integer('tokens', 1);
  if (tokens !== undefined) recipe = scaledTo(recipe, tokens);
  const context = args.integer('context', 8) ?? recipe.context;
  const changed = {
    ...recipe,
    seed: args.integer('seed', 0) ?? recipe.seed,
    context,
    batchTokens: args.integer('batch-tokens', 8) ?? Math.max(context, Math.min(recipe.batchTokens, context)),
    stepTokens: args.integer('step-tokens', 1) ?? recipe.stepTokens,
  };
  checkRecipe(changed, name);
  return changed;
}

function readRecipeFile(path: string): Recipe {
  if (!existsSync(resolve(path)))
    throw new UsageError(`--recipe ${path}: there is no such file, and the recipes are ${Object.keys(recipes).join(', ')}`);
  return readRecipe(readFileSync(resolve(path), 'utf8'), path);
}

async function lastCheckpoint(folder: TrainFolder): Promise<{ saved: SavedState }> {
  const step = folder.steps().at(-1);
  if (step === undefined)
    throw new InputError(`${folder.path} holds no checkpoint to go on from. Leave out --resume.`, { path: folder.path });
  return { saved: await readState(openNodeSource(folder.checkpoint(step))) };
}

/** Tells every step on the terminal and in the log. */
function teller({ args, io }: Context, folder: TrainFolder) {
  const isJson = args.flag('json');
  let rate = 0;
  return {
    async onStep(report: StepReport) {
      const { step, steps, phase, loss, lr, gradientNorm, tokens, seconds } = report;
      folder.addToLog(report as unknown as Record<string, unknown>);
      rate = rate === 0 ? seconds : 0.9 * rate + 0.1 * seconds;
      const line = isJson
        ? JSON.stringify(report)
        : `step ${step}/${steps}  phase ${phase}  loss ${loss.toFixed(3)}  lr ${lr.toExponential(2)}  grad ${gradientNorm.toFixed(2)}  ${Math.round(tokens / seconds)} tok/s  eta ${clock((steps - step) * rate)}${report.skipped ? '  skipped: beyond f16' : ''}`;
      await io.out(`${line}\n`);
    },
    async onEvaluated(evaluated: { step: number; phase: string; heldOut: { loss: number; accuracy: number; labelled: number } }) {
      folder.addToLog(evaluated);
      const { loss, accuracy, labelled } = evaluated.heldOut;
      const line = isJson
        ? JSON.stringify(evaluated)
        : `held out: loss ${loss.toFixed(3)}  accuracy ${percent(accuracy)} of ${labelled} masked tokens`;
      await io.out(`${line}\n`);
    },
  };
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(n => String(n).padStart(2, '0'));
  return h === '00' ? `${m}:${s}` : `${h}:${m}:${s}`;
}

/** What a step of mini reaches stands for larger models, which may reach more or less. */
const planShape = { shape: 'mini', task: 'mlm', storage: 'f32', tokens: 256, runs: 1 } as const;

/** The plan: what the recipe asks for, before anything runs, and how long this adapter would need. */
async function planText(args: Args, recipe: Recipe, { env, io, signal }: Context): Promise<string> {
  const config = await readModelConfig(openNodeSource(args.text('model') ?? 'mini'), signal);
  const parameters = countParameters(config);
  io.status('timing a step of mini on this adapter …');
  let estimate: TrainingEstimate | undefined;
  const bench = { gpu: await env.gpu(), whileWaiting: env.whileWaiting, ...planShape, signal };
  const { stepMs, flops, adapter } = await benchTrainer(bench, async ({ gpu }) => {
    estimate = estimateTraining(config, gpu.profile, recipe.batchTokens);
  });
  io.status('');
  const { weightBytes, activationBytes, recomputedBytes, flops: batchFlops } = estimate!;
  const perSecond = (1000 * flops) / stepMs;
  const rows = recipe.phases.map(phase => {
    const operations = (batchFlops / recipe.batchTokens) * phase.tokens;
    const count = String(stepsOf(recipe, phase));
    return [phase.name, phase.task, count, phase.tokens.toExponential(2), operations.toExponential(2), duration(operations / perSecond)];
  });
  const all = recipe.phases.reduce((sum, { tokens }) => sum + (batchFlops / recipe.batchTokens) * tokens, 0);
  return [
    table([['phase', 'task', 'steps', 'tokens', 'operations', 'time here'], ...rows]),
    `${parameters} parameters; GPU memory: ${bytes(weightBytes)} for weights, gradients and moments, and for ${recipe.batchTokens} tokens at a time ${bytes(activationBytes)}, or ${bytes(recomputedBytes)} with --recompute`,
    `${duration(all / perSecond)} in all, at the ${(perSecond / 1e9).toFixed(1)} GFLOP/s that a step of mini reaches on ${adapter}. The card of ModernCamemBERT-bio-large names 81 hours on 4 H100.`,
    '',
  ].join('\n');
}

function duration(seconds: number): string {
  const hours = seconds / 3600;
  if (hours < 1) return `${Math.ceil(seconds / 60)} min`;
  if (hours < 48) return `${hours.toFixed(1)} h`;
  const days = hours / 24;
  return days < 1000 ? `${Math.round(days)} days` : `${Math.round(days / 365)} years`;
}
