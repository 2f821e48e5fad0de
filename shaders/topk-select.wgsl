// topk-select: ids and log-probabilities of the best top_k logits of each row: larger logit first, of equal ones the smaller id, NaN last
// shapes:   logits [rows, V] f32, stats [.., 4] of softmax-stats (row r at first_row + r),
//           ids u32 and log_probs f32 [.., top_k]; row r of this pass goes to (first_row + r) * top_k
// work:     a workgroup of THREADS = 256 a row. Radix selection, 8 bits a pass over (key, inverted id), finds the last winner;
//           all that do not rank after it are collected and sorted by a bitonic network. The time hardly depends on top_k.
//           For GPUs; topk-tournament.wgsl is for software adapters.
// numerics: comparisons on the bits (include/order.wgsl): exact. The threads collect in any order, which the sort makes the right one;
//           log-probability = logit - log-sum-exp; a logit that is not finite is passed on as it is
// limits:   1 ≤ top_k ≤ CAPACITY (a power of two), no more than V places are filled; THREADS = 256 bins
// cost:     (5 + ID_PASSES) V logits read a row, all but the first time from cache
// ref:      src/kernels/topk.ref.ts, cases beside it
//:include finite
//:include order

const V: u32 = 32768u;
const THREADS: u32 = 256u;
const CAPACITY: u32 = 1024u;
const ID_PASSES: u32 = 2u; // bytes of the largest id
const NONE: vec2u = vec2u(0u, 0xffffffffu); // ranks after everything
const LAST_ID: u32 = 0xffffu; // the largest id that ID_PASSES bytes hold

struct Run { rows: u32, first_row: u32, top_k: u32 }

@group(0) @binding(0) var<storage, read> logits: array<u32>;
@group(0) @binding(1) var<storage, read> stats: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> log_probs: array<f32>;
@group(0) @binding(4) var<uniform> run: Run;

var<workgroup> bins: array<atomic<u32>, THREADS>;
var<workgroup> at_least: array<u32, THREADS>; // logits in this bin or a higher one
var<workgroup> threshold: vec2u;              // (key, LAST_ID - id) of the last winner, digit by digit
var<workgroup> wanted: u32;                   // winners still to be found among those that share the digits so far
var<workgroup> collected: atomic<u32>;
var<workgroup> winners: array<vec2u, CAPACITY>; // (key, id)

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = wid.y * groups.x + wid.x;
  let live = row < run.rows; // no early return: every thread of the workgroup must reach the barriers below
  let base = select(0u, row, live) * V;
  let count = min(min(run.top_k, V), CAPACITY);

  if (thread == 0u) {
    threshold = vec2u();
    wanted = count;
    atomicStore(&collected, 0u);
  }
  for (var pass_index = 0u; pass_index < 4u + ID_PASSES; pass_index++) {
    let by_key = pass_index < 4u;
    let shift = 8u * select(3u + ID_PASSES - pass_index, 3u - pass_index, by_key);
    let first = pass_index == 0u || pass_index == 4u;
    let known = select(0xffffff00u << shift, 0u, first); // digits already settled in this word
    atomicStore(&bins[thread], 0u);
    workgroupBarrier();
    let prefix = threshold; // of the pass before: this barrier and the next separate its writing, its reading and the next writing
    for (var i = thread; i < V; i += THREADS) {
      let key = order_key(logits[base + i]);
      let word = select(LAST_ID - i, key, by_key); // larger is better in both
      let same = (by_key || key == prefix.x) && ((word ^ select(prefix.y, prefix.x, by_key)) & known) == 0u;
      if (same) { atomicAdd(&bins[(word >> shift) & 255u], 1u); }
    }
    workgroupBarrier();
    let own = atomicLoad(&bins[thread]);
    at_least[thread] = own;
    for (var reach = 1u; reach < THREADS; reach *= 2u) {
      workgroupBarrier();
      var sum = at_least[thread];
      if (thread + reach < THREADS) { sum += at_least[thread + reach]; }
      workgroupBarrier();
      at_least[thread] = sum;
    }
    let need = wanted;
    workgroupBarrier();
    let here = at_least[thread];
    if (here >= need && here - own < need) { // exactly one thread
      wanted = need - (here - own);
      if (by_key) { threshold.x |= thread << shift; } else { threshold.y |= thread << shift; }
    }
  }

  var size = 1u;
  while (size < count) { size *= 2u; }
  for (var i = thread; i < size; i += THREADS) { winners[i] = NONE; }
  workgroupBarrier();
  let last = vec2u(threshold.x, LAST_ID - threshold.y);
  for (var i = thread; i < V; i += THREADS) {
    let pair = vec2u(order_key(logits[base + i]), i);
    if (!ranks_before(last, pair)) { winners[atomicAdd(&collected, 1u)] = pair; } // count times
  }
  workgroupBarrier();

  for (var span = 2u; span <= size; span *= 2u) {
    for (var stride = span / 2u; stride > 0u; stride /= 2u) {
      for (var pair = thread; pair < size / 2u; pair += THREADS) {
        let low = (pair / stride) * stride * 2u + pair % stride;
        let a = winners[low];
        let b = winners[low + stride];
        if (ranks_before(b, a) == ((low & span) == 0u)) {
          winners[low] = b;
          winners[low + stride] = a;
        }
      }
      workgroupBarrier();
    }
  }

  if (live) {
    let log_sum_exp = stats[run.first_row + row].x;
    for (var place = thread; place < count; place += THREADS) {
      let id = winners[place].y;
      let bits = logits[base + id];
      let out = (run.first_row + row) * run.top_k + place;
      ids[out] = id;
      log_probs[out] = bitcast<f32>(select(bits, bitcast<u32>(bitcast<f32>(bits) - log_sum_exp), is_finite(bits)));
    }
  }
}
