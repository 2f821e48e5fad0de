// Eight consecutive codes of W[row], k = 8 octet … 8 octet + 7, in any format of weight-row.wgsl; a weight is code * octet_scale.
// A q4 word, two of q8, four of f16: each word is read once. Same globals: w, scale, K, FORMAT.
struct Octet { low: vec4f, high: vec4f }

// Scale of the group of 32 that holds the octet; 1 for f32 and f16, and 2^28 smaller than stored for q4 (see octet_codes).
fn octet_scale(row: u32, octet: u32) -> f32 {
  if (FORMAT < 2u) { return 1.0; }
  let group = row * (K / 32u) + octet / 4u;
  let factor = unpack2x16float(scale[group / 2u] >> (group % 2u * 16u)).x;
  return select(factor, factor * 0x1p-28, FORMAT == 3u);
}

// q4: each nibble moves to the top of its word, where flipping the highest bit makes offset 8 a sign: (nibble - 8) * 2^28, exact.
fn octet_codes(row: u32, octet: u32) -> Octet {
  let at = row * (K / 8u) + octet;
  if (FORMAT == 0u) {
    return Octet(bitcast<vec4f>(vec4u(w[8u * at], w[8u * at + 1u], w[8u * at + 2u], w[8u * at + 3u])),
      bitcast<vec4f>(vec4u(w[8u * at + 4u], w[8u * at + 5u], w[8u * at + 6u], w[8u * at + 7u])));
  }
  if (FORMAT == 1u) {
    return Octet(vec4f(unpack2x16float(w[4u * at]), unpack2x16float(w[4u * at + 1u])),
      vec4f(unpack2x16float(w[4u * at + 2u]), unpack2x16float(w[4u * at + 3u])));
  }
  if (FORMAT == 2u) {
    let left = vec4u(24u, 16u, 8u, 0u);
    return Octet(vec4f(bitcast<vec4i>(vec4u(w[2u * at]) << left) >> vec4u(24u)),
      vec4f(bitcast<vec4i>(vec4u(w[2u * at + 1u]) << left) >> vec4u(24u)));
  }
  let word = vec4u(w[at] ^ 0x88888888u);
  return Octet(vec4f(bitcast<vec4i>((word << vec4u(28u, 24u, 20u, 16u)) & vec4u(0xf0000000u))),
    vec4f(bitcast<vec4i>((word << vec4u(12u, 8u, 4u, 0u)) & vec4u(0xf0000000u))));
}
