// With HALF (the result is stored as f16), what rounds beyond its largest number becomes NaN, on every adapter: a conversion may stop at 65504,
// and an infinite key may lose its place in a softmax unseen. NaN reaches the watch (watch.wgsl) whatever it goes through.
const HALF: bool = false;
fn in_range(v: f32) -> f32 {
  let bits = bitcast<u32>(v);
  return bitcast<f32>(select(bits, 0x7fc00000u, HALF && (bits & 0x7fffffffu) >= 0x477ff000u));
}
fn in_range4(v: vec4f) -> vec4f {
  let bits = bitcast<vec4u>(v);
  return bitcast<vec4f>(select(bits, vec4u(0x7fc00000u), vec4<bool>(HALF) & ((bits & vec4u(0x7fffffffu)) >= vec4u(0x477ff000u))));
}
