/**
 * The learning rate by the tokens of a phase that were seen. Two shapes, as in the recipe of ModernCamemBERT-bio: linear warm-up and
 * then constant, and the decay by 1 − √p (OneMinusSqrtScheduler of ModernBERT's training code), which a phase of its own spends whole.
 */
import { InputError } from '../errors.ts';

export type Schedule =
  /** Rises linearly to `peak` over `warmupTokens`, then stays there. */
  | { kind: 'warmup-constant'; peak: number; warmupTokens: number }
  /** From `peak` to `peak` · `floor` over the phase: scale = floor + (1 − floor) · (1 − √p), p = tokens / tokens of the phase. */
  | { kind: 'one-minus-sqrt'; peak: number; floor: number };

/**
 * The rate for the step that begins after `tokensDone` of the phase's `tokensTotal` tokens; beyond its end it stays as it ends.
 * The first step of a warm-up has a rate of 0 in the formula; like Composer's schedulers, which look at the time before the step, this does too.
 */
export function learningRate(schedule: Schedule, tokensDone: number, tokensTotal: number): number {
  if (schedule.kind === 'warmup-constant') {
    const { peak, warmupTokens } = schedule;
    return warmupTokens > 0 ? peak * Math.min(1, tokensDone / warmupTokens) : peak;
  }
  const { peak, floor } = schedule;
  const p = tokensTotal > 0 ? Math.min(1, tokensDone / tokensTotal) : 1;
  return peak * (floor + (1 - floor) * (1 - Math.sqrt(p)));
}

/** Errors: InputError naming the number that no schedule can have. */
export function checkSchedule(schedule: Schedule): void {
  const refuse = (what: string, accepted: string): never => {
    throw new InputError(`The schedule's ${what}; accepted: ${accepted}.`, { option: 'schedule' });
  };
  const { peak } = schedule;
  if (!(Number.isFinite(peak) && peak >= 0)) refuse(`peak learning rate is ${peak}`, 'a number from 0 on');
  if (schedule.kind === 'warmup-constant' && !(Number.isSafeInteger(schedule.warmupTokens) && schedule.warmupTokens >= 0))
    refuse(`warm-up is ${schedule.warmupTokens} tokens`, 'a whole number from 0 on');
  if (schedule.kind === 'one-minus-sqrt' && !(schedule.floor >= 0 && schedule.floor <= 1))
    refuse(`floor is ${schedule.floor}`, 'a share of the peak, from 0 to 1');
}
