/**
 * Compiled plans: lists of steps over the arena's buffers, kept by what they compute. A request that fits existing
 * plans and buffers creates no GPU object at all.
 */
import type { Gpu } from '../gpu/device.ts';
import type { Step } from '../gpu/step.ts';
import { attentionTileRows } from '../kernels/attention.ts';
import { matmul } from '../kernels/matmul.ts';
import type { Storage } from '../kernels/variants.ts';
import { type ArenaShape, arenaBytes, type Buffers, bucketOf, makeBuffers, maxHeadRows } from './arena.ts';
import type { Choices } from './choices.ts';
import type { ModelConfig } from './config.ts';
import type { DeviceWeights } from './device-weights.ts';
import { lastHidden, maskedHead, trunk } from './modernbert.ts';
import { Ops } from './ops.ts';

/** Rows that the small plan of the head is made for; the large one takes `maxHeadRows`. */
const fewRows = 4;
/** An arena over this size is given back after so many requests that needed a quarter of it at most. */
const shrink = { overBytes: 64 * 2 ** 20, afterRequests: 8 };

/** Where the head leaves its answers, by row of the request. */
export interface ResultBuffers {
  /** vec4f: log-sum-exp, largest logit, entropy in nats, count of non-finite logits. */
  stats: GPUBuffer;
  ids: GPUBuffer;
  logProbs: GPUBuffer;
  scores: GPUBuffer;
}

export type HeadMode = 'topk' | 'targets';
export type OnCompile = (done: number, total: number, label: string) => void;

export class Plans {
  #arena: { tokens: number; buffers: Buffers } | null = null;
  #results: { rows: number; cells: number; pairs: number; buffers: ResultBuffers } | null = null;
  #steps = new Map<string, Promise<Step[]>>();
  #smallRequests = 0;
  #scratchBytes: number | null = null;

  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly storage: Storage,
    readonly choices: Choices,
    readonly weights: DeviceWeights,
  ) {}

  get tileRows(): number {
    return attentionTileRows({ headDim: this.config.headDim, variant: this.choices.attention });
  }

  /** GPU bytes of the activations for a text of so many tokens. */
  activationBytes(tokens: number): number {
    return Object.values(arenaBytes(this.#shape(), bucketOf(tokens))).reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The buffers, able to hold `tokens` tokens. */
  async reserve(tokens: number): Promise<Buffers> {
    const bucket = bucketOf(tokens);
    const held = this.#arena?.tokens ?? 0;
    this.#smallRequests = bucket * 4 <= held ? this.#smallRequests + 1 : 0;
    const tooBig = this.#smallRequests > shrink.afterRequests && this.activationBytes(held) > shrink.overBytes;
    if (this.#arena && bucket <= held && !tooBig) return this.#arena.buffers;
    if (this.#arena) this.gpu.memory.free(...Object.values(this.#arena.buffers));
    this.#arena = null;
    this.#steps.clear();
    this.#smallRequests = 0;
    const buffers = await makeBuffers(this.gpu, this.#shape(), bucket);
    this.#arena = { tokens: bucket, buffers };
    return buffers;
  }

  /** Room for the answers of `rows` masks: `topK` each, or `pairs` scores. */
  async reserveResults(rows: number, topK: number, pairs: number): Promise<ResultBuffers> {
    const cells = rows * topK;
    const held = this.#results;
    if (held && held.rows >= rows && held.cells >= cells && held.pairs >= pairs) return held.buffers;
    if (held) this.gpu.memory.free(...Object.values(held.buffers));
    this.#results = null;
    for (const key of [...this.#steps.keys()]) if (key.startsWith('head')) this.#steps.delete(key);
    const room = { rows: bucketOf(rows), cells: bucketOf(cells), pairs: bucketOf(pairs) };
    const buffers = await this.gpu.checked('buffers for the answers', () => {
      const make = (name: string, bytes: number) => this.gpu.memory.storage('activations', name, bytes);
      return {
        stats: make('stats', 16 * room.rows),
        ids: make('top ids', 4 * room.cells),
        logProbs: make('top log-probabilities', 4 * room.cells),
        scores: make('target scores', 8 * room.pairs),
      };
    });
    this.#results = { ...room, buffers };
    return buffers;
  }

  /** Token ids → residual stream, for batches of up to `tokens` tokens. */
  trunk(tokens: number, onCompile?: OnCompile): Promise<Step[]> {
    const bucket = bucketOf(tokens);
    return this.#cached(`trunk ${bucket}`, bucket, 1, ops => trunk(ops, this.weights), onCompile);
  }

  /** Residual stream → answers, for up to `rows` masked rows a pass. `reserveResults` first. */
  head(mode: HeadMode, rows: number, onCompile?: OnCompile): Promise<Step[]> {
    const capacity = rows <= fewRows ? fewRows : maxHeadRows;
    const build = (ops: Ops) => {
      const { stats, ids, logProbs, scores } = this.#results!.buffers;
      maskedHead(ops, this.weights, stats);
      if (mode === 'topk') ops.topk(ops.buffers.logits, stats, ids, logProbs);
      else ops.targetScores(ops.buffers.logits, stats, scores);
    };
    return this.#cached(`head ${mode} ${capacity}`, 1, capacity, build, onCompile);
  }

  /** Residual stream → vectors: in `pooled` (mean, cls) or in `wide` (none). */
  vectors(pooling: 'mean' | 'cls' | 'none', isNormalized: boolean): Promise<Step[]> {
    const build = (ops: Ops) => {
      const hidden = lastHidden(ops, this.weights);
      if (pooling !== 'none') ops.pool(hidden, pooling, isNormalized, ops.buffers.pooled);
      else if (isNormalized) ops.normalize(hidden);
    };
    return this.#cached(`vectors ${pooling} ${isNormalized}`, 1, 1, build);
  }

  #cached(key: string, tokens: number, rows: number, build: (ops: Ops) => void, onCompile?: OnCompile): Promise<Step[]> {
    let steps = this.#steps.get(key);
    if (!steps) {
      const ops = new Ops(this.config, this.storage, this.choices, this.#arena!.buffers, { tokens, rows });
      build(ops);
      steps = ops.compile(this.gpu, onCompile);
      this.#steps.set(key, steps);
      steps.catch(() => this.#steps.delete(key));
    }
    return steps;
  }

  #shape(): ArenaShape {
    const { config, storage, weights, tileRows } = this;
    this.#scratchBytes ??= largestScratch(this.choices, storage, weights);
    return { config, storage, hasHead: weights.head !== null, tileRows, scratchBytes: this.#scratchBytes };
  }
}

/** The largest scratch that any matrix's variant asks for, at any row count. */
function largestScratch(choices: Choices, storage: Storage, { layers, head }: DeviceWeights): number {
  const ofLayers = layers.flatMap(({ Wqkv, Wo, Wi, mlpWo }) => [Wqkv, Wo, Wi, mlpWo]);
  const matrices = new Map(
    [...ofLayers, ...(head ? [head.dense, head.decoder] : [])].map(({ matrix }) => [`${matrix.N} ${matrix.K}`, matrix]),
  );
  let most = 0;
  for (const { K, format, shards } of matrices.values()) {
    for (const maxRows of [1, fewRows, bucketOf(1), maxHeadRows, bucketOf(maxHeadRows + 1)]) {
      const epilogue = { kind: 'store', out: 'f32', activation: 'none', firstColumn: 0, rowStride: shards[0]!.rows } as const;
      const shape = { K, N: shards[0]!.rows, format, storage, epilogue, hasBias: false, rows: 'tokens', maxRows } as const;
      most = Math.max(most, matmul(shape, choices.matmul(shape)).scratchBytes);
    }
  }
  return most;
}
