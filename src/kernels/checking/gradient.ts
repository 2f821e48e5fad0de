/**
 * Gradients of references by finite differences: what an analytic gradient, and a kernel that computes one, are held against.
 *
 * For L = Σ c · output, summed over the float outputs of a reference, `gradient` gives dL/d input element by element (a few runs of the
 * reference an element: small inputs), and `slope` the change of L along one direction (a few runs in all: any input). Fourth-order
 * central differences in f64: on smooth references they agree with the derivative to about 1e-10 of the gradient's size. Where an
 * output jumps or bends within two steps of an input (relu at 0, the largest of two equal logits) they mean nothing: choose inputs
 * away from there.
 *
 * A backward kernel's case will use it so. Its buffers hold the forward inputs, the c of each output as an input of its own (`dy`), and
 * a result for each input (`dx`, `dweight`). Its reference is the analytic formula in f64, in the kernel's own *.ref.ts. A unit test takes
 * inputs of the backward case and the forward case's reference, and asks
 *
 *     gradientError(formula(inputs).dx, forward.reference, inputs, 'x', { y: inputs.dy })
 *
 * to be under 1e-7. So the kernel is held against the formula at every size, on every adapter, as any kernel; and the formula against
 * the forward kernel's own reference, which knows nothing of it. Weights in a format are an input like any other: `inputsOf` gives the
 * numbers that the words stand for (`decoded`).
 */
import type { Inputs, Outputs, Reference } from './cases.ts';
import { randomNormal, seededRandom } from './random.ts';

/** c by the name of the output; the outputs that are not named do not count. */
export type Cotangents = Readonly<Record<string, ArrayLike<number>>>;

/** Of the size of a value, at least of 1: the error of the method is about step⁴, that of rounding 1e-16 / step. */
const relativeStep = 2e-4;

/** dL/d of every element of the float input `of`. Errors: RangeError for names that are no float input or output, or a c of another length. */
export function gradient(reference: Reference, inputs: Inputs, of: string, c: Cotangents): Float64Array<ArrayBuffer> {
  const values = floatInput(inputs, of);
  return Float64Array.from(values, (value, i) => {
    const step = relativeStep * Math.max(1, Math.abs(value));
    return difference(reference, inputs, of, c, step, moved => {
      const shifted = values.slice();
      shifted[i] = value + moved;
      return shifted;
    });
  });
}

/** dL/dt at t = 0 where the input `of` is its value + t · direction. Errors: as of `gradient`. */
export function slope(reference: Reference, inputs: Inputs, of: string, c: Cotangents, direction: ArrayLike<number>): number {
  const values = floatInput(inputs, of);
  if (direction.length !== values.length)
    throw new RangeError(`${direction.length} numbers of direction for the ${values.length} of ${of}`);
  return difference(reference, inputs, of, c, relativeStep, moved => values.map((value, i) => value + moved * direction[i]!));
}

/**
 * How far `claimed` is from the gradient: along seeded random directions, the largest difference of slopes, as a part of what the two
 * vectors' lengths allow it to be. An error of one element shows with about 1 / √elements of its part of the gradient.
 * Errors: as of `gradient`.
 */
export function gradientError(
  claimed: ArrayLike<number>,
  reference: Reference,
  inputs: Inputs,
  of: string,
  c: Cotangents,
  { seed = of, directions = 4 } = {},
): number {
  const next = seededRandom(seed);
  const length = Math.hypot(...Array.from(claimed));
  let worst = 0;
  for (let n = 0; n < directions; n++) {
    const direction = Float64Array.from({ length: claimed.length }, () => randomNormal(next));
    const measured = slope(reference, inputs, of, c, direction);
    const said = direction.reduce((sum, d, i) => sum + d * claimed[i]!, 0);
    const error = Math.abs(measured - said) / Math.max(length, 1e-30);
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  return worst;
}

/** (8 (L(h) − L(−h)) − (L(2h) − L(−2h))) / 12h; outputs are subtracted before they are summed, so that a large sum costs no digits. */
function difference(
  reference: Reference,
  inputs: Inputs,
  of: string,
  c: Cotangents,
  step: number,
  at: (moved: number) => Float64Array,
): number {
  const outputs = (steps: number) => reference({ ...inputs, [of]: at(steps * step) });
  const near = change(outputs(-1), outputs(1), c);
  const far = change(outputs(-2), outputs(2), c);
  return (8 * near - far) / (12 * step);
}

/** Σ c · (after − before). */
function change(before: Outputs, after: Outputs, c: Cotangents): number {
  let sum = 0;
  for (const [name, weights] of Object.entries(c)) {
    const [a, b] = [before[name], after[name]];
    if (!(a instanceof Float64Array) || !(b instanceof Float64Array)) throw new RangeError(`${name} is no float output of this reference`);
    if (a.length !== weights.length) throw new RangeError(`${weights.length} numbers for the ${a.length} of the output ${name}`);
    for (let i = 0; i < a.length; i++) sum += weights[i]! * (b[i]! - a[i]!);
  }
  return sum;
}

function floatInput(inputs: Inputs, of: string): Float64Array {
  const values = inputs[of];
  if (!(values instanceof Float64Array)) throw new RangeError(`${of} is no float input of this reference`);
  return values;
}
