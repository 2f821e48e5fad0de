// cross-entropy-stats: of each row of logits, chunk of columns by chunk: (m, Σ e^(x-m), logit of the label, count of logits that are not finite)
// formula:  loss of a row = m + ln Σ e^(x-m) - x[label], with m the largest logit. The stats of the columns seen so far and those of this chunk
//           join as in an online softmax: Σ = Σ₁ e^(m₁-m) + Σ₂ e^(m₂-m)
// shapes:   logits [rows, C] f32: columns run.first_column … of the vocabulary; labels [rows] u32; stats [rows] vec4, begun where first_column is 0
// work:     a workgroup of THREADS a row; a thread takes every THREADS-th logit
// numerics: f32; NaN and infinities are counted and left out. Blocks of BLOCK terms are summed by themselves and their sums in a tree.
// limits:   C ≥ 1; THREADS a power of two
// cost:     logits read twice (the second time mostly from cache), one exp and 4 flops each
// ref:      src/kernels/cross-entropy.ref.ts, cases in cross-entropy-stats.cases.ts
//:include finite

const C: u32 = 4096u;
const BLOCK: u32 = 32u;
const THREADS: u32 = 256u;
const LOWEST: f32 = -3.4028234e38;

struct Run { rows: u32, first_column: u32 }

// Bits of f32: NaN must survive the reading.
@group(0) @binding(0) var<storage, read> logits: array<u32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read_write> stats: array<vec4f>;
@group(0) @binding(3) var<uniform> run: Run;

var<workgroup> largest: array<f32, THREADS>;
var<workgroup> sums: array<vec2f, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = wid.y * groups.x + wid.x;
  let live = row < run.rows; // no early return: every thread of the workgroup must reach the barriers below
  let base = select(0u, row, live) * C;

  var top = LOWEST;
  for (var i = thread; i < C; i += THREADS) {
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

  var total = vec2f(); // Σ e^(x-m), count of the others
  for (var block = thread; block < C; block += BLOCK * THREADS) {
    var part = vec2f();
    for (var i = block; i < min(block + BLOCK * THREADS, C); i += THREADS) {
      let bits = logits[base + i];
      let finite = is_finite(bits);
      part += select(vec2f(0.0, 1.0), vec2f(exp(select(m, bitcast<f32>(bits), finite) - m), 0.0), finite);
    }
    total += part;
  }
  sums[thread] = total;
  for (var stride = THREADS / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (thread < stride) { sums[thread] += sums[thread + stride]; }
  }

  if (live && thread == 0u) {
    var before = vec4f(LOWEST, 0.0, 0.0, 0.0);
    if (run.first_column > 0u) { before = stats[row]; }
    let both = max(before.x, m);
    // An empty side has the sum 0; its e^(LOWEST - both) is 0 or, where both are LOWEST, 1.
    var next = vec4f(both, before.y * exp(before.x - both) + sums[0].x * exp(m - both), before.z, before.w + sums[0].y);
    let label = labels[row];
    if (label >= run.first_column && label - run.first_column < C) {
      let bits = logits[base + label - run.first_column];
      next.z = select(0.0, bitcast<f32>(bits), is_finite(bits));
    }
    stats[row] = next;
  }
}
