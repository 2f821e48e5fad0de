// Four consecutive weights W[row][4 quad … 4 quad + 3] of W [N, K], K a multiple of 32, in any storage format.
// The file that includes this declares `w` and `scale` (array<u32>), K and FORMAT: 0 = f32, 1 = f16, 2 = q8, 3 = q4.
//   f16  two weights a word
//   q8   four signed bytes a word, first in the low byte; weight = byte * scale
//   q4   eight nibbles a word, first in the low nibble; weight = (nibble - 8) * scale
// Scales: one f16 for 32 weights, two a word, index row * (K / 32) + k / 32. No shader-f16 needed anywhere.
fn weight4(row: u32, quad: u32) -> vec4f {
  let at = row * (K / 4u) + quad;
  if (FORMAT == 0u) { return bitcast<vec4f>(vec4u(w[4u * at], w[4u * at + 1u], w[4u * at + 2u], w[4u * at + 3u])); }
  if (FORMAT == 1u) { return vec4f(unpack2x16float(w[2u * at]), unpack2x16float(w[2u * at + 1u])); }
  let block = at / 8u;
  let two = unpack2x16float(scale[block / 2u]);
  let factor = select(two.x, two.y, block % 2u == 1u);
  if (FORMAT == 2u) { return factor * vec4f(bitcast<vec4i>(vec4u(w[at]) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u)); }
  let nibbles = (vec4u(w[at / 2u] >> (16u * (at % 2u))) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u);
  return factor * (vec4f(nibbles) - 8.0);
}
