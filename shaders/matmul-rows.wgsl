// matmul-rows: y = epilogue(a · Wᵀ + bias) for a few rows of a: every weight is read once and used for ROWS rows
// shapes:   a [M, K] elem, W [N, K] in any format, y by epilogue (include/matmul.wgsl)
// work:     LANES threads share a pair of columns, each takes every LANES-th quad of k; THREADS / LANES pairs a workgroup;
//           the grid's y counts groups of ROWS rows. LANES = 1: no workgroup memory is touched
// numerics: f32; a lane sums its quads in order of k, lanes are added pairwise in a fixed tree
// limits:   LANES a power of two that divides THREADS; 8 ROWS THREADS bytes of workgroup memory
// cost:     2 M N K flops; W read ceil(M / ROWS) times: bound by memory for one row
// ref:      src/kernels/matmul.ref.ts, cases beside it
//:include matmul
//:include activation
//:include in-range
//:include weight-row

const ROWS: u32 = 4u;
const LANES: u32 = 16u;
const THREADS: u32 = 64u;
const PARTIALS: u32 = 256u; // ROWS * THREADS, or 1 with LANES = 1

var<workgroup> partial: array<vec2f, PARTIALS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = run.rows;
  let m0 = (wid.y + run.first_group) * ROWS;
  let lane = thread % LANES;
  let column = 2u * (wid.x * (THREADS / LANES) + thread / LANES);
  let n0 = min(column, N - 1u);
  let n1 = min(column + 1u, N - 1u);
  var sums: array<vec2f, ROWS>;

  for (var quad = lane; quad < K / 4u; quad += LANES) {
    let w0 = weight4(n0, quad);
    let w1 = weight4(n1, quad);
    for (var i = 0u; i < ROWS; i++) {
      let x = vec4f(a[min(m0 + i, rows - 1u) * (K / 4u) + quad]);
      sums[i] += vec2f(dot(x, w0), dot(x, w1));
    }
  }

  if (LANES > 1u) {
    for (var i = 0u; i < ROWS; i++) { partial[i * THREADS + thread] = sums[i]; }
    for (var stride = LANES / 2u; stride > 0u; stride /= 2u) {
      workgroupBarrier();
      if (lane < stride) {
        for (var i = 0u; i < ROWS; i++) { partial[i * THREADS + thread] += partial[i * THREADS + thread + stride]; }
      }
    }
    workgroupBarrier();
  }
  // A lane finishes every LANES-th row.
  let live = select(0u, min(ROWS, rows - min(m0, rows)), column < N);
  for (var i = lane; i < live; i += LANES) {
    var row = sums[0];
    if (LANES > 1u) {
      row = partial[i * THREADS + thread - lane];
    } else {
      // `select` among registers: with an index that is known only at run time, compilers move `sums` to memory, which is slow.
      for (var j = 1u; j < ROWS; j++) { row = select(row, sums[j], i == j); }
    }
    emit(m0 + i, column, row);
  }
}
