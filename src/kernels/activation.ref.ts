/** Plain references of shaders/activation.wgsl and activation-backward.wgsl, in f64, value by value. */
import { activationRef, activationSlopeRef } from './math.ref.ts';
import type { Activation } from './matmul.ts';

export function activationForwardRef(z: ArrayLike<number>, activation: Activation): Float64Array<ArrayBuffer> {
  return Float64Array.from(z, activationRef[activation]);
}

/** dz = dy · act'(z). */
export function activationBackwardRef(dy: ArrayLike<number>, z: ArrayLike<number>, activation: Activation): Float64Array<ArrayBuffer> {
  return Float64Array.from(z, (value, i) => dy[i]! * activationSlopeRef[activation](value));
}
