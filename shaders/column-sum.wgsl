// column-sum: y[n] += Σ_r x[r, FIRST_COLUMN + n]: the gradient of a bias from that of the layer's output, and the second stage of partial sums
// shapes:     x [ceil(rows / BLOCK), STRIDE] elem, y [N] f32, which is added to
// work:       a workgroup of THREADS sums COLUMNS columns; THREADS / COLUMNS threads share a column, each with every so many-th row
//             (1 = no workgroup memory is touched)
// numerics:   f32; fixed order, so the same bits every time
// limits:     FIRST_COLUMN + N ≤ STRIDE; COLUMNS divides THREADS
// cost:       x once, one flop a value
// ref:        src/kernels/column-sum.cases.ts

alias elem = f32;
const N: u32 = 768u;
const STRIDE: u32 = 768u;
const FIRST_COLUMN: u32 = 0u;
const BLOCK: u32 = 1u;
const COLUMNS: u32 = 32u;
const THREADS: u32 = 256u;
const PARTS: u32 = THREADS / COLUMNS;

struct Run { rows: u32 }

@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> run: Run;

var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let n = (wid.y * groups.x + wid.x) * COLUMNS + thread % COLUMNS;
  let part = thread / COLUMNS;
  // Threads behind the last column sum nothing, and yet reach the barrier.
  let end = select(0u, (run.rows + BLOCK - 1u) / BLOCK, n < N);
  var sum = 0.0;
  for (var r = part; r < end; r += PARTS) { sum += f32(x[r * STRIDE + FIRST_COLUMN + n]); }
  if (PARTS > 1u) {
    sums[thread] = sum;
    workgroupBarrier();
    if (part == 0u) {
      for (var p = 1u; p < PARTS; p++) { sum += sums[p * COLUMNS + thread]; }
    }
  }
  if (part == 0u && n < N) { y[n] += sum; }
}
