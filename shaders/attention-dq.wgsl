// attention-dq: gradient of q, dq_i = sum_j ds_ij k_j / sqrt(D), with p_ij = exp(q_i . k_j / sqrt(D) - lse_i) and ds_ij = p_ij (do_i . v_j - dots_i) over
// the keys j that i sees (FlashAttention-2, Dao 2023, algorithm 2; nothing of size N x N is stored)
// shapes:   qkv [3][heads][tokens][D] elem, grad [tokens][heads * D] elem (gradient of attention's output), lse [heads][tokens] f32 (of the forward
//           pass), dots [heads][tokens] f32 (attention-dots), tiles [tiles] vec4u (first query, end of queries, first key, end of keys),
//           dqkv [3][heads][tokens][D] elem, of which part 0 is written
// work:     grid (tiles, heads): a workgroup answers the BR queries of one tile for one head, BC keys at a time. Both products of query and key: a thread
//           holds SR x SC; ds goes through workgroup memory; dq: a thread holds OR rows x 4 OC dimensions. Operands go through workgroup memory or,
//           without ROWS_SHARED and COLS_SHARED, come straight from storage
// numerics: f32 sums; masked probabilities are zeroed explicitly; fixed order, no atomics
// limits:   THREADS = BR/SR * BC/SC = BR/OR * D4/OC; SR and OR divisible by 4; a tile holds at most BR rows of one sequence
// cost:     6 D flops a (query, visible key); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention-back.ref.ts, cases beside it
//:include in-range
//:include attention-sides
//:include attention-back

const OF_KEYS: bool = false;
const P_TILE: u32 = 1u;
