// On the bits of an f32: compilers may assume that floats are never NaN or infinite, but not for integers.
fn is_finite(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }
// `value`, or NaN if the sum that it came from was not finite: 1 / sqrt(infinity) would be an ordinary zero.
fn if_finite(sum: f32, value: f32) -> f32 { return bitcast<f32>(select(0x7fc00000u, bitcast<u32>(value), is_finite(bitcast<u32>(sum)))); }
