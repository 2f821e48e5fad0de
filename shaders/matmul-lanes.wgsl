enable subgroups;
// matmul-lanes: y = epilogue(a · Wᵀ + bias) for software adapters with subgroups: one subgroup a tile, registers only
// shapes:   a [M, K] elem, W [N, K] in any format, y by epilogue (include/matmul.wgsl)
// work:     a workgroup is one subgroup of LANES threads; it computes ROWS = TALL LANES rows × WIDE LANES columns, each lane
//           all rows of its WIDE columns. Each lane loads one row of `a` and the others get it by shuffles: such adapters load lane
//           by lane, and a load takes as long as 40 FMAs on all lanes. Weights are dequantized in registers, for the same reason
// numerics: f32; eight products are summed first, then the octets in order of k
// limits:   the adapter's subgroup size is LANES; WIDE even
// cost:     2 M N K flops; W read ceil(M / ROWS) times, a ceil(N / (WIDE LANES)) times
// ref:      src/kernels/matmul.ref.ts, cases beside it
//:include matmul
//:include activation
//:include in-range
//:include weight-octet

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

  for (var octet = 0u; octet < K / 8u; octet++) {
    var low: array<vec4f, WIDE>;
    var high: array<vec4f, WIDE>;
    for (var j = 0u; j < WIDE; j++) {
      let row = min(column + j, N - 1u);
      let codes = octet_codes(row, octet);
      let factor = octet_scale(row, octet);
      low[j] = codes.low * factor;
      high[j] = codes.high * factor;
    }
    for (var t = 0u; t < TALL; t++) {
      let at = min(m0 + t * LANES + lane, rows - 1u) * (K / 4u) + 2u * octet;
      let mine_low = vec4f(a[at]);
      let mine_high = vec4f(a[at + 1u]);
      for (var i = 0u; i < LANES; i++) {
        let x_low = subgroupShuffle(mine_low, i);
        let x_high = subgroupShuffle(mine_high, i);
        for (var j = 0u; j < WIDE; j++) {
          sums[(t * LANES + i) * WIDE + j] += dot(x_low, low[j]) + dot(x_high, high[j]);
        }
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
