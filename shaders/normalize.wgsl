// normalize: x[r] = x[r] / max(‖x[r]‖₂, 1e-12), row by row in place, as torch.nn.functional.normalize
// shapes:   x [rows, H] f32
// work:     a workgroup of THREADS handles ROWS rows; THREADS / ROWS threads share a row (1 = no workgroup memory is touched)
// numerics: f32, fixed order of summation; the sum of squares overflows where PyTorch's does
// limits:   H divisible by 4; THREADS / ROWS a power of two
// cost:     12 H bytes (a row is read twice, once from cache), 3 H flops a row
// ref:      src/kernels/normalize.ref.ts, cases beside it
//:include finite
//:include row-sum

const H: u32 = 768u;
const ROWS: u32 = 1u;
const THREADS: u32 = 64u;
const PER_ROW: u32 = THREADS / ROWS;

struct Run { rows: u32 }

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(1) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = (wid.y * groups.x + wid.x) * ROWS + thread / PER_ROW;
  let lane = thread % PER_ROW;
  let live = row < run.rows; // no early return: every thread of the workgroup must reach the barriers below
  let base = select(0u, row, live) * (H / 4u);
  let end = select(0u, H / 4u, live);

  var squares = vec4f();
  for (var i = lane; i < end; i += PER_ROW) { squares += x[base + i] * x[base + i]; }
  let sum = row_sum(squares.x + squares.y + squares.z + squares.w, thread);
  let norm = if_finite(sum, max(sqrt(sum), 1e-12));
  for (var i = lane; i < end; i += PER_ROW) { x[base + i] = x[base + i] / norm; }
}
