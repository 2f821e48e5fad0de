/** The embedded model on this device against PyTorch's answers for the same stored weights. */

import { DeviceLostError } from '../errors.ts';
import { compare } from '../kernels/checking/run-case.ts';
import type { Model, Prediction } from '../types.ts';
import type { Reference, ReferenceCase } from './reference.ts';
import type { CaseFailure, CheckError, ModelCheck } from './types.ts';

/**
 * Largest normalised errors. With f32 activations only the order of sums differs from PyTorch's. With f16 every stored number is rounded
 * to 11 bits, and these errors add up over the layers.
 */
const bounds = {
  f32: { probabilities: 1e-8, embeddings: 1e-10 },
  f16: { probabilities: 1e-4, embeddings: 1e-5 },
} as const;

/** Two probabilities closer than this (relative difference) may be in either order. */
const nearTie = { f32: 1e-4, f16: 1e-2 } as const;

const best = 5;
const compared = 10;

/** The calls that the check needs of a model, loaded or being loaded. */
export type ModelUnderTest = Pick<Model, 'tokenize' | 'embed' | 'fillMask'>;

export interface ModelIdentity {
  model: string;
  dtype: string;
  storage: 'f32' | 'f16';
}

/**
 * Compares tokens, probabilities and embeddings, sentence by sentence. Differences are listed in `failures`.
 * Errors: DeviceLostError; the signal's reason.
 */
export async function checkModel(
  model: ModelUnderTest,
  identity: ModelIdentity,
  { cases }: Pick<Reference, 'cases'>,
  { signal, onSentence }: { signal?: AbortSignal; onSentence?: (done: number) => void } = {},
): Promise<ModelCheck> {
  const bound = bounds[identity.storage];
  const check: ModelCheck = {
    ...identity,
    passed: false,
    sentences: cases.length,
    masks: cases.reduce((sum, { masks }) => sum + masks.length, 0),
    tokensEqual: true,
    top1: 0,
    top5: 0,
    top5Agreement: 0,
    probabilities: { nmse: 0, maxAbs: 0, bound: bound.probabilities },
    embeddings: { nmse: 0, maxAbs: 0, bound: bound.embeddings },
    failures: [],
  };
  let shared = 0;
  for (const [i, expected] of cases.entries()) {
    signal?.throwIfAborted();
    onSentence?.(i);
    const fail = (why: string): CaseFailure[] => [{ case: `sentence ${i + 1}`, why }];
    try {
      const { ids } = await model.tokenize(expected.text);
      if (ids.join() !== expected.ids.join()) {
        check.tokensEqual = false;
        check.failures.push(...fail(`${ids.length} tokens, not the ${expected.ids.length} of the reference`));
        continue;
      }
      const { data } = await model.embed([expected.text], { signal });
      check.failures.push(...worsen(check.embeddings, data, expected.embedding).flatMap(why => fail(`embedding: ${why}`)));
      shared += await checkMasks(model, expected, check, signal, why => check.failures.push(...fail(why)));
    } catch (error) {
      if (error instanceof DeviceLostError || signal?.aborted || !(error instanceof Error)) throw error;
      check.failures.push(...fail(`${error.name}: ${error.message}`));
    }
  }
  check.top5Agreement = check.masks === 0 ? 1 : shared / (best * check.masks);
  check.passed = check.failures.length === 0;
  return check;
}

/** Adds the sentence's masks to the check; returns how many of the reference's best five are among ours, over all masks. */
async function checkMasks(
  model: ModelUnderTest,
  { text, masks }: ReferenceCase,
  check: ModelCheck,
  signal: AbortSignal | undefined,
  fail: (why: string) => void,
): Promise<number> {
  if (masks.length === 0) return 0;
  const answer = await model.fillMask(text, { topK: compared, signal });
  const perMask = (masks.length === 1 ? [answer] : answer) as Prediction[][];
  // If something is wrong, the reference's best tokens may not be among our best ten: their probability is then taken as 0.
  let shared = 0;
  for (const [m, { ids, probabilities }] of masks.entries()) {
    const got = perMask[m] ?? [];
    const tokens = got.map(({ token }) => token);
    const common = ids.slice(0, best).filter(id => tokens.slice(0, best).includes(id)).length;
    shared += common;
    if (common === best) check.top5++;
    if (tokens[0] === ids[0]) check.top1++;
    const ours = ids.map(id => got.find(({ token }) => token === id)?.score ?? 0);
    const tie = nearTie[check.storage];
    // The last of the ten may have been exchanged for an eleventh token that is as probable.
    const safe = ids.filter((_, i) => i < best && clearOf(probabilities, i, tie));
    const missing = safe.filter(id => !tokens.slice(0, best).includes(id));
    if (missing.length > 0) fail(`mask ${m + 1}: ${missing.length} of the five best tokens are not among ours`);
    const known = ours.flatMap((score, i) => (score > 0 || i < best ? [i] : []));
    const why = worsen(
      check.probabilities,
      known.map(i => ours[i]!),
      known.map(i => probabilities[i]!),
    );
    for (const text of why) fail(`mask ${m + 1}: probabilities: ${text}`);
    if (tokens[0] !== ids[0] && clearOf(probabilities.slice(0, 2), 0, tie)) fail(`mask ${m + 1}: another first choice`);
  }
  return shared;
}

/** Whether the i-th best of five is clearly more probable than the one that would push it out. */
function clearOf(probabilities: readonly number[], i: number, tie: number): boolean {
  const rival = probabilities[Math.min(best, probabilities.length - 1)]!;
  return probabilities[i]! > rival * (1 + tie);
}

/** Updates the worst error with these numbers; returns a description if they are over the bound. */
function worsen(error: CheckError, got: ArrayLike<number>, expected: ArrayLike<number>): string[] {
  if (got.length !== expected.length) {
    error.nmse = null;
    error.maxAbs = null;
    return [`${got.length} numbers, expected ${expected.length}`];
  }
  const { nmse, worst } = compare(got, expected);
  const maxAbs = Math.abs(worst.got - worst.expected);
  error.nmse = error.nmse === null || !Number.isFinite(nmse) ? null : Math.max(error.nmse, nmse);
  error.maxAbs = error.maxAbs === null || !Number.isFinite(maxAbs) ? null : Math.max(error.maxAbs, maxAbs);
  return nmse <= error.bound ? [] : [`error ${nmse.toExponential(1)}, at most ${error.bound.toExponential(0)}`];
}
