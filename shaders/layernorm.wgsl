// layernorm: y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias, row by row (biased variance, as torch.nn.LayerNorm)
// shapes:   x [rows, H] f32, weight [H], bias [H] (HAS_BIAS), row_index [rows] (GATHER: row r reads x[row_index[r]]), y [rows, H] elem
// work:     a workgroup of THREADS handles ROWS rows; THREADS / ROWS threads share a row (1 = no workgroup memory is touched)
// numerics: f32; two passes over the row (mean first, then centred squares), so a large mean loses no precision; fixed order
// limits:   H divisible by 4; THREADS / ROWS a power of two
// cost:     4 H bytes read (three times, twice from cache), H elem written a row; ~8 H flops
// ref:      src/kernels/layernorm.ref.ts, cases beside it
//:include finite
//:include in-range
//:include row-sum

alias elem = f32;
alias elem4 = vec4f;
const H: u32 = 768u;
const EPS: f32 = 0.00001;
const HAS_BIAS: bool = false;
const GATHER: bool = false;
const ROWS: u32 = 1u;
const THREADS: u32 = 64u;
const PER_ROW: u32 = THREADS / ROWS;

struct Run { rows: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read> row_index: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem4>;
@group(0) @binding(5) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = (wid.y * groups.x + wid.x) * ROWS + thread / PER_ROW;
  let lane = thread % PER_ROW;
  let live = row < run.rows; // no early return: every thread of the workgroup must reach the barriers below
  let source = select(row, row_index[select(0u, row, live && GATHER)], GATHER);
  let base = select(0u, source, live) * (H / 4u);
  // The bound is not a constant on purpose: drivers unroll short loops, and take seconds to compile the result.
  let end = select(0u, H / 4u, live);

  var sum = vec4f();
  for (var i = lane; i < end; i += PER_ROW) { sum += x[base + i]; }
  let mean = row_sum(sum.x + sum.y + sum.z + sum.w, thread) / f32(H);

  var squares = vec4f();
  for (var i = lane; i < end; i += PER_ROW) {
    let d = x[base + i] - mean;
    squares += d * d;
  }
  let variance = row_sum(squares.x + squares.y + squares.z + squares.w, thread) / f32(H);
  let scale = if_finite(variance, inverseSqrt(variance + EPS));

  for (var i = lane; i < end; i += PER_ROW) {
    var value = (x[base + i] - mean) * scale * weight[i];
    if (HAS_BIAS) { value += bias[i]; }
    y[row * (H / 4u) + i] = elem4(in_range4(value));
  }
}
