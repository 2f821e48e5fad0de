// The order of logits, on their f32 bits: compilers may assume that floats are never NaN, but not for integers.
// Larger key = larger value; -0 equals +0; NaN is 0, below -infinity.
fn order_key(bits: u32) -> u32 {
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return 0u; }
  if (bits == 0x80000000u) { return 0x80000000u; }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

// a and b are (key, id): the larger key first, of equal keys the smaller id.
fn ranks_before(a: vec2u, b: vec2u) -> bool { return a.x > b.x || (a.x == b.x && a.y < b.y); }
