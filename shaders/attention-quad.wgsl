// attention-quad: o_i = sum_j softmax_j(q_i . k_j / sqrt(D)) v_j over the keys j of i's sequence with i - left <= j <= i + right; four threads share ROWS rows
// shapes:   qkv [3][heads][tokens][D] elem (q, k, v with RoPE applied), tiles [tiles] vec4u (first query, end of queries, first key, end of keys),
//           o [tokens][heads * D] elem, and lse [heads][tokens] f32 where the wrapper asks (include/attention-out-lse.wgsl)
// work:     grid (tiles, heads): THREADS / 4 quads, ROWS rows each; q and o in registers, a quarter of the dimensions a thread, so one read of k or v
//           from workgroup memory serves ROWS rows. Partial scores are summed and scattered over the quad: lane r owns row r, takes its maximum and
//           its exponentials once, and gives the probabilities to the other lanes. BC keys of k and v are in workgroup memory at a time, KEYS of them in registers
// numerics: f32 online softmax, one divide at the end; 1/sqrt(D) and log2(e) fold into q; masked probabilities are zeroed explicitly, so rows whose
//           first keys are all masked stay finite; fixed order
// limits:   any subgroup size from 4 up, with lanes numbered as local_invocation_index counts (one-dimensional workgroups: everywhere known);
//           D divisible by 16; ROWS 2 or 4; BC divisible by KEYS; a tile holds at most THREADS / 4 * ROWS rows of one sequence
// cost:     4 D flops a (row, visited key); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention.ref.ts, cases beside it
enable subgroups;

alias elem4 = vec4f;
const D: u32 = 64u;
const SCALE: f32 = 0.18033688; // log2(e) / sqrt(D)
const THREADS: u32 = 64u;
const ROWS: u32 = 4u;
const BC: u32 = 16u;

const KEYS: u32 = 4u;
const D4: u32 = D / 4u;
const PART: u32 = D4 / 4u; // vec4s of a row in one thread: lane, lane + 4, ...
const LOWEST: f32 = -3.0e38;

// left: 0x3fffffff for the whole sequence; right: 0 for a causal mask
struct Run { tokens: u32, first_group: u32, left: u32, right: u32 }

@group(0) @binding(0) var<storage, read> qkv: array<elem4>;
@group(0) @binding(1) var<storage, read> tiles: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> o: array<elem4>;
//:include attention-out

var<workgroup> k_tile: array<elem4, BC * D4>;
var<workgroup> v_tile: array<elem4, BC * D4>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
) {
  let tile = tiles[wid.x + run.first_group];
  let heads = groups.y;
  let q_base = wid.y * run.tokens * D4;
  let k_base = q_base + heads * run.tokens * D4;
  let v_base = k_base + heads * run.tokens * D4;
  let block_keys = BC + (run.tokens >> 31u); // BC, in a form that the compiler does not know, so that it does not unroll the loop over a block's keys

  let lane = subgroup_lane % 4u;
  let odd = lane % 2u == 1u;
  let high = lane >= 2u;
  let quad_row = tile.x + thread / 4u * ROWS;
  let row = min(quad_row + lane % ROWS, tile.y - 1u); // the row whose softmax this lane owns
  let first = row - min(row - tile.z, run.left); // keys [first, first + count) are visible to it
  let count = row + min(tile.w - row, run.right + 1u) - first;

  var q: array<vec4f, ROWS * PART>;
  var acc: array<vec4f, ROWS * PART>;
  for (var r = 0u; r < ROWS; r++) {
    let base = q_base + min(quad_row + r, tile.y - 1u) * D4 + lane;
    for (var d = 0u; d < PART; d++) {
      q[r * PART + d] = vec4f(qkv[base + d * 4u]) * SCALE;
      acc[r * PART + d] = vec4f();
    }
  }
  var highest = LOWEST;
  var total = 0.0;

  // the union of the rows' keys; uniform over the workgroup
  let begin = tile.x - min(tile.x - tile.z, run.left);
  let end = tile.y - 1u + min(tile.w - tile.y + 1u, run.right + 1u);
  for (var key = begin; key < end; key += BC) {
    for (var i = thread; i < BC * D4; i += THREADS) {
      let at = min(key + i / D4, end - 1u) * D4 + i % D4;
      k_tile[i] = qkv[k_base + at];
      v_tile[i] = qkv[v_base + at];
    }
    workgroupBarrier(); // k and v are there

    let keys = min(block_keys, end - key);
    for (var j = 0u; j < keys; j += KEYS) {
      var s: array<f32, ROWS * KEYS>; // this thread's share of the scores
      for (var i = 0u; i < ROWS * KEYS; i++) { s[i] = 0.0; } // needed: Dawn does not zero a variable again in the next iteration of a loop
      for (var c = 0u; c < KEYS; c++) {
        for (var d = 0u; d < PART; d++) {
          let k = vec4f(k_tile[(j + c) * D4 + d * 4u + lane]);
          for (var r = 0u; r < ROWS; r++) {
            let a = q[r * PART + d];
            s[c * ROWS + r] = fma(a.x, k.x, fma(a.y, k.y, fma(a.z, k.z, fma(a.w, k.w, s[c * ROWS + r]))));
          }
        }
      }

      // sum over the quad, each lane keeping its own row
      var score: vec4f;
      var top = highest;
      for (var c = 0u; c < KEYS; c++) {
        let a = s[c * ROWS];
        let b = s[c * ROWS + 1u];
        var mine = select(a, b, odd) + quadSwapX(select(b, a, odd));
        if (ROWS == 4u) {
          let e = s[c * ROWS + ROWS - 2u];
          let f = s[c * ROWS + ROWS - 1u];
          let other = select(e, f, odd) + quadSwapX(select(f, e, odd));
          mine = select(mine, other, high) + quadSwapY(select(other, mine, high));
        } else {
          mine += quadSwapY(mine);
        }
        score[c] = mine;
        top = select(top, max(top, mine), key + j + c - first < count); // a key before `first` wraps to a large number, which is not less
      }
      let shrink = exp2(highest - top);
      highest = top;
      var p: vec4f;
      for (var c = 0u; c < KEYS; c++) { p[c] = select(0.0, exp2(score[c] - top), key + j + c - first < count); }
      total = total * shrink + (p.x + p.y + p.z + p.w);

      var shrinks = vec4f(quadBroadcast(shrink, 0u), quadBroadcast(shrink, 1u), quadBroadcast(shrink, 2u), quadBroadcast(shrink, 3u));
      if (any(shrinks != vec4f(1.0))) { // rare after the first keys
        for (var r = 0u; r < ROWS; r++) {
          for (var d = 0u; d < PART; d++) { acc[r * PART + d] *= shrinks[r]; }
        }
      }
      let p0 = quadBroadcast(p, 0u);
      let p1 = quadBroadcast(p, 1u);
      let p2 = quadBroadcast(p, 2u); // with two rows the same as p0 and p1, and dropped
      let p3 = quadBroadcast(p, 3u);
      let shares = mat4x4f(p0, p1, p2, p3);
      for (var c = 0u; c < KEYS; c++) {
        for (var d = 0u; d < PART; d++) {
          let v = vec4f(v_tile[(j + c) * D4 + d * 4u + lane]);
          for (var r = 0u; r < ROWS; r++) { acc[r * PART + d] = fma(vec4f(shares[r][c]), v, acc[r * PART + d]); }
        }
      }
    }
    workgroupBarrier(); // k and v have been read
  }

  if (KEEPS_LSE && lane < ROWS && quad_row + lane < tile.y) { keep_lse(wid.y * run.tokens + row, highest, total); }
  let totals = vec4f(quadBroadcast(total, 0u), quadBroadcast(total, 1u), quadBroadcast(total, 2u), quadBroadcast(total, 3u));
  for (var r = 0u; r < ROWS; r++) {
    if (quad_row + r < tile.y) {
      for (var d = 0u; d < PART; d++) { o[((quad_row + r) * heads + wid.y) * D4 + d * 4u + lane] = elem4(acc[r * PART + d] / totals[r]); }
    }
  }
}
