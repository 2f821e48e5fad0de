/**
 * Compiled plans: lists of steps over the arena's buffers, kept by what they compute. A request that fits existing
 * plans and buffers creates no GPU object at all.
 */
import type { Gpu } from '../gpu/device.ts';
import { allocatedBytes } from '../gpu/memory.ts';
import { Slack } from '../gpu/slack.ts';
import type { Kernel, Step } from '../gpu/step.ts';
import { attentionTileRows } from '../kernels/attention.ts';
import { type ArenaShape, arenaBytes, type Buffers, bucketOf, makeBuffers, maxHeadRows } from '../model/arena.ts';
import type { ModelConfig } from '../model/config.ts';
import type { DeviceWeights } from '../model/device-weights.ts';
import { lastHidden, maskedHead, trunk } from '../model/modernbert.ts';
import { Ops } from '../model/ops.ts';
import type { Choices } from '../runtime/choices.ts';
import type { StorageType } from '../types.ts';
import { tailKey, type VectorTail, vectorSteps } from './sentence/vectors.ts';

/** Rows that the small plan of the head is made for; the large one takes `maxHeadRows`. */
const fewRows = 4;
/** Capacity of a plan for more tokens than the smallest bucket: more rows than any kernel tells apart (choices.ts), so one plan serves them all. */
const manyTokens = 2 ** 20;
/** Smaller ones are never given back. */
const keptBytes = { arena: 32 * 2 ** 20, results: 4 * 2 ** 20 };

/** Where the head leaves its answers, by row of the request. */
export interface ResultBuffers {
  /** vec4f: log-sum-exp, largest logit, entropy in nats, count of non-finite logits. */
  stats: GPUBuffer;
  ids: GPUBuffer;
  logProbs: GPUBuffer;
  scores: GPUBuffer;
  /** u32: bits of `watchFlags`, of the row before the head. Zeroed by the request. */
  flags: GPUBuffer;
}

export type HeadMode = 'topk' | 'targets';
export type OnCompile = (done: number, total: number, label: string) => void;

/** What the cost model needs of a kernel. */
export type Costed = Pick<Kernel, 'label' | 'cost'>;

type Room = { rows: number; cells: number; pairs: number };

export class Plans {
  #arena: { tokens: number; buffers: Buffers } | null = null;
  #results: (Room & { buffers: ResultBuffers }) | null = null;
  #steps = new Map<string, Promise<Step[]>>();
  #costs = new Map<string, readonly Costed[]>();
  #slack = { arena: new Slack(keptBytes.arena), results: new Slack(keptBytes.results) };

  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly storage: StorageType,
    readonly choices: Choices,
    readonly weights: DeviceWeights,
    /** Longest row of the vectors where layers follow the pooling or several stand side by side. */
    readonly vectorWidth?: number,
  ) {}

  get tileRows(): number {
    return attentionTileRows({ headDim: this.config.headDim, variant: this.choices.attention });
  }

  /** GPU bytes of the activations for a text of so many tokens. */
  activationBytes(tokens: number): number {
    return Object.values(arenaBytes(this.#shape(), bucketOf(tokens))).reduce((sum, bytes) => sum + allocatedBytes(bytes), 0);
  }

  /** Bytes by which `reserve` would change what is held. */
  growth(tokens: number): number {
    const held = this.#arena?.tokens ?? 0;
    const heldBytes = held > 0 ? this.activationBytes(held) : 0;
    const bucket = bucketOf(tokens);
    return bucket <= held && !this.#slack.arena.isTooLarge(held, bucket, heldBytes) ? 0 : this.activationBytes(bucket) - heldBytes;
  }

  /** The buffers, able to hold `tokens` tokens. */
  async reserve(tokens: number): Promise<Buffers> {
    const bucket = bucketOf(tokens);
    const held = this.#arena?.tokens ?? 0;
    const isTooLarge = this.#slack.arena.note(held, bucket, held > 0 ? this.activationBytes(held) : 0);
    if (this.#arena && bucket <= held && !isTooLarge) return this.#arena.buffers;
    if (this.#arena) this.gpu.memory.free(...Object.values(this.#arena.buffers));
    this.#arena = null;
    this.#steps.clear();
    const buffers = await makeBuffers(this.gpu, this.#shape(), bucket);
    this.#arena = { tokens: bucket, buffers };
    return buffers;
  }

  /** Room for the answers of `rows` masks: `topK` each, or `pairs` scores. */
  async reserveResults(rows: number, topK: number, pairs: number): Promise<ResultBuffers> {
    const { room, isKept } = this.#nextRoom(rows, topK, pairs);
    this.#slack.results.note(this.heldResultBytes, bytesOfRoom(roomFor(rows, topK, pairs)), this.heldResultBytes);
    if (this.#results && isKept) return this.#results.buffers;
    if (this.#results) this.gpu.memory.free(...Object.values(this.#results.buffers));
    this.#results = null;
    for (const key of [...this.#steps.keys()]) if (key.startsWith('head')) this.#steps.delete(key);
    const buffers = await this.gpu.checked('buffers for the answers', () => {
      const make = (name: string, bytes: number) => this.gpu.memory.storage('activations', name, bytes);
      return {
        stats: make('stats', 16 * room.rows),
        ids: make('top ids', 4 * room.cells),
        logProbs: make('top log-probabilities', 4 * room.cells),
        scores: make('target scores', 8 * room.pairs),
        flags: make('flags of rows', 4 * room.rows),
      };
    });
    this.#results = { ...room, buffers };
    return buffers;
  }

  get heldResultBytes(): number {
    return this.#results ? bytesOfRoom(this.#results) : 0;
  }

  /** Bytes by which `reserveResults` would change what is held. */
  resultGrowth(rows: number, topK: number, pairs: number): number {
    return bytesOfRoom(this.#nextRoom(rows, topK, pairs).room) - this.heldResultBytes;
  }

  /** The room after `reserveResults`: it grows in each direction by itself, so that requests of many masks and of many answers do not push each other out. */
  #nextRoom(rows: number, topK: number, pairs: number): { room: Room; isKept: boolean } {
    const needed = roomFor(rows, topK, pairs);
    const held = this.#results;
    const heldBytes = this.heldResultBytes;
    if (!held || this.#slack.results.isTooLarge(heldBytes, bytesOfRoom(needed), heldBytes)) return { room: needed, isKept: false };
    const isKept = needed.rows <= held.rows && needed.cells <= held.cells && needed.pairs <= held.pairs;
    const most = (of: keyof Room) => Math.max(needed[of], held[of]);
    return { room: { rows: most('rows'), cells: most('cells'), pairs: most('pairs') }, isKept };
  }

  /** Frees every buffer. */
  dispose(): void {
    const buffers = [this.#arena?.buffers, this.#results?.buffers].flatMap(some => (some ? Object.values(some) : []));
    this.gpu.memory.free(...buffers);
    this.#arena = null;
    this.#results = null;
    this.#steps.clear();
  }

  /** Token ids → residual stream, for batches of up to `tokens` tokens, for which `reserve` made room. */
  trunk(tokens: number, onCompile?: OnCompile): Promise<Step[]> {
    return this.#compiled(this.#trunk(tokens), onCompile);
  }

  trunkCosts(tokens: number): readonly Costed[] {
    return this.#costsOf(this.#trunk(tokens));
  }

  /** Residual stream → answers, for up to `rows` masked rows a pass. `reserveResults` first. */
  head(mode: HeadMode, rows: number, onCompile?: OnCompile): Promise<Step[]> {
    return this.#compiled(this.#head(mode, rows), onCompile);
  }

  headCosts(mode: HeadMode, rows: number): readonly Costed[] {
    return this.#costsOf(this.#head(mode, rows));
  }

  /** Residual stream → vectors, in `vectorBuffer` of the tail. */
  vectors(tail: VectorTail): Promise<Step[]> {
    return this.#compiled(this.#vectors(tail));
  }

  vectorCosts(tail: VectorTail): readonly Costed[] {
    return this.#costsOf(this.#vectors(tail));
  }

  #trunk(tokens: number): Recipe {
    const capacity = tokens <= bucketOf(1) ? bucketOf(1) : manyTokens;
    return { key: `trunk ${capacity}`, tokens: capacity, rows: 1, build: ops => trunk(ops, this.weights) };
  }

  #head(mode: HeadMode, rows: number): Recipe {
    const capacity = rows <= fewRows ? fewRows : maxHeadRows;
    const build = (ops: Ops, { stats, ids, logProbs, scores, flags }: ResultBuffers) => {
      maskedHead(ops, this.weights, stats, flags);
      if (mode === 'topk') ops.topk(ops.buffers.logits, stats, ids, logProbs);
      else ops.targetScores(ops.buffers.logits, stats, scores);
    };
    return { key: `head ${mode} ${capacity}`, tokens: 1, rows: capacity, build };
  }

  #vectors(tail: VectorTail): Recipe {
    const build = (ops: Ops) => vectorSteps(ops, lastHidden(ops, this.weights), tail);
    return { key: `vectors ${tailKey(tail)}`, tokens: 1, rows: 1, build };
  }

  #compiled(recipe: Recipe, onCompile?: OnCompile): Promise<Step[]> {
    let steps = this.#steps.get(recipe.key);
    if (!steps) {
      steps = this.#listed(recipe, this.#arena!.buffers, this.#results?.buffers).compile(this.gpu, onCompile);
      this.#steps.set(recipe.key, steps);
      steps.catch(() => this.#steps.delete(recipe.key));
    }
    return steps;
  }

  /** Without compiling anything. The kernels depend on the capacity alone, so they outlive the buffers. */
  #costsOf(recipe: Recipe): readonly Costed[] {
    let costs = this.#costs.get(recipe.key);
    if (!costs) {
      costs = this.#listed(recipe, unbound as Buffers).costs;
      this.#costs.set(recipe.key, costs);
    }
    return costs;
  }

  #listed({ tokens, rows, build }: Recipe, buffers: Buffers, results = unbound as ResultBuffers): Ops {
    const ops = new Ops(this.config, this.storage, this.choices, buffers, { tokens, rows });
    build(ops, results);
    return ops;
  }

  #shape(): ArenaShape {
    const { config, storage, weights, tileRows } = this;
    return {
      config,
      storage,
      hasHead: weights.head !== null,
      tileRows,
      vectorWidth: this.vectorWidth,
      hasVectorLayers: this.vectorWidth !== undefined,
    };
  }
}

interface Recipe {
  key: string;
  /** Capacity. */
  tokens: number;
  rows: number;
  build(ops: Ops, results: ResultBuffers): void;
}

/** Stands for buffers where kernels are listed and not bound. */
const unbound: Partial<Buffers & ResultBuffers> = {};

function roomFor(rows: number, topK: number, pairs: number): Room {
  return { rows: bucketOf(rows), cells: bucketOf(rows * topK), pairs: bucketOf(pairs) };
}

function bytesOfRoom({ rows, cells, pairs }: Room): number {
  return 20 * rows + 8 * cells + 8 * pairs; // buckets: whole sixteens
}
