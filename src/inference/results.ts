/** The tensors in which the head leaves its answers, by row of the request, and the buffers that they have. */
import type { Gpu } from '../gpu/device.ts';
import { Slack } from '../gpu/slack.ts';
import type { Sizes, Tensor } from '../runtime/graph.ts';
import { bytesOfNeeds, Memory } from '../runtime/memory.ts';
import { bucketOf } from './sizes.ts';

/** Buffers below this size do not shrink. */
const keptBytes = 4 * 2 ** 20;

const f32 = (name: string, ...shape: Tensor['shape']): Tensor => ({ name, type: 'f32', shape });
const u32 = (name: string, ...shape: Tensor['shape']): Tensor => ({ name, type: 'u32', shape });

/** Sizes: `answers`, the rows of the request; `cells`, rows × topK; `scored`, (row, token) pairs. */
export const resultTensors = {
  /** vec4f: log-sum-exp, largest logit, entropy in nats, count of non-finite logits. */
  stats: f32('stats', 'answers', 4),
  ids: u32('top ids', 'cells'),
  logProbs: f32('top log-probabilities', 'cells'),
  scores: f32('target scores', 'scored', 2),
  /** Bits of `watchFlags`, of the row before the head. Zeroed by the request. */
  flags: u32('flags of rows', 'answers'),
} as const;
export type ResultName = keyof typeof resultTensors;

type Room = { answers: number; cells: number; scored: number };

/** Each size grows by itself, so that requests with many masks and requests with many answers do not shrink each other's buffers. */
export class Results {
  readonly #memory: Memory;
  readonly #slack = new Slack(keptBytes);
  #held: Room | null = null;

  constructor(gpu: Gpu) {
    this.#memory = new Memory(gpu);
  }

  /** Room for the answers of `rows` masks: `topK` each, or `pairs` scores. True where the buffers are new. Errors: OutOfMemoryError. */
  async reserve(rows: number, topK: number, pairs: number): Promise<boolean> {
    const { room, isKept } = this.#next(rows, topK, pairs);
    this.#slack.note(this.heldBytes, bytesOf(roomFor(rows, topK, pairs)), this.heldBytes);
    if (isKept) return false;
    this.#held = null;
    await this.#memory.make('buffers for the answers', needs, room);
    this.#held = room;
    return true;
  }

  get heldBytes(): number {
    return this.#held ? bytesOf(this.#held) : 0;
  }

  /** Bytes by which `reserve` would change what is held. */
  growth(rows: number, topK: number, pairs: number): number {
    return bytesOf(this.#next(rows, topK, pairs).room) - this.heldBytes;
  }

  buffer(name: ResultName): GPUBuffer {
    return this.#memory.find(resultTensors[name])!;
  }

  find(tensor: Tensor): GPUBuffer | undefined {
    return this.#memory.find(tensor);
  }

  free(): void {
    this.#memory.free();
    this.#held = null;
  }

  #next(rows: number, topK: number, pairs: number): { room: Room; isKept: boolean } {
    const needed = roomFor(rows, topK, pairs);
    const held = this.#held;
    const heldBytes = this.heldBytes;
    if (!held || this.#slack.isTooLarge(heldBytes, bytesOf(needed), heldBytes)) return { room: needed, isKept: false };
    const most = (of: keyof Room) => Math.max(needed[of], held[of]);
    const room = { answers: most('answers'), cells: most('cells'), scored: most('scored') };
    return { room, isKept: room.answers === held.answers && room.cells === held.cells && room.scored === held.scored };
  }
}

const needs = { tensors: Object.values(resultTensors), slots: [] };
const bytesOf = (room: Sizes): number => bytesOfNeeds(needs, room);

function roomFor(rows: number, topK: number, pairs: number): Room {
  return { answers: bucketOf(rows), cells: bucketOf(rows * topK), scored: bucketOf(pairs) };
}
