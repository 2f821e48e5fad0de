// On the bits of an f32: compilers may assume that floats are never NaN or infinite, integers keep their word.
fn is_finite(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }
