/** Plain references of shaders/gate.wgsl and gate-backward.wgsl, in f64. ug holds pairs (u, g). */
import { activationRef, activationSlopeRef } from './math.ref.ts';
import type { Activation } from './matmul.ts';

/** act(u) · g of each pair. */
export function gateRef(ug: ArrayLike<number>, activation: Activation): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: ug.length / 2 }, (_, i) => activationRef[activation](ug[2 * i]!) * ug[2 * i + 1]!);
}

/** Pairs (du, dg), where d is the gradient of the gated values. */
export function gateBackwardRef(d: ArrayLike<number>, ug: ArrayLike<number>, activation: Activation): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: ug.length }, (_, at) => {
    const i = at >> 1;
    const u = ug[2 * i]!;
    return d[i]! * (at % 2 ? activationRef[activation](u) : ug[2 * i + 1]! * activationSlopeRef[activation](u));
  });
}
