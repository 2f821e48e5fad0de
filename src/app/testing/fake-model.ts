/**
 * A model for component tests: its answers follow from its input by a plain rule, so that a test sees which request an answer
 * belongs to. Never part of the page.
 */

import { findMasks } from '../../text/masks.ts';
import type {
  CostEstimate,
  Distribution,
  Embeddings,
  EmbedOptions,
  FillMaskOptions,
  FillMaskResult,
  JointFilling,
  MaskedAnswer,
  Model,
  ModelReport,
  Prediction,
  PredictOptions,
  Surprisal,
  VectorIndex,
} from '../../types.ts';
import type { DeviceCheck, TrainingCheck, TrainingCheckOptions, VerifyOptions } from '../../verify/types.ts';
import type { ModelChoice, ModelHost, OpenOptions } from '../lib/engine.ts';
import { type FakeLibrary, fakeLibrary } from './fake-library.ts';

const fakeReport: ModelReport = {
  name: 'mini',
  architecture: { layers: 4, hidden: 8, heads: 2, intermediate: 16, vocab: 100, context: 64, parameters: 12_345_678 },
  dtype: 'q8',
  storage: 'f32',
  adapter: {
    vendor: 'test',
    architecture: 'none',
    description: 'Test adapter',
    software: true,
    features: { shaderF16: false, subgroups: true, timestampQuery: false },
    subgroupSize: { min: 4, max: 4 },
    limits: { maxBufferSize: 1024 },
  },
  variants: [
    {
      kernel: 'matmul',
      shape: 'q8 many',
      task: 'matmul q8',
      chosen: 'register',
      candidates: [
        { variant: 'register', ms: 1.5 },
        { variant: 'tile', ms: null, refused: 'wrong numbers' },
      ],
      remembered: true,
    },
  ],
  gpuBytes: { weights: 8_000_000, activations: 1_500_000, total: 9_500_000, peak: 9_600_000 },
  times: { loadMs: 640, compileMs: 400, tuneMs: 120, lastRunMs: 14, lastTokens: 9 },
  maskToken: '[MASK]',
  embedding: {
    from: 'defaults',
    dim: 8,
    pooling: ['mean'],
    layers: ['Normalize'],
    truncated: false,
    maxTokens: null,
    lowerCase: false,
    prompts: {},
    defaultPrompt: null,
    includePrompt: true,
    similarity: null,
    refused: null,
  },
  notes: [],
};

/** Scores halve: 1/2, 1/4, … of what is left. Tokens change places with the text's length. The best word is named after the text's length and the mask's place. */
function bestWords(text: string, span: { start: number; end: number }, mask: number, k: number): Prediction[] {
  return Array.from({ length: k }, (_, i) => {
    const word = i === 0 ? `mot${text.length}-${mask}` : `autre${i}-${mask}`;
    return {
      score: 2 ** -(i + 1),
      token: 10 + ((i + text.length) % k),
      token_str: word,
      sequence: text.slice(0, span.start) + word + text.slice(span.end),
    };
  });
}

export interface FakeModel extends Model {
  readonly calls: {
    kind: 'fillMask' | 'predict' | 'fillJointly' | 'distribution' | 'surprisal' | 'embed';
    input: unknown;
    options: (FillMaskOptions & EmbedOptions) | undefined;
  }[];
  disposed: boolean;
  /** Waited for before each answer; rejects to make a request fail. */
  before: (signal: AbortSignal | undefined) => Promise<void>;
  /** Of one token: a token is a word here. */
  msPerToken: number;
}

export function fakeModel(report: Partial<ModelReport> = {}): FakeModel {
  function fillMask(text: string, options?: FillMaskOptions): Promise<FillMaskResult>;
  function fillMask(texts: readonly string[], options?: FillMaskOptions): Promise<FillMaskResult[]>;
  async function fillMask(text: string | readonly string[], options: FillMaskOptions = {}): Promise<FillMaskResult | FillMaskResult[]> {
    if (typeof text !== 'string') throw new Error('The page asks for one text at a time.');
    model.calls.push({ kind: 'fillMask', input: text, options });
    await model.before(options.signal);
    const groups = findMasks(text).map((span, mask) =>
      options.targets
        ? options.targets.map((target, i) => ({
            score: 0.001 * (i + 1),
            token: 50 + i,
            token_str: target.split(' ')[0] ?? target,
            sequence: text.slice(0, span.start) + target + text.slice(span.end),
            rank: 40 + mask,
            target,
            target_tokens: target.split(' ').length,
          }))
        : bestWords(text, span, mask, options.topK ?? 5),
    );
    return groups.length === 1 ? (groups[0] ?? []) : groups;
  }
  const answer = (text: string, options: PredictOptions): MaskedAnswer => ({
    text,
    tokens: text.split(/\s+/).filter(Boolean).length + 2,
    masks: findMasks(text).map((span, mask) => {
      const predictions = bestWords(text, span, mask, options.topK ?? 5);
      return {
        ...span,
        predictions,
        rest: 1 - predictions.reduce((sum, { score }) => sum + score, 0),
        entropy: 2 + mask,
        targets: (options.targets ?? []).map((target, i) => {
          // A word that no vocabulary has.
          if (target === '☃')
            return { target, status: 'unknown' as const, tokens: [], method: null, score: 0, logProb: -Infinity, rank: null };
          const tokens = target.split(' ');
          const score = 0.001 * (i + 1);
          return {
            target,
            status: 'scored' as const,
            tokens,
            method: tokens.length === 1 ? ('token' as const) : ('pll' as const),
            score,
            logProb: Math.log(score),
            rank: tokens.length === 1 ? 40 + mask : null,
          };
        }),
      };
    }),
  });
  function predict(text: string, options?: PredictOptions): Promise<MaskedAnswer>;
  function predict(texts: readonly string[], options?: PredictOptions): Promise<MaskedAnswer[]>;
  async function predict(text: string | readonly string[], options: PredictOptions = {}): Promise<MaskedAnswer | MaskedAnswer[]> {
    model.calls.push({ kind: 'predict', input: text, options });
    await model.before(options.signal);
    return typeof text === 'string' ? answer(text, options) : text.map(each => answer(each, options));
  }
  const model: FakeModel = {
    calls: [],
    disposed: false,
    msPerToken: 1,
    before: async () => undefined,
    fillMask,
    predict,
    async fillJointly(text, options): Promise<JointFilling[]> {
      model.calls.push({ kind: 'fillJointly', input: text, options });
      await model.before(options?.signal);
      const masks = findMasks(text);
      return Array.from({ length: options?.topK ?? 5 }, (_, i) => ({
        words: masks.map((_, mask) => ({ token: 60 + i, token_str: `ensemble${i}-${mask}`, step: masks.length - mask, logProb: -1 - i })),
        logProb: -masks.length * (1 + i),
        sequence: masks.reduceRight(
          (filled, span, mask) => `${filled.slice(0, span.start)}ensemble${i}-${mask}${filled.slice(span.end)}`,
          text,
        ),
      }));
    },
    async distribution(text, options): Promise<Distribution> {
      model.calls.push({ kind: 'distribution', input: text, options });
      await model.before(options?.signal);
      const weights = Array.from({ length: 100 }, (_, token) => 1 + ((token * 7 + text.length) % 100));
      const sum = weights.reduce((a, b) => a + b, 0);
      return { logProbs: Float32Array.from(weights, weight => Math.log(weight / sum)), entropy: 6 };
    },
    vocabulary: async () => Array.from({ length: 100 }, (_, token) => `mot${token}`),
    /** A token is a word; its surprise is its length in bits. */
    async surprisal(text, options = {}): Promise<Surprisal> {
      model.calls.push({ kind: 'surprisal', input: text, options });
      await model.before(options.signal);
      const words = [...text.matchAll(/\S+/g)];
      const { from = 0, to = words.length, topK = 5, mode = 'fast' } = options;
      const own = words.slice(from, to);
      return {
        mode,
        from,
        total: words.length,
        ids: Uint32Array.from(own, (_, i) => i),
        offsets: Uint32Array.from(own.flatMap(({ 0: word, index }) => [index, index + word.length])),
        bits: Float32Array.from(own, ({ 0: word }) => word.length),
        ranks: Uint32Array.from(own, ({ 0: word }) => word.length),
        entropy: new Float32Array(own.length).fill(3),
        topK,
        bestIds: Uint32Array.from(own.flatMap(() => Array.from({ length: topK }, (_, i) => i))),
        bestBits: Float32Array.from(own.flatMap(() => Array.from({ length: topK }, (_, i) => i + 1))),
        strings: Object.fromEntries(Array.from({ length: topK }, (_, i) => [i, `mot${i}`])),
        windows: [[0, words.length]],
      };
    },
    async index({ dim }): Promise<VectorIndex> {
      const vectors: number[] = [];
      return {
        dim,
        get rows() {
          return vectors.length / dim;
        },
        async add(more) {
          for (const value of more) vectors.push(value);
        },
        async search(queries, k) {
          const count = queries.length / dim;
          const rows = new Uint32Array(count * k).fill(0xffff_ffff);
          const scores = new Float32Array(count * k).fill(-Infinity);
          for (let q = 0; q < count; q++) {
            const dots = Array.from({ length: vectors.length / dim }, (_, row) => {
              let dot = 0;
              for (let d = 0; d < dim; d++) dot += (queries[q * dim + d] ?? 0) * (vectors[row * dim + d] ?? 0);
              return { row, dot };
            });
            dots.sort((a, b) => b.dot - a.dot || a.row - b.row);
            dots.slice(0, k).forEach(({ row, dot }, i) => {
              rows[q * k + i] = row;
              scores[q * k + i] = dot;
            });
          }
          return { rows, scores, k };
        },
        dispose: async () => undefined,
      };
    },
    async embed(texts, options): Promise<Embeddings> {
      model.calls.push({ kind: 'embed', input: texts, options });
      await model.before(options?.signal);
      // [share of vowels, share of the rest]: texts alike in letters are close.
      const data = new Float32Array(
        texts.flatMap(text => {
          const vowels = (text.match(/[aeiouy]/gi) ?? []).length;
          const norm = Math.hypot(vowels, text.length - vowels);
          return [vowels / norm, (text.length - vowels) / norm];
        }),
      );
      return { data, rows: texts.length, dim: 2, offsets: new Uint32Array(texts.length + 1).map((_, i) => i) };
    },
    tokenize: async () => ({ ids: [], tokens: [], offsets: [] }),
    async estimate(texts): Promise<CostEstimate> {
      const counts = texts.map(text => text.split(/\s+/).filter(Boolean).length + 2);
      const totalTokens = counts.reduce((sum, count) => sum + count, 0);
      return {
        longestTokens: Math.max(0, ...counts),
        totalTokens,
        flops: totalTokens * 2.5e7,
        bytes: totalTokens * 1e6,
        gpuBytes: { weights: 8_000_000, activations: totalTokens * 10_000, total: 8_000_000 + totalTokens * 10_000 },
        ms: totalTokens * model.msPerToken,
      };
    },
    report: async () => ({ ...fakeReport, ...report }),
    dispose: async () => {
      model.disposed = true;
    },
  };
  return model;
}

export interface FakeHost extends ModelHost {
  readonly opened: ModelChoice[];
  /** The options of each. */
  readonly asked: OpenOptions[];
  readonly kept: FakeLibrary;
}

/** A host that opens whatever `open` gives, and remembers what was asked. Its library is empty; its check answers `check`. */
export function fakeHost(
  open: (choice: ModelChoice, options: OpenOptions) => Promise<Model>,
  check: (options: VerifyOptions) => Promise<DeviceCheck> = () => Promise.reject(new Error('No check was expected.')),
  checkTraining: (options: TrainingCheckOptions) => Promise<TrainingCheck[]> = () => Promise.reject(new Error('No check was expected.')),
): FakeHost {
  const opened: ModelChoice[] = [];
  const asked: OpenOptions[] = [];
  const kept = fakeLibrary();
  return {
    opened,
    asked,
    kept,
    open(choice, options) {
      opened.push(choice);
      asked.push(options);
      return open(choice, options);
    },
    library: () => kept,
    verify: check,
    verifyTraining: checkTraining,
  };
}

/** Resolves after `ms`, or rejects as an aborted request does. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('aborted', 'AbortError'));
    });
  });
}
