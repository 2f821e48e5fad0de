// target-scores: for chosen (row, token) pairs: log-probability = logit - log-sum-exp, and rank in the order of topk:
//           1 + number of logits strictly greater + number of equal ones with a smaller id (NaN last)
// shapes:   pairs [pairs, 2] u32 (row of this pass, token), logits [rows, V] f32, stats [.., 4] of softmax-stats (row r at first_row + r),
//           scores [.., 2] u32 (bits of the f32 log-probability, rank); pair p of this pass goes to scores[first_pair + p]
// work:     a workgroup of THREADS a pair
// numerics: comparisons on the bits (include/order.wgsl), counts in u32: exact
// limits:   THREADS a power of two; a pair outside (row ≥ rows or token ≥ V) gets log-probability 0 and rank 0, which no token has
// cost:     a row of logits read for each pair
// ref:      src/kernels/target-scores.ref.ts, cases beside it
//:include finite
//:include order

const V: u32 = 32768u;
const THREADS: u32 = 256u;

struct Run { rows: u32, first_row: u32, pairs: u32, first_pair: u32 }

@group(0) @binding(0) var<storage, read> pairs: array<vec2u>;
@group(0) @binding(1) var<storage, read> logits: array<u32>;
@group(0) @binding(2) var<storage, read> stats: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> scores: array<vec2u>;
@group(0) @binding(4) var<uniform> run: Run;

var<workgroup> ahead: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = wid.y * groups.x + wid.x;
  let live = index < run.pairs; // no early return: every thread of the workgroup must reach the barriers below
  let asked = pairs[select(0u, index, live)];
  let inside = asked.x < run.rows && asked.y < V;
  let row = select(0u, asked.x, inside);
  let token = select(0u, asked.y, inside);
  let bits = logits[row * V + token];
  let own = vec2u(order_key(bits), token);

  var count = 0u;
  for (var i = thread; i < V; i += THREADS) {
    if (ranks_before(vec2u(order_key(logits[row * V + i]), i), own)) { count++; }
  }
  ahead[thread] = count;
  for (var stride = THREADS / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (thread < stride) { ahead[thread] += ahead[thread + stride]; }
  }

  if (live && thread == 0u) {
    let log_probability = bitcast<u32>(bitcast<f32>(bits) - stats[run.first_row + row].x);
    let score = vec2u(select(bits, log_probability, is_finite(bits)), 1u + ahead[0]);
    scores[run.first_pair + index] = select(vec2u(), score, inside);
  }
}
