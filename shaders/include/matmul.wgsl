// What all matmul kernels share: y = epilogue(a · Wᵀ + bias). a [M, K] elem, W [N, K] (weight-row.wgsl), bias [N] f32.
// M is run.rows. Needs activation.wgsl and in-range.wgsl.
//   0 store     y[m * ROW_STRIDE + FIRST_COLUMN + n] = activate(sum)
//   1 residual  y[m * N + n] += sum                                   y f32
//   2 geglu     rows of W alternate u_i, g_i: y[m * N / 2 + i] = activate(u_i) * g_i
//   3 rope      N = 3 HEADS HEAD_DIM (q, k, v); columns 2j, 2j + 1 of a head of q or k are the pair (j, j + HEAD_DIM / 2) of
//               the rotation by table[positions[m]][j] = (cos, sin); y[((which * HEADS + head) * M + m) * HEAD_DIM + d]
const STORE: u32 = 0u;
const RESIDUAL: u32 = 1u;
const GEGLU: u32 = 2u;
const ROPE: u32 = 3u;

alias elem = f32;
alias elem4 = vec4f;
alias stored = f32;
alias word = u32; // what W is read as
const K: u32 = 768u;
const N: u32 = 768u;
const FORMAT: u32 = 0u;
const EPILOGUE: u32 = 0u;
const ACTIVATION: u32 = 0u;
const HAS_BIAS: bool = false;
const ROW_STRIDE: u32 = 768u;
const FIRST_COLUMN: u32 = 0u;
const HEADS: u32 = 12u;
const HEAD_DIM: u32 = 64u;

struct Run { rows: u32, first_group: u32 }

@group(0) @binding(0) var<storage, read> a: array<elem4>;
@group(0) @binding(1) var<storage, read> w: array<word>;
@group(0) @binding(2) var<storage, read> scale: array<u32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> table: array<vec2f>;
@group(0) @binding(5) var<storage, read> positions: array<u32>;
@group(0) @binding(6) var<storage, read_write> y: array<stored>;
@group(0) @binding(7) var<uniform> run: Run;

// Finishes columns `column` (even) and `column` + 1 of row m. The caller has checked m < run.rows and column < N.
fn emit(m: u32, column: u32, sums: vec2f) {
  var v = sums;
  let pair = N % 2u == 0u || column + 1u < N;
  if (HAS_BIAS) { v += vec2f(bias[column], bias[select(column, column + 1u, pair)]); }
  if (EPILOGUE == STORE) {
    let at = m * ROW_STRIDE + FIRST_COLUMN + column;
    y[at] = stored(in_range(activate(v.x)));
    if (pair) { y[at + 1u] = stored(in_range(activate(v.y))); }
  } else if (EPILOGUE == RESIDUAL) {
    let at = m * N + column;
    y[at] += stored(v.x);
    if (pair) { y[at + 1u] += stored(v.y); }
  } else if (EPILOGUE == GEGLU) {
    y[m * (N / 2u) + column / 2u] = stored(in_range(activate(v.x) * v.y));
  } else {
    let head = column / HEAD_DIM;
    let d = column % HEAD_DIM;
    if (head < 2u * HEADS) {
      let turn = table[positions[m] * (HEAD_DIM / 2u) + d / 2u];
      v = vec2f(v.x * turn.x - v.y * turn.y, v.y * turn.x + v.x * turn.y);
    }
    let at = (head * run.rows + m) * HEAD_DIM + d;
    y[at] = stored(in_range(v.x));
    y[at + 1u] = stored(in_range(v.y));
  }
}
