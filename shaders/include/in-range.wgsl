// With HALF (the result is stored as f16), what rounds beyond its largest number becomes NaN, on every adapter. Otherwise a conversion may stop at 65504,
// and an infinite key may get no weight in a softmax, and nobody would notice. NaN passes through all kernels to the watch (watch.wgsl).
const HALF: bool = false;
fn in_range(v: f32) -> f32 {
  let bits = bitcast<u32>(v);
  return bitcast<f32>(select(bits, 0x7fc00000u, HALF && (bits & 0x7fffffffu) >= 0x477ff000u));
}
fn in_range4(v: vec4f) -> vec4f {
  let bits = bitcast<vec4u>(v);
  return bitcast<vec4f>(select(bits, vec4u(0x7fc00000u), vec4<bool>(HALF) & ((bits & vec4u(0x7fffffffu)) >= vec4u(0x477ff000u))));
}
