enable subgroups;
// matmul-lanes-f32: y = epilogue(a · Wᵀ + bias) with W in f32, for software adapters with subgroups: one subgroup a tile, registers only
// shapes:   a [M, K] elem, W [N, K] f32, y by epilogue (include/matmul.wgsl)
// work:     as matmul-lanes. An f32 weight is a load of its own, so the loads are what this kernel waits for: it reads four weights or values
//           at once, and holds no more of them than that, which leaves registers for a tile that is twice as wide
// numerics: f32; four products are summed first, then the quads in order of k
// limits:   the adapter's subgroup size is LANES; WIDE even
// cost:     2 M N K flops; W read ceil(M / ROWS) times, a ceil(N / (WIDE LANES)) times
// ref:      src/kernels/matmul.ref.ts, cases beside it
//:include matmul
//:include activation
//:include in-range

const LANES: u32 = 8u;
const TALL: u32 = 1u;
const WIDE: u32 = 4u;
const ROWS: u32 = TALL * LANES;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let rows = run.rows;
  let m0 = (wid.x + run.first_group) * ROWS;
  let column = (wid.y * LANES + lane) * WIDE;
  var sums: array<f32, ROWS * WIDE>;

  for (var quad = 0u; quad < K / 4u; quad++) {
    var weights: array<vec4f, WIDE>;
    for (var j = 0u; j < WIDE; j++) { weights[j] = w[min(column + j, N - 1u) * (K / 4u) + quad]; }
    for (var t = 0u; t < TALL; t++) {
      let mine = vec4f(a[min(m0 + t * LANES + lane, rows - 1u) * (K / 4u) + quad]);
      for (var i = 0u; i < LANES; i++) {
        let x = subgroupShuffle(mine, i);
        for (var j = 0u; j < WIDE; j++) { sums[(t * LANES + i) * WIDE + j] += dot(x, weights[j]); }
      }
    }
  }

  for (var i = 0u; i < min(ROWS, rows - min(m0, rows)); i++) {
    for (var j = 0u; j < min(WIDE, N - min(column, N)); j += 2u) {
      // `select` among registers: with an index that is known only at run time, compilers move `sums` to memory, which is slow.
      var pair = vec2f(sums[0], sums[1]);
      for (var s = 2u; s < ROWS * WIDE; s += 2u) { pair = select(pair, vec2f(sums[s], sums[s + 1u]), i * WIDE + j == s); }
      emit(m0 + i, column + j, pair);
    }
  }
}
