// matmul-tile: y = epilogue(a · Wᵀ + bias), a BM × BN tile of the result a workgroup, operands staged in workgroup memory
// shapes:   a [M, K] elem, W [N, K] in any format, y by epilogue (include/matmul.wgsl)
// work:     SLICES teams of (BM / TM) (BN / 4) threads, each thread TM × 4 results in registers. K in steps of SLICES BK: every team takes
//           its own BK of a step, both operands as f32 [k][row] in workgroup memory, so that one 16-byte read serves four results; weights
//           are dequantized on the way in. The teams' sums meet in workgroup memory at the end. Several teams are for products of few
//           rows: they fill few workgroups, and one team alone would walk all of K, waiting for memory at each step.
// numerics: f32 accumulators in order of k within a team, then teams in order; weights exact in f32
// limits:   K and 2 BK divisible by 32, TM by 4; 4 SLICES BK (BM + BN) bytes of workgroup memory <= 16 KiB, and for several teams
//           at least 4 SLICES BM BN; threads <= 256
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
const SLICES: u32 = 1u;
const UNROLL: u32 = 2u;
const COLUMNS: u32 = BN / 4u;
const TEAM: u32 = BM / TM * COLUMNS;
const THREADS: u32 = SLICES * TEAM;
const A_PART: u32 = BK * BM / 4u; // of a team, in vectors
const W_PART: u32 = BK * BN / 4u;

var<workgroup> tiles: array<vec4f, SLICES * (A_PART + W_PART)>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) thread: u32) {
  let rows = run.rows;
  let m0 = (wid.y + run.first_group) * BM;
  let n0 = wid.x * BN;
  let slice = thread / TEAM;
  let member = thread % TEAM;
  let tx = member % COLUMNS;
  let ty = member / COLUMNS;
  let tile_a = slice * (A_PART + W_PART);
  let tile_w = tile_a + A_PART;
  var sums: array<vec4f, TM>;

  for (var step = 0u; step < K; step += SLICES * BK) {
    let k = step + slice * BK;
    // The last step may have fewer slices than teams. And bounds that compilers cannot know: if these loops are unrolled, software
    // adapters take half a minute to compile them.
    let depth = select(0u, min(BK, rows * BK), k < K);
    // Four rows × four k a turn, transposed in registers: whole vectors are written, no two threads share one.
    for (var i = member; i < BM / 4u * (BK / 4u); i += TEAM) {
      let quad = min(k, K - BK) / 4u + i / (BM / 4u);
      let row = m0 + i % (BM / 4u) * 4u;
      let r0 = vec4f(a[min(row, rows - 1u) * (K / 4u) + quad]);
      let r1 = vec4f(a[min(row + 1u, rows - 1u) * (K / 4u) + quad]);
      let r2 = vec4f(a[min(row + 2u, rows - 1u) * (K / 4u) + quad]);
      let r3 = vec4f(a[min(row + 3u, rows - 1u) * (K / 4u) + quad]);
      let at = tile_a + i / (BM / 4u) * BM + i % (BM / 4u);
      tiles[at] = vec4f(r0.x, r1.x, r2.x, r3.x);
      tiles[at + BM / 4u] = vec4f(r0.y, r1.y, r2.y, r3.y);
      tiles[at + 2u * (BM / 4u)] = vec4f(r0.z, r1.z, r2.z, r3.z);
      tiles[at + 3u * (BM / 4u)] = vec4f(r0.w, r1.w, r2.w, r3.w);
    }
    for (var i = member; i < BN / 4u * (BK / 4u); i += TEAM) {
      let quad = min(k, K - BK) / 4u + i / (BN / 4u);
      let row = n0 + i % (BN / 4u) * 4u;
      let r0 = weight4(min(row, N - 1u), quad);
      let r1 = weight4(min(row + 1u, N - 1u), quad);
      let r2 = weight4(min(row + 2u, N - 1u), quad);
      let r3 = weight4(min(row + 3u, N - 1u), quad);
      let at = tile_w + i / (BN / 4u) * BN + i % (BN / 4u);
      tiles[at] = vec4f(r0.x, r1.x, r2.x, r3.x);
      tiles[at + BN / 4u] = vec4f(r0.y, r1.y, r2.y, r3.y);
      tiles[at + 2u * (BN / 4u)] = vec4f(r0.z, r1.z, r2.z, r3.z);
      tiles[at + 3u * (BN / 4u)] = vec4f(r0.w, r1.w, r2.w, r3.w);
    }
    workgroupBarrier();
    for (var e = 0u; e < depth; e += UNROLL) {
      for (var u = 0u; u < UNROLL; u++) {
        let wide = tiles[tile_w + (e + u) * COLUMNS + tx];
        for (var i = 0u; i < TM / 4u; i++) {
          let tall = tiles[tile_a + (e + u) * (BM / 4u) + ty * (TM / 4u) + i];
          sums[4u * i] += tall.x * wide;
          sums[4u * i + 1u] += tall.y * wide;
          sums[4u * i + 2u] += tall.z * wide;
          sums[4u * i + 3u] += tall.w * wide;
        }
      }
    }
    workgroupBarrier();
  }

  let m = ty * TM;
  if (SLICES > 1u) {
    for (var i = 0u; i < TM; i++) { tiles[slice * (BM * COLUMNS) + (m + i) * COLUMNS + tx] = sums[i]; }
    workgroupBarrier();
    for (var i = thread; i < BM * COLUMNS; i += THREADS) {
      var sum = tiles[i];
      for (var other = 1u; other < SLICES; other++) { sum += tiles[other * (BM * COLUMNS) + i]; }
      if (m0 + i / COLUMNS < rows) { finish(m0 + i / COLUMNS, n0 + i % COLUMNS * 4u, sum); }
    }
    return;
  }
  for (var i = 0u; i < min(TM, rows - min(m0 + m, rows)); i++) {
    // `select` among registers: with an index that is known only at run time, compilers move `sums` to memory, which is slow.
    var sum = sums[0];
    for (var r = 1u; r < TM; r++) { sum = select(sum, sums[r], i == r); }
    finish(m0 + m + i, n0 + 4u * tx, sum);
  }
}

// Four columns from `column` on, as far as there are so many.
fn finish(m: u32, column: u32, sums: vec4f) {
  for (var pair = 0u; pair < select(0u, min(4u, N - min(column, N)), run.rows > 0u); pair += 2u) {
    emit(m, column + pair, select(sums.xy, sums.zw, pair == 2u));
  }
}
