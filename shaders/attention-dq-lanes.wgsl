enable subgroups;
// attention-dq-lanes: gradient of q as attention-dq computes it (formula and shapes there), for software adapters with subgroups
// shapes:   as attention-dq
// work:     grid (tiles, heads): a workgroup is one subgroup of LANES threads; it answers the ROWS = TALL LANES queries of one tile for one head, LANES WIDE
//           keys at a time, in registers only (include/attention-back-lanes.wgsl)
// numerics: f32 sums; masked probabilities are zeroed explicitly; fixed order, no atomics
// limits:   the adapter's subgroup size is LANES = 8; D divisible by 32; a tile holds at most ROWS rows of one sequence
// cost:     6 D flops a (query, visible key); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention-back.ref.ts, cases beside it
//:include in-range
//:include attention-sides
//:include attention-back-lanes

const OF_KEYS: bool = false;
