// topk-tournament: ids and log-probabilities of the best top_k logits of each row: larger logit first, of equal ones the smaller id, NaN last
// shapes:   logits [rows, V] f32, stats [.., 4] of softmax-stats (row r at first_row + r),
//           ids u32 and log_probs f32 [.., top_k]; row r of this pass goes to (first_row + r) * top_k
// work:     a workgroup of THREADS a row. The row is cut in STRIPS; each keeps its best. For each place the best of all strips wins,
//           and only its strip is searched again, by all threads, for its next best: two barriers a place.
//           For adapters on which workgroups are small and barriers slow; topk-select.wgsl is for GPUs.
// numerics: comparisons on the bits (include/order.wgsl): exact; log-probability = logit - log-sum-exp; a logit that is not finite is passed on as it is
// limits:   STRIPS a multiple of THREADS; top_k ≥ 1, no more than V places are filled
// cost:     V + top_k * V / STRIPS logits read a row
// ref:      src/kernels/topk.ref.ts, cases beside it
//:include finite
//:include order

const V: u32 = 32768u;
const THREADS: u32 = 16u;
const STRIPS: u32 = 256u;
const LENGTH: u32 = (V + STRIPS - 1u) / STRIPS;
const OWN: u32 = STRIPS / THREADS;
const NONE: vec2u = vec2u(0u, 0xffffffffu); // ranks after everything

struct Run { rows: u32, first_row: u32, top_k: u32 }

@group(0) @binding(0) var<storage, read> logits: array<u32>;
@group(0) @binding(1) var<storage, read> stats: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> log_probs: array<f32>;
@group(0) @binding(4) var<uniform> run: Run;

var<workgroup> finals: array<vec2u, THREADS>;
var<workgroup> next: array<vec2u, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = wid.y * groups.x + wid.x;
  let live = row < run.rows; // no early return: every thread of the workgroup must reach the barriers below
  let base = select(0u, row, live) * V;

  var best: array<vec2u, OWN>; // (key, id) of this thread's strips; workgroup memory would cost SwiftShader seconds of compiling
  for (var own = 0u; own < OWN; own++) {
    let s = thread * OWN + own;
    var found = NONE;
    for (var i = s * LENGTH; i < min((s + 1u) * LENGTH, V); i++) {
      let key = order_key(logits[base + i]);
      if (key > found.x || found.y == NONE.y) { found = vec2u(key, i); }
    }
    best[own] = found;
  }

  for (var place = 0u; place < min(run.top_k, V); place++) {
    var mine = NONE;
    for (var own = 0u; own < OWN; own++) {
      if (ranks_before(best[own], mine)) { mine = best[own]; }
    }
    finals[thread] = mine;
    workgroupBarrier();
    var winner = NONE;
    for (var t = 0u; t < THREADS; t++) {
      if (ranks_before(finals[t], winner)) { winner = finals[t]; }
    }
    if (live && thread == 0u) {
      let bits = logits[base + winner.y];
      let out = (run.first_row + row) * run.top_k + place;
      ids[out] = winner.y;
      log_probs[out] = bitcast<f32>(select(bits, bitcast<u32>(bitcast<f32>(bits) - stats[run.first_row + row].x), is_finite(bits)));
    }

    let strip = winner.y / LENGTH;
    var found = NONE;
    for (var i = strip * LENGTH + thread; i < min((strip + 1u) * LENGTH, V); i += THREADS) {
      let candidate = vec2u(order_key(logits[base + i]), i);
      if (ranks_before(winner, candidate) && ranks_before(candidate, found)) { found = candidate; }
    }
    next[thread] = found;
    workgroupBarrier();
    if (strip / OWN == thread) {
      for (var t = 0u; t < THREADS; t++) {
        if (ranks_before(next[t], found)) { found = next[t]; }
      }
      best[strip % OWN] = found;
    }
  }
}
