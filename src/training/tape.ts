/**
 * The tape of the backward pass: while the forward pass is listed, each operation records what lists its derivative; `backward` plays that from
 * its end. Gradients of tensors are found by the tensor, those of weights by the weight's buffer.
 */
import type { DeviceProfile } from '../gpu/device.ts';
import { attentionBackVariants } from '../kernels/attention-back.ts';
import { attentionDotsVariants } from '../kernels/attention-dots.ts';
import { columnSumVariants } from '../kernels/column-sum.ts';
import { crossEntropyVariants } from '../kernels/cross-entropy-stats.ts';
import { layernormBackwardVariants } from '../kernels/layernorm-backward.ts';
import { defaultVariant } from '../kernels/variants.ts';
import type { ModelConfig } from '../model/config.ts';
import { type Rows, Words } from '../model/words.ts';
import type { Choices } from '../runtime/choices.ts';
import type { Graph, Tensor } from '../runtime/graph.ts';
import type { StorageType } from '../types.ts';
import type { TrainingInputs } from './training-inputs.ts';

/** The variants of the kernels that only training has. */
export type TrainingChoices = ReturnType<typeof trainingChoices>;

export function trainingChoices(profile: DeviceProfile) {
  return {
    attentionBack: defaultVariant(attentionBackVariants, profile),
    attentionDots: defaultVariant(attentionDotsVariants, profile),
    columnSum: defaultVariant(columnSumVariants, profile),
    crossEntropy: defaultVariant(crossEntropyVariants, profile),
    layernormBackward: defaultVariant(layernormBackwardVariants, profile),
  };
}

export interface TrainingSetup {
  inputs: TrainingInputs;
  choices: Choices;
  trainingChoices: TrainingChoices;
  /** The most tokens, and rows of the head, of a batch. */
  capacity: Readonly<Record<Rows, number>>;
  storage: StorageType;
  /** Every token sees only those before it (the causal detour). */
  causal: boolean;
  /** Probability that a value of attention's output is dropped; 0: none. */
  dropout: number;
  /** The buffer that the gradient of a weight's buffer is added to. */
  gradients: ReadonlyMap<GPUBuffer, GPUBuffer>;
}

/** Words with a tape: what the derivatives of operations are written in. */
export class TapedWords extends Words {
  readonly #tape: (() => void)[] = [];
  readonly #gradients = new Map<Tensor, Tensor>();
  #isSilent = false;

  constructor(
    graph: Graph,
    config: ModelConfig,
    readonly setup: TrainingSetup,
  ) {
    super(graph, config, setup.storage, setup.choices, setup.inputs, setup.capacity);
  }

  /** Lists the backward pass of everything that was listed so far. */
  backward(): void {
    for (let undo = this.#tape.pop(); undo; undo = this.#tape.pop()) undo();
  }

  /** `undo` is listed in the backward pass, after that of all that comes later. */
  record(undo: () => void): void {
    if (!this.#isSilent) this.#tape.push(undo);
  }

  /** Lists what `work` lists without its backward pass: for what is listed again later. */
  silently(work: () => void): void {
    this.#isSilent = true;
    work();
    this.#isSilent = false;
  }

  findGradient(tensor: Tensor): Tensor | undefined {
    return this.#gradients.get(tensor);
  }

  /** Where the gradient of a tensor is, which a later operation has listed. Errors: RangeError where none has. */
  gradientOf(tensor: Tensor): Tensor {
    const gradient = this.findGradient(tensor);
    if (!gradient) throw new RangeError(`nothing gave "${tensor.name}" a gradient. This is a bug of affinage; please report it.`);
    return gradient;
  }

  setGradient(tensor: Tensor, gradient: Tensor): void {
    this.#gradients.set(tensor, gradient);
  }

  /** Errors: RangeError for a buffer that is none of the weights. */
  gradientBuffer(weight: GPUBuffer): GPUBuffer {
    const gradient = this.setup.gradients.get(weight);
    if (!gradient) throw new RangeError('a weight has no buffer for its gradient. This is a bug of affinage; please report it.');
    return gradient;
  }
}
