enable subgroups;
// attention-dq-quad: gradient of q as attention-dq computes it (formula and shapes there), for GPUs with subgroups
// shapes:   as attention-dq
// work:     grid (tiles, heads): THREADS / 4 quads, ROWS queries each, q, do and dq in registers (include/attention-back-quad.wgsl); BC keys of k and v
//           in workgroup memory at a time, so one read of k or v serves ROWS queries
// numerics: f32 sums; masked probabilities are zeroed explicitly; fixed order, no atomics
// limits:   any subgroup size from 4 up, with lanes numbered as local_invocation_index counts (one-dimensional workgroups: everywhere known); D divisible by
//           16; BC by 4; ROWS 1 or 2; a tile holds at most THREADS / 4 * ROWS rows of one sequence
// cost:     6 D flops a (query, visible key); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention-back.ref.ts, cases beside it

const OF_KEYS: bool = false;

//:include in-range
//:include attention-sides
//:include attention-back-quad
