// softmax-stats: of each row of logits: (log Σ exp, largest logit, entropy of the softmax in nats, count of logits that are NaN or infinite)
// shapes:   logits [rows, V] f32, stats [.., 4] f32; row r of this pass goes to stats[first_row + r]
// work:     a workgroup of THREADS a row; a thread takes every THREADS-th logit
// numerics: f32. With m the largest logit and S = Σ e^(x-m): log-sum-exp = m + ln S, entropy = ln S + Σ (m-x) e^(x-m) / S.
//           Every term is ≥ 0, so no precision is lost by subtraction. Blocks of BLOCK terms are summed by themselves and their sums in a tree,
//           in a fixed order, so a large V loses no precision.
//           NaN and infinities are counted and left out; a row without any finite logit gives (0, 0, 0, V).
// limits:   V ≥ 1; THREADS a power of two
// cost:     logits read twice (the second time mostly from cache), one exp and 6 flops each
// ref:      src/kernels/softmax-stats.ref.ts, cases beside it
//:include finite

const V: u32 = 32768u;
const BLOCK: u32 = 32u;
const THREADS: u32 = 256u;
const LOWEST: f32 = -3.4028234e38;

struct Run { rows: u32, first_row: u32 }

// Bits of f32: NaN must survive the reading.
@group(0) @binding(0) var<storage, read> logits: array<u32>;
@group(0) @binding(1) var<storage, read_write> stats: array<vec4f>;
@group(0) @binding(2) var<uniform> run: Run;

var<workgroup> largest: array<f32, THREADS>;
var<workgroup> sums: array<vec3f, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = wid.y * groups.x + wid.x;
  let live = row < run.rows; // no early return: every thread of the workgroup must reach the barriers below
  let base = select(0u, row, live) * V;

  var top = LOWEST;
  for (var i = thread; i < V; i += THREADS) {
    let bits = logits[base + i];
    top = max(top, select(LOWEST, bitcast<f32>(bits), is_finite(bits)));
  }
  largest[thread] = top;
  for (var stride = THREADS / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (thread < stride) { largest[thread] = max(largest[thread], largest[thread + stride]); }
  }
  workgroupBarrier();
  let m = largest[0];

  var total = vec3f(); // Σ e^(x-m), Σ (m-x) e^(x-m), count of the others
  for (var block = thread; block < V; block += BLOCK * THREADS) {
    var part = vec3f();
    for (var i = block; i < min(block + BLOCK * THREADS, V); i += THREADS) {
      let bits = logits[base + i];
      let finite = is_finite(bits);
      let below = m - select(m, bitcast<f32>(bits), finite);
      let e = exp(-below);
      part += select(vec3f(0.0, 0.0, 1.0), vec3f(e, below * e, 0.0), finite);
    }
    total += part;
  }
  sums[thread] = total;
  for (var stride = THREADS / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (thread < stride) { sums[thread] += sums[thread + stride]; }
  }

  if (live && thread == 0u) {
    let all = sums[0];
    let log_sum = log(all.x);
    stats[run.first_row + row] = select(vec4f(0.0, 0.0, 0.0, all.z), vec4f(m + log_sum, m, log_sum + all.y / all.x, all.z), all.x > 0.0);
  }
}
