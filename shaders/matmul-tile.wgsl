// matmul-tile: y = epilogue(a · Wᵀ + bias), a BM × BN tile of the result a workgroup, operands staged in workgroup memory
// shapes:   a [M, K] elem, W [N, K] in any format, y by epilogue (include/matmul.wgsl)
// work:     (BM / TM) (BN / 4) threads, each TM × 4 results in registers; K in steps of BK, both operands as f32 [k][row] in
//           workgroup memory, so that one 16-byte read serves four results; weights are dequantized on the way in
// numerics: f32 accumulators in order of k; weights exact in f32
// limits:   K divisible by BK, TM by 4; 4 BK (BM + BN) bytes of workgroup memory <= 16 KiB; threads <= 256
// cost:     2 M N K flops; W read ceil(M / BM) times, a ceil(N / BN) times
// ref:      src/kernels/matmul.ref.ts, cases beside it
//:include matmul
//:include activation
//:include in-range
//:include weight-row

const BM: u32 = 64u;
const BN: u32 = 64u;
const BK: u32 = 32u;
const TM: u32 = 8u;
const UNROLL: u32 = 2u;
const COLUMNS: u32 = BN / 4u;
const THREADS: u32 = BM / TM * COLUMNS;

var<workgroup> tile_a: array<vec4f, BK * BM / 4u>;
var<workgroup> tile_w: array<vec4f, BK * BN / 4u>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = run.rows;
  let m0 = (wid.y + run.first_group) * BM;
  let n0 = wid.x * BN;
  let tx = thread % COLUMNS;
  let ty = thread / COLUMNS;
  // Bounds that compilers cannot know: if these loops are unrolled, software adapters take half a minute to compile them.
  let steps = min(BK, rows * BK);
  var sums: array<vec4f, TM>;

  for (var k = 0u; k < K; k += BK) {
    // Four rows × four k a turn, transposed in registers: whole vectors are written, no two threads share one.
    for (var i = thread; i < BM / 4u * (BK / 4u); i += THREADS) {
      let quad = k / 4u + i / (BM / 4u);
      let row = m0 + i % (BM / 4u) * 4u;
      let r0 = vec4f(a[min(row, rows - 1u) * (K / 4u) + quad]);
      let r1 = vec4f(a[min(row + 1u, rows - 1u) * (K / 4u) + quad]);
      let r2 = vec4f(a[min(row + 2u, rows - 1u) * (K / 4u) + quad]);
      let r3 = vec4f(a[min(row + 3u, rows - 1u) * (K / 4u) + quad]);
      let at = i / (BM / 4u) * BM + i % (BM / 4u);
      tile_a[at] = vec4f(r0.x, r1.x, r2.x, r3.x);
      tile_a[at + BM / 4u] = vec4f(r0.y, r1.y, r2.y, r3.y);
      tile_a[at + 2u * (BM / 4u)] = vec4f(r0.z, r1.z, r2.z, r3.z);
      tile_a[at + 3u * (BM / 4u)] = vec4f(r0.w, r1.w, r2.w, r3.w);
    }
    for (var i = thread; i < BN / 4u * (BK / 4u); i += THREADS) {
      let quad = k / 4u + i / (BN / 4u);
      let row = n0 + i % (BN / 4u) * 4u;
      let r0 = weight4(min(row, N - 1u), quad);
      let r1 = weight4(min(row + 1u, N - 1u), quad);
      let r2 = weight4(min(row + 2u, N - 1u), quad);
      let r3 = weight4(min(row + 3u, N - 1u), quad);
      let at = i / (BN / 4u) * BN + i % (BN / 4u);
      tile_w[at] = vec4f(r0.x, r1.x, r2.x, r3.x);
      tile_w[at + BN / 4u] = vec4f(r0.y, r1.y, r2.y, r3.y);
      tile_w[at + 2u * (BN / 4u)] = vec4f(r0.z, r1.z, r2.z, r3.z);
      tile_w[at + 3u * (BN / 4u)] = vec4f(r0.w, r1.w, r2.w, r3.w);
    }
    workgroupBarrier();
    for (var e = 0u; e < steps; e += UNROLL) {
      for (var u = 0u; u < UNROLL; u++) {
        let wide = tile_w[(e + u) * (BN / 4u) + tx];
        for (var i = 0u; i < TM / 4u; i++) {
          let tall = tile_a[(e + u) * (BM / 4u) + ty * (TM / 4u) + i];
          sums[4u * i] += tall.x * wide;
          sums[4u * i + 1u] += tall.y * wide;
          sums[4u * i + 2u] += tall.z * wide;
          sums[4u * i + 3u] += tall.w * wide;
        }
      }
    }
    workgroupBarrier();
  }

  let column = n0 + 4u * tx;
  let m = m0 + ty * TM;
  for (var i = 0u; i < min(TM, rows - min(m, rows)); i++) {
    // `select` among registers: with an index that is known only at run time, compilers move `sums` to memory, which is slow.
    var row = sums[0];
    for (var j = 1u; j < TM; j++) { row = select(row, sums[j], i == j); }
    for (var pair = 0u; pair < select(0u, min(4u, N - min(column, N)), rows > 0u); pair += 2u) {
      emit(m + i, column + pair, select(row.xy, row.zw, pair == 2u));
    }
  }
}
