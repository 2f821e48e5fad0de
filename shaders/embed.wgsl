// embed:    x[t] = LayerNorm(W[ids[t]]) * weight + bias (HAS_BIAS); ModernBERT has no position table
// shapes:   ids [tokens] u32, W [ROW_COUNT, K] in FORMAT (include/weight-row.wgsl), weight [K], bias [K], x [tokens, K] f32
// work:     a workgroup of THREADS handles ROWS tokens; THREADS / ROWS threads share a token (1 = no workgroup memory is touched)
// shards:   the bound table holds rows FIRST_ROW … FIRST_ROW + ROW_COUNT - 1 of the vocabulary (w and scale start at FIRST_ROW);
//           a token with another id is left untouched, so one dispatch a shard fills x and no id reads out of bounds
// numerics: f32; x holds the row itself between the passes (a thread reads only what it wrote); centred squares; fixed order
// limits:   K a multiple of 32; THREADS / ROWS a power of two
// cost:     K weights read, 5 * 4 K bytes of x moved (mostly in cache); ~9 K flops a token
// ref:      src/kernels/embed.ref.ts, cases beside it
//:include finite
//:include weight-row
//:include row-sum

const K: u32 = 768u;
const EPS: f32 = 0.00001;
const HAS_BIAS: bool = false;
const FORMAT: u32 = 0u;
const FIRST_ROW: u32 = 0u;
const ROW_COUNT: u32 = 32768u;
const ROWS: u32 = 1u;
const THREADS: u32 = 64u;
const PER_ROW: u32 = THREADS / ROWS;

struct Run { tokens: u32 }

@group(0) @binding(0) var<storage, read> ids: array<u32>;
@group(0) @binding(1) var<storage, read> w: array<u32>;
@group(0) @binding(2) var<storage, read> scale: array<u32>;
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(6) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let token = (wid.y * groups.x + wid.x) * ROWS + thread / PER_ROW;
  let lane = thread % PER_ROW;
  let id = ids[select(0u, token, token < run.tokens)];
  // No early return: every thread of the workgroup must reach the barriers below. For an id below FIRST_ROW the difference wraps to a large number.
  let live = token < run.tokens && id - FIRST_ROW < ROW_COUNT;
  let row = select(0u, id - FIRST_ROW, live);
  let base = select(0u, token, live) * (K / 4u);
  let end = select(0u, K / 4u, live);

  var sum = vec4f();
  for (var i = lane; i < end; i += PER_ROW) {
    let value = weight4(row, i);
    x[base + i] = value;
    sum += value;
  }
  let mean = row_sum(sum.x + sum.y + sum.z + sum.w, thread) / f32(K);

  var squares = vec4f();
  for (var i = lane; i < end; i += PER_ROW) {
    let d = x[base + i] - mean;
    squares += d * d;
  }
  let variance = row_sum(squares.x + squares.y + squares.z + squares.w, thread) / f32(K);
  let factor = if_finite(variance, inverseSqrt(variance + EPS));

  for (var i = lane; i < end; i += PER_ROW) {
    var value = (x[base + i] - mean) * factor * weight[i];
    if (HAS_BIAS) { value += bias[i]; }
    x[base + i] = value;
  }
}
