/**
 * Plans: the model's graphs, compiled and bound to buffers, kept for later requests. A request that fits existing plans and buffers
 * creates no GPU object at all.
 */
import type { Gpu } from '../gpu/device.ts';
import { Slack } from '../gpu/slack.ts';
import type { Step } from '../gpu/step.ts';
import { attentionTileRows } from '../kernels/attention.ts';
import type { ModelConfig } from '../model/config.ts';
import type { DeviceWeights } from '../model/device-weights.ts';
import { makeInputs } from '../model/inputs.ts';
import { lastHidden, maskedHead, trunk } from '../model/modernbert.ts';
import { ropeTable } from '../model/rope.ts';
import { Words } from '../model/words.ts';
import type { Choices } from '../runtime/choices.ts';
import { type Costed, Graph, type Sizes, type Tensor, tensorBytes } from '../runtime/graph.ts';
import { bytesOfNeeds, Memory, type Needs, widestSlots } from '../runtime/memory.ts';
import type { StorageType } from '../types.ts';
import { Results, resultTensors } from './results.ts';
import { plainTail, tailKey, type VectorTail, vectorGraph } from './sentence/vectors.ts';
import { bucketOf, type HeadMode, maxHeadRows, passSizes } from './sizes.ts';

/** Rows that the small plan of the head is made for; the large one takes `maxHeadRows`. */
const fewRows = 4;
/** Capacity of a plan for more tokens than the smallest bucket: more rows than any kernel tells apart (choices.ts), so one plan serves them all. */
const manyTokens = 2 ** 20;
/** Buffers below this size do not shrink. */
const keptBytes = 32 * 2 ** 20;

export type OnCompile = (done: number, total: number, label: string) => void;

/** A graph of the model, with the tensor that holds its result. */
interface Listed {
  graph: Graph;
  out: Tensor;
}

/** A graph bound to buffers. */
export interface Plan {
  steps: readonly Step[];
  /** trunk: the residual stream f32 [T, H]; head: the logits f32 [R, V]; vectors: f32, one a sequence or one a token. */
  out: GPUBuffer;
}

export class Plans {
  /** Tensors that the host fills or reads, and the residual stream between trunk and head. */
  readonly inputs;
  readonly results: Results;
  readonly #memory: Memory;
  readonly #slack = new Slack(keptBytes);
  #held: { tokens: number; needs: Needs; sizes: Sizes } | null = null;
  /** Kept as long as the model, as they do not depend on buffers. */
  readonly #graphs: Readonly<Record<Part, Map<string, Listed>>> = { trunk: new Map(), head: new Map(), vectors: new Map() };
  /** Kept until the buffers change. */
  readonly #plans: Readonly<Record<Part, Map<string, Promise<Plan>>>> = { trunk: new Map(), head: new Map(), vectors: new Map() };

  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly storage: StorageType,
    readonly choices: Choices,
    readonly weights: DeviceWeights,
    /** The model's own way to vectors; others make the buffers grow where they need more. */
    readonly tail: VectorTail = plainTail('mean', true),
  ) {
    this.inputs = makeInputs(config);
    this.results = new Results(gpu);
    this.#memory = new Memory(gpu);
  }

  get tileRows(): number {
    return attentionTileRows({ headDim: this.config.headDim, variant: this.choices.attention });
  }

  /** The buffer of one of `inputs`. `reserve` first. */
  buffer(name: keyof Plans['inputs']): GPUBuffer {
    return this.#memory.find(this.inputs[name])!;
  }

  /** GPU bytes of the activations for a text of so many tokens, and of the largest buffer among them. Needs no GPU. */
  bytesFor(tokens: number): { total: number; largest: number } {
    const sizes = this.#sizes(bucketOf(tokens));
    const needs = this.#needs(sizes, this.tail);
    const own = needs.tensors.map(tensor => tensorBytes(tensor, sizes));
    return { total: bytesOfNeeds(needs, sizes), largest: Math.max(...own, ...needs.slots) };
  }

  /** Bytes by which `reserve` would change what is held. */
  growth(tokens: number, tail = this.tail): number {
    const { needs, sizes, isKept } = this.#next(tokens, tail);
    return isKept ? 0 : bytesOfNeeds(needs, sizes) - this.#heldBytes;
  }

  /** Makes the buffers able to hold `tokens` tokens, and the vectors of `tail`. Errors: OutOfMemoryError. */
  async reserve(tokens: number, tail = this.tail): Promise<void> {
    const { bucket, needs, sizes, isKept } = this.#next(tokens, tail);
    this.#slack.note(this.#held?.tokens ?? 0, bucketOf(tokens), this.#heldBytes);
    if (isKept) return;
    this.#forget();
    await this.#memory.make(`buffers for ${bucket} tokens`, needs, sizes);
    const { headDim, ropeTheta } = this.config;
    const { queue } = this.gpu.device;
    queue.writeBuffer(this.buffer('ropeGlobal'), 0, ropeTable(ropeTheta.global, headDim, bucket));
    queue.writeBuffer(this.buffer('ropeLocal'), 0, ropeTable(ropeTheta.local, headDim, bucket));
    this.#held = { tokens: bucket, needs, sizes };
  }

  /** Room for the answers of `rows` masks: `topK` each, or `pairs` scores. Errors: OutOfMemoryError. */
  async reserveResults(rows: number, topK: number, pairs: number): Promise<void> {
    const isNew = await this.results.reserve(rows, topK, pairs);
    if (isNew) this.#plans.head.clear();
  }

  /** Frees every buffer. */
  dispose(): void {
    this.#memory.free();
    this.results.free();
    this.#forget();
  }

  /** Token ids → residual stream, for batches of up to `tokens` tokens, for which `reserve` made room. */
  trunk(tokens: number, onCompile?: OnCompile): Promise<Plan> {
    return this.#bound(this.#trunk(tokens), onCompile);
  }

  trunkCosts(tokens: number): readonly Costed[] {
    return this.#listed(this.#trunk(tokens)).graph.costs;
  }

  /** Residual stream → answers, for up to `rows` masked rows a pass. `reserveResults` first. */
  head(mode: HeadMode, rows: number, onCompile?: OnCompile): Promise<Plan> {
    return this.#bound(this.#head(mode, rows), onCompile);
  }

  headCosts(mode: HeadMode, rows: number): readonly Costed[] {
    return this.#listed(this.#head(mode, rows)).graph.costs;
  }

  /** Residual stream → vectors. `reserve` with the same tail first. */
  vectors(tail: VectorTail): Promise<Plan> {
    return this.#bound(this.#vectors(tail));
  }

  vectorCosts(tail: VectorTail): readonly Costed[] {
    return this.#listed(this.#vectors(tail)).graph.costs;
  }

  #trunk(tokens: number): Listing {
    const capacity = tokens <= bucketOf(1) ? bucketOf(1) : manyTokens;
    return { part: 'trunk', key: `${capacity}`, tokens: capacity, rows: 1, build: m => trunk(m, this.weights) };
  }

  #head(mode: HeadMode, rows: number): Listing {
    const capacity = rows <= fewRows ? fewRows : maxHeadRows;
    const build = (m: Words) => {
      const { stats, ids, logProbs, scores, flags } = resultTensors;
      const logits = maskedHead(m, this.weights, stats, flags);
      if (mode !== 'targets') m.topk(logits, stats, ids, logProbs);
      if (mode !== 'topk') m.targetScores(logits, stats, scores);
      return logits;
    };
    return { part: 'head', key: `${mode} ${capacity}`, tokens: 1, rows: capacity, build };
  }

  #vectors(tail: VectorTail): Listing {
    return { part: 'vectors', key: tailKey(tail), tokens: 1, rows: 1, build: m => vectorGraph(m, lastHidden(m, this.weights), tail) };
  }

  /** What the buffers would be after `reserve`, and whether they are so already. */
  #next(tokens: number, tail: VectorTail): { bucket: number; needs: Needs; sizes: Sizes; isKept: boolean } {
    const held = this.#held;
    const asked = bucketOf(tokens);
    const isTooLarge = held !== null && this.#slack.isTooLarge(held.tokens, asked, this.#heldBytes);
    const bucket = held && !isTooLarge ? Math.max(asked, held.tokens) : asked;
    const sizes = this.#sizes(bucket);
    const needs = this.#needs(sizes, tail);
    if (held?.tokens !== bucket) return { bucket, needs, sizes, isKept: false };
    // The buffers stay large enough for the tails of earlier requests.
    const slots = widestSlots(needs.slots, held.needs.slots);
    return { bucket, needs: { ...needs, slots }, sizes, isKept: slots.every((bytes, i) => bytes === held.needs.slots[i]) };
  }

  get #heldBytes(): number {
    return this.#held ? bytesOfNeeds(this.#held.needs, this.#held.sizes) : 0;
  }

  #sizes(tokens: number): Sizes {
    return passSizes(tokens, this.tileRows, this.weights.head !== null);
  }

  /** One graph runs at a time, so all share the same slots. Only the residual stream is passed from one graph to the next. */
  #needs(sizes: Sizes, tail: VectorTail): Needs {
    const heads = this.weights.head ? (['topk', 'targets', 'both'] as const).map(mode => this.#head(mode, maxHeadRows)) : [];
    const listings = [this.#trunk(sizes.tokens!), ...heads, this.#vectors(this.tail), this.#vectors(tail)];
    const slots = widestSlots(...listings.map(listing => this.#listed(listing).graph.share(sizes).slotBytes));
    return { tensors: Object.values(this.inputs), slots };
  }

  #listed({ part, key, tokens, rows, build }: Listing): Listed {
    const graphs = this.#graphs[part];
    const kept = graphs.get(key);
    if (kept) return kept;
    const graph = new Graph();
    const out = build(new Words(graph, this.config, this.storage, this.choices, this.inputs, { tokens, rows }));
    graph.keep(out);
    const listed = { graph, out };
    graphs.set(key, listed);
    return listed;
  }

  #bound(listing: Listing, onCompile?: OnCompile): Promise<Plan> {
    const { part, key } = listing;
    const plans = this.#plans[part];
    let plan = plans.get(key);
    if (!plan) {
      plan = this.#bind(this.#listed(listing), onCompile);
      plans.set(key, plan);
      plan.catch(() => plans.delete(key));
    }
    return plan;
  }

  #forget(): void {
    this.#held = null;
    for (const plans of Object.values(this.#plans)) plans.clear();
  }

  async #bind({ graph, out }: Listed, onCompile?: OnCompile): Promise<Plan> {
    const { slotOf } = graph.share(this.#held!.sizes);
    const bufferOf = (tensor: Tensor) => this.#memory.find(tensor) ?? this.results.find(tensor) ?? this.#memory.slot(slotOf.get(tensor)!);
    return { steps: await graph.compile(this.gpu, bufferOf, onCompile), out: bufferOf(out) };
  }
}

type Part = 'trunk' | 'head' | 'vectors';

/** How a graph is listed. */
interface Listing {
  part: Part;
  /** Different for each graph of the same part. */
  key: string;
  /** Capacity. */
  tokens: number;
  rows: number;
  /** Lists the kernels; returns the tensor of the result. */
  build(m: Words): Tensor;
}
