import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../../src/errors.ts';
import { LocalModel } from '../../../src/inference/local-model.ts';
import { type Loaded, readTokenizer } from '../../../src/inference/open.ts';
import type { Session } from '../../../src/inference/session.ts';
import { readConfig } from '../../../src/model/config.ts';
import { smallTokenizer } from '../../../src/testing/small-tokenizer.ts';
import type { MaskedAnswer, Model, Surprisal, VectorIndex } from '../../../src/types.ts';
import { sourceOf } from '../source.ts';
import { demand, json, type Target } from '../target.ts';

/** A call came to the GPU, which this target has not: everything that can be refused before was not. */
class Reached extends Error {}

/** Tokens that the made-up GPU computes for one call. More would take longer than this run waits, without being a fault. */
const mostTokens = 2 ** 21;

/** What a file holds now: anything, or nothing. */
type Given = Record<'text' | 'options' | 'queries' | 'count' | 'vectors', never>;

interface Call {
  /** What is written to the file and mutated. */
  given: Record<string, unknown>;
  /** Calls the model with what the file now holds, of any type, and demands a sound answer. */
  ask(model: Model, given: Given, vocabSize: number): Promise<unknown>;
}

const text = 'Le patient a une [MASK] aiguë du [MASK], 37,5 °C 🤷🏽‍♀️ e\u0301.';

const inText = (start: number, end: number, whole: string) =>
  Number.isSafeInteger(start) && start >= 0 && start <= end && end <= whole.length;

function soundMasks({ text: whole, masks }: MaskedAnswer): unknown {
  demand(masks.length > 0, 'a text without masks has an answer');
  for (const { start, end, predictions, rest, entropy, targets } of masks) {
    demand(inText(start, end, whole), `a mask at ${start}, ${end}`);
    demand(rest >= 0 && rest <= 1 && entropy >= 0, `rest ${rest}, entropy ${entropy}`);
    for (const { score, sequence } of predictions) demand(score >= 0 && score <= 1 && typeof sequence === 'string', 'a prediction is none');
    for (const { status, score, tokens, method } of targets)
      demand((status === 'unknown') === (method === null) && score >= 0 && tokens.length > 0 === (status === 'scored'), 'a target is none');
  }
  return masks.map(({ start, targets }) => [start, targets]);
}

function soundReading(answer: Surprisal, whole: string): unknown {
  const { ids, offsets, bits, ranks, entropy, topK, bestIds, bestBits, strings, from, total } = answer;
  const T = ids.length;
  demand(from + T <= total, `tokens from ${from}, ${T} of ${total}`);
  demand([bits.length, ranks.length, entropy.length].every(length => length === T) && offsets.length === 2 * T, 'lengths differ');
  demand(bestIds.length === T * topK && bestBits.length === T * topK, 'alternatives are missing');
  for (let i = 0; i < T; i++) demand(inText(offsets[2 * i]!, offsets[2 * i + 1]!, whole) && bits[i]! >= 0, `token ${i}`);
  demand(
    bestIds.every(id => typeof strings[id] === 'string'),
    'an alternative has no text',
  );
  return [T, total, answer.windows];
}

const list = (given: unknown): Float32Array<ArrayBuffer> =>
  Array.isArray(given) ? Float32Array.from(given as number[]) : (given as never);

/** Every call that was added with the playground, and those that they stand beside. */
const calls: Record<string, Call> = {
  fillMask: {
    given: { text, options: { topK: 3, targets: ['patient', 'fièvre'], truncate: false } },
    ask: (model, { text: of, options }) => model.fillMask(of, options),
  },
  predict: {
    given: { text, options: { topK: 3, targets: ['patient', 'cardite', '漢', 'une fièvre', 'mot '.repeat(90)], truncate: true } },
    async ask(model, { text: of, options }) {
      const answer: unknown = await model.predict(of, options);
      return (Array.isArray(answer) ? (answer as MaskedAnswer[]) : [answer as MaskedAnswer]).map(soundMasks);
    },
  },
  fillJointly: {
    given: { text, options: { topK: 3, beams: 4, truncate: false } },
    async ask(model, { text: of, options }) {
      const fillings = await model.fillJointly(of, options);
      demand(fillings.length > 0, 'no filling');
      for (const { words, logProb, sequence } of fillings) {
        const sum = words.reduce((total, word) => total + word.logProb, 0);
        demand(Math.abs(sum - logProb) < 1e-6 && typeof sequence === 'string', 'a filling is not the product of its words');
        demand(new Set(words.map(({ step }) => step)).size === words.length, 'two masks were filled in one step');
      }
      return fillings;
    },
  },
  surprisal: {
    given: { text, options: { mode: 'exact', topK: 2, from: 1, to: 9, around: 6 } },
    ask: async (model, { text: of, options }) => soundReading(await model.surprisal(of, options), of),
  },
  distribution: {
    given: { text, options: { mask: 1, truncate: false } },
    ask: (model, { text: of, options }) => model.distribution(of, options),
  },
  vocabulary: {
    given: { asked: 'whatever is given counts for nothing' },
    async ask(model, given, vocabSize) {
      const words = await (model.vocabulary as (...any: unknown[]) => Promise<string[]>)(given);
      demand(words.length === vocabSize && words.every(word => typeof word === 'string'), 'a token has no text');
      return words;
    },
  },
  index: {
    given: { options: { dim: 4 }, queries: [1, 0.5, -2, 0], count: 3, vectors: [1, 2, 3, 4, -1, -2, -3, -4] },
    async ask(model, { options, queries, count, vectors }) {
      const index: VectorIndex = await model.index(options);
      const { rows, scores, k } = await index.search(list(queries), count);
      demand(rows.length === scores.length && rows.length % k === 0, 'rows and scores are not as many');
      demand(rows.every(row => row === 0xffff_ffff) && scores.every(score => score === -Infinity), 'an empty index has found something');
      // The vectors are checked before they go to the GPU.
      await index.add(list(vectors));
      return rows;
    },
  },
};

/** A session that computes no model: its answers are of the right shape, and it demands that what it is asked can be computed. */
function madeUpSession(vocabSize: number, context: number): Session {
  let computed = 0;
  const score: Session['score'] = async (ids, rows, { topK, targets }, { onText } = {}) => {
    for (const one of ids) {
      demand(one.length > 0 && one.length <= context, `a text of ${one.length} tokens goes to the GPU, and the context is ${context}`);
      demand(
        one.every(id => Number.isSafeInteger(id) && id >= 0 && id < vocabSize),
        'an id is in no vocabulary',
      );
      computed += one.length;
    }
    if (computed > mostTokens) throw new Reached();
    let before = 0;
    demand(topK >= 0 && topK <= vocabSize, `topK ${topK}`);
    return rows.map(({ text: of, position }, row) => {
      demand(of >= before && of < ids.length && position >= 0 && position < ids[of]!.length, 'a row is in no text');
      before = of;
      onText?.(of, ids.length);
      const start = (7 * position + 13 * of) % vocabSize;
      return {
        logSumExp: 0,
        entropy: 1,
        tokens: Array.from({ length: topK }, (_, i) => ({ id: (start + i) % vocabSize, logProb: -2 - i / 8 })),
        targets: (targets?.(row) ?? []).map(id => {
          demand(id >= 0 && id < vocabSize, `target ${id}`);
          return { id, logProb: -3, rank: 2 };
        }),
      };
    });
  };
  const known: Record<string, unknown> = { score, weights: { head: {} } };
  return unreachable(known) as unknown as Session;
}

/** An object of which everything else is the GPU. */
const unreachable = (known: Record<string, unknown>): object =>
  new Proxy(known, {
    get(target, name) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name)) return Reflect.get(target, name) as unknown;
      throw new Reached();
    },
  });

/** What a program gives to the calls of a model: each file holds the text and the options of one call. */
export const callsTarget: Target = {
  name: 'calls of a model',
  share: 8,
  async prepare(root) {
    const folder = join(root, 'oracle/fixtures/models/quantized-q4-local');
    const config = readConfig(await readFile(join(folder, 'config.json')));
    const tokenizer = await readTokenizer(sourceOf({ 'tokenizer.json': json(smallTokenizer()) }));
    const pathOf = (call: string) => `${call}.json`;
    return {
      files: Object.fromEntries(Object.entries(calls).map(([name, { given }]) => [pathOf(name), json(given)])),
      mutable: Object.keys(calls).map(name => ({ path: pathOf(name), share: name === 'vocabulary' ? 1 : 3, json: true, same: false })),
      families: [InputError],
      async attempt(files, mutated) {
        const answers: unknown[] = [];
        for (const [name, { ask }] of Object.entries(calls)) {
          const path = pathOf(name);
          if (mutated !== '' && mutated !== path) continue;
          let given: unknown;
          try {
            given = JSON.parse(new TextDecoder().decode(files[path]));
          } catch {
            continue; // a program's own matter
          }
          const gpu = unreachable({ lostError: null, memory: unreachable({ freeAll() {} }), destroy() {} });
          const session = madeUpSession(config.vocabSize, config.maxPositions);
          const loaded = { gpu, session, config, tokenizer, embedTokenizer: tokenizer, times: {}, storage: 'f32' } as unknown as Loaded;
          const never = () => Promise.reject(new Reached());
          const model = new LocalModel('made up', loaded, { reopen: never, storeInF32: never, rememberF32: never });
          try {
            answers.push(await ask(model, (given ?? {}) as Given, config.vocabSize));
          } catch (error) {
            if (!(error instanceof Reached)) throw error;
            answers.push('the GPU');
          } finally {
            await model.dispose();
          }
        }
        return answers;
      },
    };
  },
};
