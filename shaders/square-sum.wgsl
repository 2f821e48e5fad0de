// square-sum:  y[g] = Σ x[i]² over a block of ROUNDS · THREADS values a workgroup, or Σ x[i] (SQUARED false): the second stage over such sums
// shapes:      x [n] f32, y [.., ceil(n / (ROUNDS · THREADS))] f32, which starts at the binding's offset
// work:        a workgroup of THREADS a block; a thread sums every THREADS-th value, then a tree
// numerics:    f32, in fixed order
// limits:      THREADS a power of two
// cost:        x once, two flops a value
// ref:         src/kernels/square-sum.cases.ts

const SQUARED: bool = true;
const ROUNDS: u32 = 256u;
const THREADS: u32 = 64u;

struct Run { n: u32, first: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> run: Run;

var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let block = wid.y * groups.x + wid.x;
  let start = block * (ROUNDS * THREADS);
  var sum = 0.0;
  for (var r = 0u; r < ROUNDS; r++) {
    let i = start + r * THREADS + thread;
    if (i < run.n) {
      let value = x[i];
      sum += select(value, value * value, SQUARED);
    }
  }
  sums[thread] = sum;
  for (var stride = THREADS / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (thread < stride) { sums[thread] += sums[thread + stride]; }
  }
  if (thread == 0u && start < run.n) { y[run.first + block] = sums[0]; }
}
