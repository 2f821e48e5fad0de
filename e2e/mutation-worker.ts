/**
 * Runs the mutants of every kernel on this machine's adapter and prints one JSON line for each. e2e/mutate.mjs starts and watches it and
 * counts the results. A mutant is killed when a case of its kernel fails that passed before.
 */
import type { Gpu } from '../src/gpu/device.ts';
import { compose } from '../src/gpu/shader.ts';
import { allCases } from '../src/kernels/all.cases.ts';
import type { CaseInstance, CaseSet, Values } from '../src/kernels/checking/cases.ts';
import { expectedOf } from '../src/kernels/checking/expected.ts';
import { seededRandom } from '../src/kernels/checking/random.ts';
import { caseContext, runCase, toleranceOf } from '../src/kernels/checking/run-case.ts';
import { testGpu } from '../src/testing/gpu.ts';
import type { StorageType } from '../src/types.ts';
import { equivalence } from './equivalents.ts';
import { applyMutant, type Mutant, mutantsOf } from './mutants.ts';

export interface Options {
  /** Kernels to attack; default all. */
  kernels: readonly string[];
  /** At most so many a kernel, drawn by seed; barriers are always kept. */
  limit: number;
  /** Mutants already done: kernel and index. */
  done: readonly string[];
}

/** `equivalent`: survived, as the list of equivalents says it must. */
type Outcome = 'killed' | 'survived' | 'equivalent' | 'invalid' | 'unused';

export type Report =
  | { type: 'start'; id: string; kernel: string; mutant: Mutant }
  | { type: 'end'; id: string; outcome: Outcome; by?: string }
  /** A case is about to run: a sign of life. */
  | { type: 'trial' }
  | { type: 'skipped'; kernel: string; why: string };

interface Trial {
  name: string;
  instance: CaseInstance;
  /** Computed once: every mutant is held against it. */
  expected: ReadonlyMap<string, Values>;
  storage: StorageType;
  ms: number;
}

/** Slower cases are left out, as a surviving mutant runs all cases. */
const slowMs = 2000;

export async function mutateAll({ kernels, limit, done }: Options, report: (line: Report) => void): Promise<void> {
  const gpu = await testGpu();
  for (const set of allCases) {
    if (kernels.length > 0 && !kernels.includes(set.kernel)) continue;
    const chosen = sample(mutantsOf(compose(set.kernel)), limit, set.kernel).map((mutant, i) => ({ mutant, id: `${set.kernel}#${i}` }));
    const open = chosen.filter(({ id }) => !done.includes(id));
    if (open.length === 0) continue;
    const trials = await baseline(gpu, set);
    if (trials.length === 0) {
      report({ type: 'skipped', kernel: set.kernel, why: 'no case passes on this adapter' });
      continue;
    }
    for (const { mutant, id } of open) {
      report({ type: 'start', id, kernel: set.kernel, mutant });
      report({ type: 'end', id, ...(await attack(gpu, set.kernel, trials, mutant, report)) });
    }
  }
  gpu.destroy();
}

/** All barriers, and others drawn at random up to the limit, in the order of the text. */
function sample(mutants: Mutant[], limit: number, seed: string): Mutant[] {
  const next = seededRandom(seed);
  const drawn = mutants
    .map(mutant => ({ mutant, key: mutant.operator === 'barrier removed' ? -1 : next() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, limit);
  return mutants.filter(mutant => drawn.some(d => d.mutant === mutant));
}

/** The cases that pass unchanged, quickest first. */
async function baseline(gpu: Gpu, set: CaseSet): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const { name: variant, runsOn } of set.variants) {
    if (!runsOn(gpu.profile)) continue;
    for (const storage of set.storages ?? (['f32', 'f16'] as const)) {
      if (storage === 'f16' && !gpu.profile.f16) continue;
      for (const kernelCase of set.cases) {
        if (kernelCase.variants && !kernelCase.variants.includes(variant)) continue;
        const instance = kernelCase.make(caseContext(gpu, kernelCase, variant, storage));
        const trial = { name: `${kernelCase.name} · ${variant} · ${storage}`, instance, expected: expectedOf(instance), storage, ms: 0 };
        const start = performance.now();
        const failure = await failureOf(gpu, trial, instance.kernel.code);
        trial.ms = performance.now() - start;
        if (!failure && trial.ms <= slowMs) trials.push(trial);
      }
    }
  }
  return trials.sort((a, b) => a.ms - b.ms);
}

async function attack(
  gpu: Gpu,
  kernel: string,
  trials: Trial[],
  mutant: Mutant,
  report: (line: Report) => void,
): Promise<{ outcome: Outcome; by?: string }> {
  let tried = 0;
  for (const trial of trials) {
    const code = applyMutant(trial.instance.kernel.code, mutant);
    if (code === undefined) continue;
    tried++;
    report({ type: 'trial' });
    const failure = await failureOf(gpu, trial, code);
    if (failure && /did not compile/.test(failure)) return { outcome: 'invalid', by: failure };
    if (failure) return { outcome: 'killed', by: trial.name };
  }
  if (tried === 0) return { outcome: 'unused' };
  const why = equivalence(kernel, mutant);
  return why === undefined ? { outcome: 'survived' } : { outcome: 'equivalent', by: why };
}

/** Why the case fails with this text, if it does. */
async function failureOf(gpu: Gpu, { instance, expected, storage }: Trial, code: string): Promise<string | undefined> {
  try {
    const results = await runCase(gpu, { ...instance, kernel: { ...instance.kernel, code } }, storage, expected);
    const wrong = results.find(({ nmse }) => !(nmse <= toleranceOf(instance, storage)));
    return wrong && `${wrong.name}: NMSE ${wrong.nmse}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
