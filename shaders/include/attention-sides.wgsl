// The two halves of attention's backward pass, attention-dq and attention-dkv, are one computation seen from two sides. A tile of rows meets block
// after block of columns: rows are queries and columns keys in attention-dq, and the other way round in attention-dkv (OF_KEYS).
//   s_rc = row_a . col_a / sqrt(D)   p_rc = exp(s_rc - lse_query)   g_rc = row_b . col_b   ds_rc = p_rc (g_rc - dots_query)
// with a = q or k, b = do or v. The row's results are first = sum_c ds_rc col_a / sqrt(D) and, for keys, second = sum_c p_rc col_b.

alias elem4 = vec4f;
const D: u32 = 64u;
const SCALE: f32 = 0.125; // 1 / sqrt(D)
const LOG2E: f32 = 1.44269504;
const D4: u32 = D / 4u;

// left, right: columns visible before a row of the same index, and after it
struct Run { tokens: u32, first_group: u32, heads: u32, left: u32, right: u32 }

@group(0) @binding(0) var<storage, read> qkv: array<elem4>;
@group(0) @binding(1) var<storage, read> grad: array<elem4>;
@group(0) @binding(2) var<storage, read> lse: array<f32>;
@group(0) @binding(3) var<storage, read> dots: array<f32>;
@group(0) @binding(4) var<storage, read> tiles: array<vec4u>;
@group(0) @binding(5) var<storage, read_write> dqkv: array<elem4>;
@group(0) @binding(6) var<uniform> run: Run;

fn part_at(part: u32, head: u32, token: u32) -> u32 { return ((part * run.heads + head) * run.tokens + token) * D4; }
fn grad_at(head: u32, token: u32) -> u32 { return (token * run.heads + head) * D4; }

// Four dimensions of a token, as the row or the column that it is.
fn row_a(head: u32, token: u32, d: u32) -> elem4 { return qkv[part_at(select(0u, 1u, OF_KEYS), head, token) + d]; }
fn col_a(head: u32, token: u32, d: u32) -> elem4 { return qkv[part_at(select(1u, 0u, OF_KEYS), head, token) + d]; }
fn row_b(head: u32, token: u32, d: u32) -> elem4 {
  if (OF_KEYS) { return qkv[part_at(2u, head, token) + d]; }
  return grad[grad_at(head, token) + d];
}
fn col_b(head: u32, token: u32, d: u32) -> elem4 {
  if (OF_KEYS) { return grad[grad_at(head, token) + d]; }
  return qkv[part_at(2u, head, token) + d];
}
