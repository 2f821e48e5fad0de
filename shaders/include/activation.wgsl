// The activations of ModernBERT configs by ACTIVATION, which the including file declares:
// 0 none, 1 gelu (exact), 2 gelu_tanh, 3 silu, 4 relu.
// erfc(z) = t exp(P(t) - z^2), t = 2 / (2 + z), z >= 0: P is a degree-9 least-squares fit of log(erfc(z) / t) + z^2 over
// 0 <= z <= 10 at Chebyshev nodes; relative error 7e-8 before the rounding of the f32 exponent (3e-7 for z < 2).
// gelu(x) takes the small side through erfc, so that its small negative results keep their precision.
// Exponents are capped at 80: e^80 is finite in f32, and x / e^80 is too small to matter beside any other activation.
// ½ erfc(|x| / √2): the smaller side of the normal distribution's integral at x.
fn normal_tail(x: f32) -> f32 {
  let z = abs(x) * 0.70710678118654752;
  let t = 2.0 / (2.0 + z);
  let p = -1.2654480 + t * (0.99863279 + t * (0.38664040 + t * (0.034602799 + t * (0.0012675864 + t * (-0.080280431
    + t * (-0.69625187 + t * (1.1567338 + t * (-0.68082720 + t * 0.14493021))))))));
  return 0.5 * t * exp(p - z * z);
}
fn activate(x: f32) -> f32 {
  if (ACTIVATION == 1u) {
    let tail = normal_tail(x);
    return x * select(1.0 - tail, tail, x < 0.0);
  }
  if (ACTIVATION == 2u) { return x / (1.0 + exp(min(-1.5957691216 * (x + 0.044715 * x * x * x), 80.0))); }
  if (ACTIVATION == 3u) { return x / (1.0 + exp(min(-x, 80.0))); }
  if (ACTIVATION == 4u) { // on the bits: max(NaN, 0) may be 0, which would hide the NaN
    let bits = bitcast<u32>(x);
    return bitcast<f32>(select(bits, 0u, bits >= 0x80000000u && bits <= 0xff800000u));
  }
  return x;
}
