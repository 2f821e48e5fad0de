// layernorm-backward: the gradient of x, of the weight and of the bias, from dy, that of y = x̂ · weight + bias, x̂ = (x - mean) · scale
// formula:  with g = dy · weight:  dx = scale · (g - mean(g) - x̂ · mean(g · x̂));  dweight = Σ dy · x̂, dbias = Σ dy over the rows
//           (layer_norm_backward of PyTorch)
// shapes:   x [.., H] f32, dy [rows, H] elem, weight [H], row_index [rows] (GATHER: row r belongs to row row_index[r] of x and dx, each named
//           at most once), dx [.., H] f32 (ADD: is added to), partials [ceil(rows / BLOCK), H] f32 of dweight, with HAS_BIAS [.., 2 H]: dweight, dbias
// work:     PER_ROW threads handle a block of BLOCK rows, one row after the other; a workgroup of THREADS has THREADS / PER_ROW blocks
//           (PER_ROW 1: no workgroup memory is touched). A thread adds to its own columns of the block's partial sums.
// numerics: f32; mean and scale are computed anew, in two passes as in the forward; fixed order. column-sum.wgsl sums the blocks.
// limits:   H divisible by 4; PER_ROW a power of two
// cost:     x read four times and dy and weight twice (mostly from cache), dx and the partial sums moved once a row; ~20 H flops a row
// ref:      src/kernels/layernorm-backward.ref.ts, cases beside it
//:include finite
//:include row-sum

alias elem4 = vec4f;
const H: u32 = 768u;
const EPS: f32 = 0.00001;
const HAS_BIAS: bool = false;
const GATHER: bool = false;
const ADD: bool = true;
const BLOCK: u32 = 16u;
const PER_ROW: u32 = 64u;
const THREADS: u32 = 64u;

struct Run { rows: u32, first_group: u32 }

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<elem4>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> row_index: array<u32>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;
@group(0) @binding(6) var<uniform> run: Run;

fn total(v: vec4f) -> f32 { return v.x + v.y + v.z + v.w; }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) thread: u32) {
  let group = (wid.x + run.first_group) * (THREADS / PER_ROW) + thread / PER_ROW;
  let lane = thread % PER_ROW;
  let width = H / 4u;
  let into = group * select(width, 2u * width, HAS_BIAS);
  for (var r = 0u; r < BLOCK; r++) {
    let row = group * BLOCK + r;
    let live = row < run.rows; // no early end: every thread of the workgroup must reach the barriers below
    let named = select(row, row_index[select(0u, row, live && GATHER)], GATHER);
    let base = select(0u, named, live) * width;
    let source = select(0u, row, live) * width;
    let end = select(0u, width, live);

    var sum = vec4f();
    for (var i = lane; i < end; i += PER_ROW) { sum += x[base + i]; }
    let mean = row_sum(total(sum), thread) / f32(H);

    var squares = vec4f();
    for (var i = lane; i < end; i += PER_ROW) {
      let c = x[base + i] - mean;
      squares += c * c;
    }
    let variance = row_sum(total(squares), thread) / f32(H);
    let scale = if_finite(variance, inverseSqrt(variance + EPS));

    var sum_g = vec4f();
    var sum_gx = vec4f();
    for (var i = lane; i < end; i += PER_ROW) {
      let d = vec4f(dy[source + i]);
      let normed = (x[base + i] - mean) * scale;
      sum_g += d * weight[i];
      sum_gx += d * weight[i] * normed;
      var dweight = d * normed;
      if (r > 0u) { dweight += partials[into + i]; }
      partials[into + i] = dweight;
      if (HAS_BIAS) {
        var dbias = d;
        if (r > 0u) { dbias += partials[into + width + i]; }
        partials[into + width + i] = dbias;
      }
    }
    let mean_g = row_sum(total(sum_g), thread) / f32(H);
    let mean_gx = row_sum(total(sum_gx), thread) / f32(H);

    for (var i = lane; i < end; i += PER_ROW) {
      let normed = (x[base + i] - mean) * scale;
      var d = scale * (vec4f(dy[source + i]) * weight[i] - mean_g - normed * mean_gx);
      if (ADD) { d += dx[base + i]; }
      dx[base + i] = d;
    }
  }
}
