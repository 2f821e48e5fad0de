// Derivatives of the activations in activation.wgsl, which is included before:
//   gelu       Φ(x) + x φ(x), φ(x) = exp(-x² / 2) / √(2π), Φ its integral
//   gelu_tanh  s + x s (1 - s) v', where s = σ(v), v = 2 √(2/π) (x + 0.044715 x³)
//   silu       s + x s (1 - s), s = σ(x)
//   relu       1 above 0, else 0, at 0 too (as PyTorch's threshold_backward)
// Beyond ±20 each is 0 or 1 to the last digit of f32 or close by (silu: 4e-8), and is taken there: so no power of x overflows.
fn slope_of(value: f32) -> f32 {
  let x = clamp(value, -20.0, 20.0);
  if (ACTIVATION == 1u) {
    let tail = normal_tail(x);
    return select(1.0 - tail, tail, x < 0.0) + x * 0.39894228040143268 * exp(-0.5 * x * x);
  }
  if (ACTIVATION == 2u) {
    let s = 1.0 / (1.0 + exp(min(-1.5957691216 * (x + 0.044715 * x * x * x), 80.0)));
    return s + x * s * (1.0 - s) * 1.5957691216 * (1.0 + 0.134145 * x * x);
  }
  if (ACTIVATION == 3u) {
    let s = 1.0 / (1.0 + exp(-x));
    return s + x * s * (1.0 - s);
  }
  if (ACTIVATION == 4u) { return select(0.0, 1.0, x > 0.0); }
  return 1.0;
}
