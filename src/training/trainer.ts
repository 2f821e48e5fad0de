/**
 * Training on one device: the model's weights in f32 with their gradients and moments, and the kernels of a step. A step goes over its batches
 * one after the other, adds up their gradients (each labelled token counts the same, whatever batch it is in), and lets AdamW take its step.
 */
import { AdapterLimitError, InputError, OutOfMemoryError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Run } from '../gpu/run.ts';
import { Staging } from '../gpu/staging.ts';
import type { Cost, Step } from '../gpu/step.ts';
import type { GpuTimer } from '../gpu/timing.ts';
import { attentionTileRows } from '../kernels/attention.ts';
import { attentionBackTileRows } from '../kernels/attention-back.ts';
import type { ModelConfig } from '../model/config.ts';
import { DeviceReader } from '../model/device-reader.ts';
import { type DeviceWeights, uploadWeights } from '../model/device-weights.ts';
import { listBuffers } from '../model/mirror-weights.ts';
import type { WeightReader } from '../model/reader.ts';
import { ropeTable } from '../model/rope.ts';
import { makeChoices } from '../runtime/choices.ts';
import { Graph, type Tensor } from '../runtime/graph.ts';
import { Memory, widestSlots } from '../runtime/memory.ts';
import { Runner } from '../runtime/runner.ts';
import type { TrialBench } from '../runtime/tune/tune-trial.ts';
import type { KernelVariants, StorageType } from '../types.ts';
import { emptyMirror, halfMirror } from './half-weights.ts';
import { firstScale, type LossScale, nextScale, noScale } from './loss-scale.ts';
import { type Losses, noLosses, withRows } from './losses.ts';
import type { LabelledBatch } from './masking.ts';
import { halves, type OptimizerOptions, type OptimizerSteps, optimizerRun, optimizerSteps, type Rate, type Trained } from './optimizer.ts';
import { listPass } from './passes.ts';
import { bits } from './random.ts';
import { type TrainingChoices, trainingChoices } from './tape.ts';
import { makeTrainingInputs, type TileRows, type TrainingInputs, trainingSizes, writeTrainingBatch } from './training-inputs.ts';

/** `clm`: causal, each token predicts the next; `mlm`: symmetric, some tokens predict what stood in their place. */
export type Task = 'clm' | 'mlm';

export interface TrainerOptions {
  /** The most tokens of one batch. */
  tokens: number;
  optimizer: OptimizerOptions;
  /** To go on from a checkpoint: the steps that were taken, and the moments after them. */
  resume?: { steps: number; batches: number; scale: LossScale; first: WeightReader; second: WeightReader };
  /** Probability that a value of attention's output is dropped in training; default 0. */
  dropout?: number;
  /** Of weights and activations in the passes; default f32. The weights that are trained, and all sums, are f32 with f16 too. */
  storage?: StorageType;
  /** Computes each layer again in the backward pass, instead of keeping what it made; default: where the memory does not suffice otherwise. */
  recompute?: boolean;
  /** Draws what is dropped; default 0. */
  seed?: number;
  /** Variants of kernels by name, instead of those that suit the adapter. */
  variants?: KernelVariants;
  trainingVariants?: Partial<TrainingChoices>;
  /** For tests: columns of a chunk of the vocabulary, a multiple of 64. */
  chunkColumns?: number;
}

export interface StepResult extends Losses {
  /** Of all gradients together, before clipping. */
  gradientNorm: number;
  /** A gradient went beyond f16: nothing was learned, and the loss's scale was halved. With f32 it never is. */
  skipped: boolean;
  tokens: number;
}

/** A kernel of a step, for the bench. */
export interface TimedKernel {
  label: string;
  part: 'forward' | 'backward' | 'optimizer';
  cost: Cost;
  /** Milliseconds of one run; what it computes while it is timed means nothing. */
  time(bench: TrialBench, timer: GpuTimer): Promise<number>;
}

/** A compiled graph, and the batch's numbers it runs with. */
interface Pass {
  train: Step[];
  evaluate: Step[];
}

export class Trainer {
  /** Steps that were taken, since the beginning of the run. */
  steps: number;
  /** Batches that were trained on: what is dropped in each is drawn by its number. */
  batches: number;
  scale: LossScale;
  readonly weights: WeightReader;
  /** Gradients that were added up and not yet used, and the moments, as a checkpoint has them. */
  readonly gradients: WeightReader;
  readonly moments: { first: WeightReader; second: WeightReader };
  readonly #inputs: TrainingInputs;
  readonly #memory: Memory;
  readonly #runner: Runner;
  readonly #staging: Staging;
  readonly #tileRows: TileRows;
  readonly #passes = new Map<Task, Pass>();
  #slots: ReadonlyMap<Tensor, number>[] = [];
  /** Whether layers are computed again in the backward pass. */
  recompute: boolean;

  private constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly options: TrainerOptions,
    /** `passes`: the weights that the passes read, in f16 where they are. */
    readonly device: Record<'weights' | 'passes' | 'gradients' | 'first' | 'second', DeviceWeights>,
    readonly optimizer: OptimizerSteps,
  ) {
    this.steps = options.resume?.steps ?? 0;
    this.batches = options.resume?.batches ?? 0;
    this.scale = options.resume?.scale ?? (options.storage === 'f16' ? firstScale : noScale);
    this.recompute = options.recompute ?? false;
    const { headDim } = config;
    this.#inputs = makeTrainingInputs(config);
    this.#memory = new Memory(gpu);
    this.#runner = new Runner(gpu);
    this.#staging = new Staging(gpu);
    this.#tileRows = {
      forward: attentionTileRows({ headDim, variant: this.#choices().attention }),
      backward: attentionBackTileRows({ headDim, variant: this.#trainingChoices().attentionBack }),
    };
    const reader = (of: DeviceWeights) => new DeviceReader(gpu, config, of);
    this.weights = reader(device.weights);
    this.gradients = reader(device.gradients);
    this.moments = { first: reader(device.first), second: reader(device.second) };
  }

  /** Uploads the weights and makes all buffers for batches of up to `tokens`. Errors: InputError without a head; those of the reader and of a GPU. */
  static async open(gpu: Gpu, config: ModelConfig, reader: WeightReader, options: TrainerOptions): Promise<Trainer> {
    if (options.storage === 'f16' && !gpu.profile.f16)
      throw new AdapterLimitError(`This adapter (${gpu.profile.description}) has no f16. Train with f32.`);
    if (!reader.hasHead)
      throw new InputError('This model has no prediction head, so it cannot be trained. Give one with `head.*` tensors.');
    const upload = (from: WeightReader) => uploadWeights(gpu, config, from, { dtype: 'f32' });
    const weights = await upload(reader);
    const buffers = listBuffers(weights);
    const zeros = () => gpu.checked('gradients and moments', () => emptyMirror(gpu, weights));
    const gradients = await zeros();
    const first = options.resume ? await upload(options.resume.first) : await zeros();
    const second = options.resume ? await upload(options.resume.second) : await zeros();
    const [g, m, v] = [gradients, first, second].map(listBuffers);
    const half = options.storage === 'f16' ? await gpu.checked('weights in f16', () => halfMirror(gpu, weights)) : null;
    const trained = buffers.map((b, i) => ({
      ...b,
      gradient: g![i]!.buffer,
      first: m![i]!.buffer,
      second: v![i]!.buffer,
      half: half?.bufferOf.get(b.buffer) ?? null,
    }));
    const optimizer = await optimizerSteps(gpu, trained, options.optimizer);
    const passes = half?.weights ?? weights;
    const trainer = new Trainer(gpu, config, options, { weights, passes, gradients, first, second }, optimizer);
    await trainer.#prepare(new Map(trained.flatMap(t => [t.buffer, t.half].flatMap(b => (b ? [[b, t.gradient] as const] : [])))));
    if (half) await trainer.#fillHalves(trained);
    return trainer;
  }

  /** One step of AdamW on the mean loss of these batches' labelled tokens. Errors: InputError for a batch that does not fit; those of a GPU. */
  async step(task: Task, batches: readonly LabelledBatch[], rate: Rate, signal?: AbortSignal): Promise<StepResult> {
    const losses = await this.accumulate(task, batches, signal);
    const run = optimizerRun(this.options.optimizer, this.steps + 1, rate, 1 / this.scale.value);
    await this.#runner.run(this.optimizer.steps, run);
    const [squares] = new Float32Array(await this.#staging.readNow([{ buffer: this.optimizer.squares, offset: 0, bytes: 4 }]));
    const gradientNorm = Math.sqrt(squares!) / this.scale.value;
    const isSound = Number.isFinite(gradientNorm);
    if (isSound) this.steps++;
    const skipped = !isSound && this.scale.value > 1;
    if (this.options.storage === 'f16') this.scale = nextScale(this.scale, isSound);
    return { ...losses, gradientNorm, skipped, tokens: batches.reduce((sum, { ids }) => sum + ids.length, 0) };
  }

  /** The forward and backward passes of a step: adds to `gradients` those of the batches' mean loss. */
  async accumulate(task: Task, batches: readonly LabelledBatch[], signal?: AbortSignal): Promise<Losses> {
    const labelled = batches.reduce((sum, batch) => sum + batch.labelled, 0);
    return this.#run(this.#passes.get(task)!.train, batches, { lossScale: this.scale.value / labelled, isTraining: true }, signal);
  }

  /** The mean loss of the batches and how often the likeliest token was the right one. Nothing is learned. */
  evaluate(task: Task, batches: readonly LabelledBatch[], signal?: AbortSignal): Promise<Losses> {
    return this.#run(this.#passes.get(task)!.evaluate, batches, { lossScale: 0, isTraining: false }, signal);
  }

  /**
   * The kernels of a step on this batch, each with what a run of it costs. For the bench: the gradients that come of timing them mean nothing.
   */
  kernelsOf(task: Task, batch: LabelledBatch): TimedKernel[] {
    const { train, evaluate } = this.#passes.get(task)!;
    const run = writeTrainingBatch(this.gpu.device.queue, name => this.#bufferOf(this.#inputs[name]), batch, this.#tileRows, {
      lossScale: 1 / batch.labelled,
      dropoutSeed: 0,
    });
    const optimizer = optimizerRun(this.options.optimizer, 1, { lr: 0, peak: 1 });
    const timed = (step: Step, part: TimedKernel['part'], numbers: Run): TimedKernel => ({
      label: step.label,
      part,
      cost: step.cost(numbers),
      time: (bench, timer) => bench.timeMs(timer, [step], numbers),
    });
    return [
      ...train.map((step, i) => timed(step, i < evaluate.length ? 'forward' : 'backward', run)),
      ...this.optimizer.steps.map(step => timed(step, 'optimizer', optimizer)),
    ];
  }

  /** Frees everything; the device stays. */
  dispose(): void {
    this.#staging.dispose();
    this.#memory.free();
    for (const of of Object.values(this.device)) this.gpu.memory.free(...listBuffers(of).map(({ buffer }) => buffer));
  }

  async #run(
    steps: readonly Step[],
    batches: readonly LabelledBatch[],
    { lossScale, isTraining }: { lossScale: number; isTraining: boolean },
    signal?: AbortSignal,
  ): Promise<Losses> {
    const { queue } = this.gpu.device;
    let losses = noLosses;
    for (const batch of batches) {
      if (batch.ids.length > this.options.tokens)
        throw new InputError(`A batch has ${batch.ids.length} tokens; this trainer was made for ${this.options.tokens}.`);
      if (batch.labelled === 0) continue;
      this.#clear(this.#inputs.dx);
      const dropoutSeed = bits(this.options.seed ?? 0, isTraining ? this.batches++ : 0);
      const run = writeTrainingBatch(queue, name => this.#bufferOf(this.#inputs[name]), batch, this.#tileRows, { lossScale, dropoutSeed });
      await this.#runner.run(steps, run, { signal });
      const bytes = 16 * batch.labelled;
      const stats = await this.#staging.readNow([{ buffer: this.#bufferOf(this.#inputs.lossStats), offset: 0, bytes }]);
      losses = withRows(losses, new Float32Array(stats));
    }
    return losses;
  }

  /** Lists the graphs of both tasks, makes the buffers that they share, and compiles. */
  async #prepare(gradients: ReadonlyMap<GPUBuffer, GPUBuffer>): Promise<void> {
    const { gpu, config, options } = this;
    const { tokens, chunkColumns, storage = 'f32', dropout = 0 } = options;
    const sizes = trainingSizes(tokens, this.#tileRows);
    const list = (causal: boolean, isTraining: boolean) => {
      const setup = {
        inputs: this.#inputs,
        choices: this.#choices(),
        trainingChoices: this.#trainingChoices(),
        capacity: { tokens, rows: tokens },
        storage,
        causal,
        dropout,
        gradients,
      };
      return listPass(config, setup, this.device.passes, { isTraining, recompute: this.recompute, chunkColumns });
    };
    const tasks = { clm: true, mlm: false };
    const graphs = Object.entries(tasks).map(([task, causal]) => ({
      task: task as Task,
      train: list(causal, true),
      evaluate: list(causal, false),
    }));
    const all = graphs.flatMap(({ train, evaluate }) => [train, evaluate]);
    const sharings = all.map(graph => graph.share(sizes));
    this.#slots = sharings.map(({ slotOf }) => slotOf);
    const slots = widestSlots(...sharings.map(({ slotBytes }) => slotBytes));
    try {
      await this.#memory.make('buffers for training', { tensors: Object.values(this.#inputs), slots }, sizes);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError) || this.recompute || options.recompute === false) throw error;
      this.recompute = true;
      return this.#prepare(gradients);
    }
    for (const { task, train, evaluate } of graphs) {
      const compile = (graph: Graph) => graph.compile(gpu, tensor => this.#bufferOf(tensor));
      this.#passes.set(task, { train: await compile(train), evaluate: await compile(evaluate) });
    }
    const { headDim, ropeTheta } = config;
    const write = (tensor: Tensor, theta: number) =>
      gpu.device.queue.writeBuffer(this.#bufferOf(tensor), 0, ropeTable(theta, headDim, tokens));
    write(this.#inputs.ropeGlobal, ropeTheta.global);
    write(this.#inputs.ropeLocal, ropeTheta.local);
  }

  async #fillHalves(trained: readonly Pick<Trained, 'buffer' | 'half'>[]): Promise<void> {
    const graph = new Graph();
    for (const step of halves(trained)) graph.add(...step);
    await this.#runner.run(await graph.compile(this.gpu, tensor => this.#bufferOf(tensor)), {});
  }

  #bufferOf(tensor: Tensor): GPUBuffer {
    const own = this.#memory.find(tensor);
    if (own) return own;
    const slots = this.#slots.find(slotOf => slotOf.has(tensor))!;
    return this.#memory.slot(slots.get(tensor)!);
  }

  #choices() {
    return makeChoices(this.gpu.profile, { matmul: new Map(), attention: null }, this.options.variants);
  }

  #trainingChoices() {
    return { ...trainingChoices(this.gpu.profile), ...this.options.trainingVariants };
  }

  #clear(tensor: Tensor): void {
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.clearBuffer(this.#bufferOf(tensor));
    this.gpu.device.queue.submit([encoder.finish()]);
  }
}
