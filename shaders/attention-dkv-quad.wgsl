enable subgroups;
// attention-dkv-quad: gradients of k and v as attention-dkv computes them (formula and shapes there), for GPUs with subgroups
// shapes:   as attention-dkv
// work:     grid (tiles, heads): THREADS / 4 quads, ROWS keys each, k, v, dk and dv in registers (include/attention-back-quad.wgsl); BC queries of q and do
//           in workgroup memory at a time, so one read of q or do serves ROWS keys
// numerics: f32 sums; masked probabilities are zeroed explicitly; a key's sums belong to one workgroup, in fixed order, so there are no atomics
// limits:   as attention-dq-quad; left and right are the queries that see a key: the forward pass's, exchanged
// cost:     8 D flops a (key, query that sees it); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention-back.ref.ts, cases beside it

const OF_KEYS: bool = true;

//:include in-range
//:include attention-sides
//:include attention-back-quad
