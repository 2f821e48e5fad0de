// attention-dkv: gradients of k and v, dk_j = sum_i ds_ij q_i / sqrt(D) and dv_j = sum_i p_ij do_i over the queries i that see j; p and ds as in
// attention-dq (FlashAttention-2, Dao 2023, algorithm 2; nothing of size N x N is stored)
// shapes:   as attention-dq, but tiles lists keys (first key, end of keys, first query, end of queries); parts 1 and 2 of dqkv are written
// work:     grid (tiles, heads): a workgroup answers the BR keys of one tile for one head, BC queries at a time, as in attention-dq with queries and keys
//           in each other's place; p goes through workgroup memory too; a thread holds OR rows x 4 OC dimensions of dk and of dv
// numerics: f32 sums; masked probabilities are zeroed explicitly; a key's sums belong to one workgroup, in fixed order, so there are no atomics
// limits:   as attention-dq; left and right are the queries that see a key: the forward pass's, exchanged
// cost:     8 D flops a (key, query that sees it); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention-back.ref.ts, cases beside it
//:include in-range
//:include attention-sides
//:include attention-back

const OF_KEYS: bool = true;
const P_TILE: u32 = BC * P_ROW;
