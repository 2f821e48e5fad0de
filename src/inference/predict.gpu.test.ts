/** predict, fillJointly and distribution with the embedded model, held to what its other calls answer on texts that are written out. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FolderSource } from '../node/folder.ts';
import { testEnvironment } from '../testing/environment.ts';
import type { Model, Prediction } from '../types.ts';
import { createLoader } from './load.ts';

/** SwiftShader takes a second for some hundred tokens, and a file there should take seconds. */
const isSlow = process.env.AFFINAGE_ADAPTER === 'swiftshader';
let model: Model;
beforeAll(async () => {
  const source = new FolderSource(fileURLToPath(new URL('../../public/models/mini', import.meta.url)), 'mini');
  model = await createLoader(testEnvironment())(source, { storage: 'f32' });
});
afterAll(() => model?.dispose());

const text = 'Le patient est hospitalisé pour une [MASK] aiguë.';
const scoreOf = async (asked: string, target: string, mask = 0) => {
  const answer = await model.fillMask(asked, { targets: [target] });
  return ((Array.isArray(answer[0]) ? answer[mask] : answer) as Prediction[])[0]!;
};

describe('predict', () => {
  test('its predictions are those of fillMask; they and the rest sum to one', async () => {
    const two = 'Une [MASK] du rein [MASK].';
    for (const [asked, topK] of [
      [text, 7],
      [two, 1],
      ['[MASK] de l’œil, évolution [MASK]', 3],
    ] as const) {
      const answer = await model.predict(asked, { topK });
      const plain = await model.fillMask(asked, { topK });
      expect(answer.masks.map(mask => mask.predictions)).toEqual(Array.isArray(plain[0]) ? plain : [plain]);
      expect(answer.masks.map(({ start, end }) => asked.slice(start, end))).toEqual(answer.masks.map(() => '[MASK]'));
      expect(answer.tokens).toBe((await model.tokenize(asked)).ids.length);
      for (const { predictions, rest, targets } of answer.masks) {
        expect(predictions.reduce((sum, { score }) => sum + score, rest)).toBeCloseTo(1, 5);
        expect(targets).toEqual([]);
      }
    }
    expect(await model.predict([text, two], { topK: 1 })).toHaveLength(2);
    expect(await model.predict([])).toEqual([]);
  });

  test('a word of one token has the probability and the rank that fillMask gives it; an unknown one spoils nothing', async () => {
    const [mask] = (await model.predict(text, { targets: ['infection', '漢', 'douleur'] })).masks;
    expect(mask!.targets.map(({ target, status }) => [target, status])).toEqual([
      ['infection', 'scored'],
      ['漢', 'unknown'],
      ['douleur', 'scored'],
    ]);
    for (const { target, method, score, rank, tokens, token, token_str, sequence } of mask!.targets) {
      if (target === '漢') {
        expect({ method, score, rank, tokens, token }).toEqual({ method: null, score: 0, rank: null, tokens: [], token: undefined });
        continue;
      }
      const expected = await scoreOf(text, target);
      expect(method).toBe('token');
      expect(expected).toMatchObject({ rank, token, token_str, sequence });
      expect(score).toBeCloseTo(expected.score, 9);
    }
  });

  test('a word of two tokens: the first with both hidden, then the second with the first shown', async () => {
    const words = ['pneumopathie', 'thrombophlébite', 'endométriose', 'neuropathie', 'rétinopathie'];
    let checked = 0;
    for (const word of words) {
      const { ids, tokens } = await model.tokenize(word);
      const [first, second] = tokens.slice(1, -1);
      if (ids.length !== 4 || !first || !second) continue;
      const opened = text.replace('[MASK]', '[MASK] [MASK]');
      const shown = text.replace('[MASK]', `${first} [MASK]`);
      if ((await model.tokenize(shown)).ids.length !== (await model.tokenize(opened)).ids.length) continue;
      const expected = Math.log((await scoreOf(opened, first)).score) + Math.log((await scoreOf(shown, second)).score);
      const [mask] = (await model.predict(text, { targets: ['douleur', word] })).masks;
      expect(mask!.targets[1]).toMatchObject({
        target: word,
        method: 'pll',
        rank: null,
        tokens: [first, second],
        token: ids[1],
        token_str: word,
        sequence: text.replace('[MASK]', word),
      });
      expect(mask!.targets[1]!.logProb).toBeCloseTo(expected, 3);
      expect(mask!.targets[1]!.score).toBeCloseTo(Math.exp(expected), 6);
      expect(mask!.targets[0]!.method).toBe('token');
      checked++;
    }
    expect(checked).toBeGreaterThan(0);
  });

  test('a word that is longer than the context is refused, however much of the text is cut', async () => {
    const { context } = (await model.report()).architecture;
    const endless = 'pneumopathie '.repeat(context).trim();
    await expect(model.predict(text, { targets: [endless] })).rejects.toThrow(/Ask for a shorter word/);
    await expect(model.predict(text, { targets: [endless], truncate: true })).rejects.toThrow(/Ask for a shorter word/);
  });

  test('a text that fills the context makes room for a word if it may be cut', async test => {
    if (isSlow) return test.skip('half a minute on SwiftShader; nothing of it depends on the adapter');
    const { context } = (await model.report()).architecture;
    const full = `${text} ${'fièvre '.repeat(context)}`;
    expect((await model.tokenize(full, { truncate: true })).ids).toHaveLength(context);
    const [mask] = (await model.predict(full, { targets: ['pneumopathie'], topK: 1, truncate: true })).masks;
    expect(mask!.targets[0]).toMatchObject({ method: 'pll', status: 'scored' });
  });

  test('twenty-five masks (on SwiftShader three), each with a word of several tokens', async () => {
    const count = isSlow ? 3 : 25;
    const many = Array.from({ length: count }, (_, i) => `${i} [MASK]`).join(', ');
    const progress: number[] = [];
    const answer = await model.predict(many, {
      topK: 1,
      targets: ['pneumopathie'],
      onProgress: ({ stage, done, total }) => stage === 'run' && progress.push(done / total),
    });
    expect(answer.masks).toHaveLength(count);
    expect(answer.masks.every(({ targets }) => Number.isFinite(targets[0]!.logProb))).toBe(true);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });
});

describe('distribution', () => {
  test('every token of the vocabulary, as predict ranks and scores them', async () => {
    const { logProbs, entropy } = await model.distribution(text);
    const vocabulary = await model.vocabulary();
    expect(logProbs.length).toBe(vocabulary.length);
    expect(logProbs.reduce((sum, logProb) => sum + Math.exp(logProb), 0)).toBeCloseTo(1, 5);
    const [mask] = (await model.predict(text, { topK: 50 })).masks;
    expect(entropy).toBeCloseTo(mask!.entropy, 3);
    const order = [...logProbs.keys()].sort((a, b) => logProbs[b]! - logProbs[a]! || a - b);
    mask!.predictions.forEach(({ token, score, token_str }, i) => {
      expect(order[i]).toBe(token);
      expect(Math.exp(logProbs[token]!)).toBeCloseTo(score, 6);
      expect(vocabulary[token]).toBe(token_str);
    });
    await expect(model.distribution(text, { mask: 1 })).rejects.toThrow(/1 masks, numbered from 0/);
  });
});

describe('fillJointly', () => {
  const two = 'Le patient a une [MASK] du genou [MASK].';

  test('each step is the conditional probability, the surest mask first', async () => {
    const fillings = await model.fillJointly(two, { topK: 4, beams: 6 });
    expect(fillings).toHaveLength(4);
    expect(fillings.map(f => f.logProb)).toEqual(fillings.map(f => f.logProb).sort((a, b) => b - a));
    expect(new Set(fillings.map(f => f.words.map(w => w.token).join())).size).toBe(4);
    const alone = (await model.predict(two, { topK: 1 })).masks.map(mask => mask.predictions[0]!.score);
    const surest = alone[0]! >= alone[1]! ? 0 : 1;
    for (const { words, logProb, sequence } of fillings) {
      expect(words[surest]!.step).toBe(1);
      const first = await scoreOf(two, words[surest]!.token_str, surest);
      // The other mask, in the text in which the first is written out.
      let mask = -1;
      const written = two.replaceAll('[MASK]', found => (++mask === surest ? words[surest]!.token_str : found));
      const second = await scoreOf(written, words[1 - surest]!.token_str);
      expect(words[surest]!.logProb).toBeCloseTo(Math.log(first.score), 3);
      expect(words[1 - surest]!.logProb).toBeCloseTo(Math.log(second.score), 3);
      expect(logProb).toBeCloseTo(words[0]!.logProb + words[1]!.logProb, 6);
      mask = -1;
      expect(sequence).toBe(two.replaceAll('[MASK]', () => words[++mask]!.token_str));
    }
  });

  test('a wider search finds nothing worse', async () => {
    const [narrow] = await model.fillJointly(two, { topK: 1, beams: 1 });
    const [wide] = await model.fillJointly(two, { topK: 1, beams: isSlow ? 4 : 32 });
    expect(wide!.logProb).toBeGreaterThanOrEqual(narrow!.logProb - 1e-6);
  });

  test('one mask, or more than eight, is refused with the way out', async () => {
    await expect(model.fillJointly(text)).rejects.toThrow(/one mask.*predict/);
    await expect(model.fillJointly('[MASK] '.repeat(9))).rejects.toThrow(/9 masks; at most 8/);
    await expect(model.fillJointly('Sans masque.')).rejects.toThrow(/no mask/);
  });
});
