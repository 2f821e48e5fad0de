enable subgroups;
// attention-dkv-lanes: gradients of k and v as attention-dkv computes them (formula and shapes there), for software adapters with subgroups
// shapes:   as attention-dkv
// work:     grid (tiles, heads): a workgroup is one subgroup of LANES threads; it answers the ROWS = TALL LANES keys of one tile for one head, LANES WIDE
//           queries at a time, in registers only (include/attention-back-lanes.wgsl)
// numerics: f32 sums; masked probabilities are zeroed explicitly; a key's sums belong to one workgroup, in fixed order, so there are no atomics
// limits:   as attention-dq-lanes; left and right are the queries that see a key: the forward pass's, exchanged
// cost:     8 D flops a (key, query that sees it); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention-back.ref.ts, cases beside it
//:include in-range
//:include attention-sides
//:include attention-back-lanes

const OF_KEYS: bool = true;
