/**
 * With f16 the loss is multiplied before its backward pass, so that small gradients are not lost, and the gradients of the weights are divided by it
 * again. The factor is as large as gradients stay finite: it doubles after many good steps, and halves at each one that overflows.
 */

export interface LossScale {
  value: number;
  /** Steps since it was last changed. */
  steps: number;
}

/** For f32. */
export const noScale: LossScale = { value: 1, steps: 0 };
export const firstScale: LossScale = { value: 2 ** 15, steps: 0 };
/** Steps without an overflow after which it is doubled. */
export const scaleGrowsAfter = 1000;
const largest = 2 ** 24;

/** The factor after a step whose gradients were finite, or were not. */
export function nextScale({ value, steps }: LossScale, isSound: boolean): LossScale {
  if (!isSound) return { value: Math.max(1, value / 2), steps: 0 };
  if (steps + 1 < scaleGrowsAfter) return { value, steps: steps + 1 };
  return { value: Math.min(largest, value * 2), steps: 0 };
}
