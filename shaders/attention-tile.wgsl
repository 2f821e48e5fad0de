// attention-tile: o_i = sum_j softmax_j(q_i . k_j / sqrt(D)) v_j over the keys j of i's sequence with i - left <= j <= i + right; two register-tiled products
// shapes:   qkv [3][heads][tokens][D] elem (q, k, v with RoPE applied), tiles [tiles] vec4u (first query, end of queries, first key, end of keys),
//           o [tokens][heads * D] elem, and lse [heads][tokens] f32 where the wrapper asks (include/attention-out-lse.wgsl)
// work:     grid (tiles, heads): a workgroup answers the BR rows of one tile for one head, BC keys at a time. Scores: a thread holds SR rows x SC keys;
//           the row maxima meet in workgroup memory; probabilities go through workgroup memory; output: a thread holds OR rows x 4 OC dimensions.
//           q, k and v go through workgroup memory or, without Q_SHARED and KV_SHARED, come straight from storage
// numerics: f32 online softmax, one divide at the end; scores are scaled by log2(e) / sqrt(D) in f32 and take exp2; masked probabilities are zeroed
//           explicitly, so rows whose first keys are all masked stay finite; fixed order
// limits:   THREADS = BR/SR * BC/SC = BR/OR * D4/OC; SR and OR divisible by 4; a tile holds at most BR rows of one sequence
// cost:     4 D flops a (row, visited key); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention.ref.ts, cases beside it

alias elem4 = vec4f;
const D: u32 = 64u;
const SCALE: f32 = 0.18033688; // log2(e) / sqrt(D)
const THREADS: u32 = 64u;
const BR: u32 = 32u;
const BC: u32 = 16u;
const SR: u32 = 4u;
const SC: u32 = 2u;
const OR: u32 = 8u;
const OC: u32 = 1u;
const Q_SHARED: bool = true;
const KV_SHARED: bool = true;
const Q_TILE: u32 = 512u; // BR * D4 with Q_SHARED, else 1
const KV_TILE: u32 = 272u; // (BC + 1) * D4 with KV_SHARED, else 1

const D4: u32 = D / 4u;
const KEY_LANES: u32 = BC / SC;
const DIM_LANES: u32 = D4 / OC;
const P_ROW: u32 = BR / 4u + 1u; // one vec4 of padding: neighbouring keys fall on different banks
const LOWEST: f32 = -3.0e38;

// left: 0x3fffffff for the whole sequence; right: 0 for a causal mask
struct Run { tokens: u32, first_group: u32, left: u32, right: u32 }

@group(0) @binding(0) var<storage, read> qkv: array<elem4>;
@group(0) @binding(1) var<storage, read> tiles: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> o: array<elem4>;
//:include attention-out

var<workgroup> q_tile: array<elem4, Q_TILE>; // [D4][BR]
var<workgroup> kv_tile: array<elem4, KV_TILE>; // k as [D4][BC + 1], then v as [BC][D4]
var<workgroup> p_tile: array<vec4f, BC * P_ROW>; // [BC][BR / 4]
var<workgroup> maxima: array<f32, BR * KEY_LANES>; // [BR][KEY_LANES]; sums at the end
var<workgroup> shrinks: array<vec4f, BR / 4u>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let heads = groups.y;
  let tile = tiles[wid.x + run.first_group];
  let head = wid.y;
  let q_base = head * run.tokens * D4;
  let k_base = q_base + heads * run.tokens * D4;
  let v_base = k_base + heads * run.tokens * D4;
  // ends of loops that the compiler cannot know: drivers for the CPU unroll loops of constant length, and would take seconds to compile these
  let zero = run.tokens >> 31u;
  let dims = D4 + zero;
  let block_keys = BC + zero;
  let lanes = KEY_LANES + zero;

  let key_lane = thread % KEY_LANES;
  let s_row = thread / KEY_LANES * SR; // first row of this thread's scores
  let dim_lane = thread % DIM_LANES;
  let o_row = thread / DIM_LANES * OR; // first row of this thread's outputs

  if (Q_SHARED) {
    for (var i = thread; i < BR * D4; i += THREADS) {
      q_tile[i % D4 * BR + i / D4] = qkv[q_base + min(tile.x + i / D4, tile.y - 1u) * D4 + i % D4];
    }
  }

  var first: array<u32, SR>; // keys [first, first + count) are visible to the row
  var count: array<u32, SR>;
  var highest: array<f32, SR>;
  var sum: array<f32, SR>; // over this thread's keys
  for (var r = 0u; r < SR; r++) {
    let row = min(tile.x + s_row + r, tile.y - 1u);
    first[r] = row - min(row - tile.z, run.left);
    count[r] = row + min(tile.w - row, run.right + 1u) - first[r];
    highest[r] = LOWEST;
    sum[r] = 0.0;
  }
  var acc: array<vec4f, OR * OC>;
  for (var i = 0u; i < OR * OC; i++) { acc[i] = vec4f(); }

  // the union of the rows' keys; uniform over the workgroup
  let begin = tile.x - min(tile.x - tile.z, run.left);
  let end = tile.y - 1u + min(tile.w - tile.y + 1u, run.right + 1u);
  for (var key = begin; key < end; key += BC) {
    if (KV_SHARED) {
      for (var i = thread; i < BC * D4; i += THREADS) {
        kv_tile[i % D4 * (BC + 1u) + i / D4] = qkv[k_base + min(key + i / D4, end - 1u) * D4 + i % D4];
      }
    }
    workgroupBarrier(); // k (and q) are there

    var s: array<f32, SR * SC>;
    for (var i = 0u; i < SR * SC; i++) { s[i] = 0.0; } // needed: Dawn does not zero a variable again in the next iteration of a loop
    for (var d = 0u; d < dims; d++) {
      var k: array<vec4f, SC>;
      for (var c = 0u; c < SC; c++) {
        let j = key_lane + c * KEY_LANES;
        if (KV_SHARED) {
          k[c] = vec4f(kv_tile[d * (BC + 1u) + j]);
        } else {
          k[c] = vec4f(qkv[k_base + min(key + j, end - 1u) * D4 + d]);
        }
      }
      for (var r = 0u; r < SR; r++) {
        var q: vec4f;
        if (Q_SHARED) {
          q = vec4f(q_tile[d * BR + s_row + r]);
        } else {
          q = vec4f(qkv[q_base + min(tile.x + s_row + r, tile.y - 1u) * D4 + d]);
        }
        for (var c = 0u; c < SC; c++) {
          s[r * SC + c] = fma(q.x, k[c].x, fma(q.y, k[c].y, fma(q.z, k[c].z, fma(q.w, k[c].w, s[r * SC + c]))));
        }
      }
    }

    for (var r = 0u; r < SR; r++) {
      var top = LOWEST;
      for (var c = 0u; c < SC; c++) {
        let visible = key + key_lane + c * KEY_LANES - first[r] < count[r]; // a key before `first` wraps to a large number, which is not less
        s[r * SC + c] = select(LOWEST, s[r * SC + c] * SCALE, visible);
        top = max(top, s[r * SC + c]);
      }
      maxima[(s_row + r) * KEY_LANES + key_lane] = top;
    }
    workgroupBarrier(); // the maxima are there; k has been read
    for (var r = 0u; r < SR; r += 4u) {
      var shrink: vec4f;
      var p: array<vec4f, SC>;
      for (var i = 0u; i < 4u; i++) {
        var top = highest[r + i];
        for (var lane = 0u; lane < lanes; lane++) { top = max(top, maxima[(s_row + r + i) * KEY_LANES + lane]); }
        shrink[i] = exp2(highest[r + i] - top);
        highest[r + i] = top;
        var part = 0.0;
        for (var c = 0u; c < SC; c++) {
          let score = s[(r + i) * SC + c];
          let value = select(exp2(score - top), 0.0, score == LOWEST);
          p[c][i] = value;
          part += value;
        }
        sum[r + i] = sum[r + i] * shrink[i] + part;
      }
      for (var c = 0u; c < SC; c++) { p_tile[(key_lane + c * KEY_LANES) * P_ROW + (s_row + r) / 4u] = p[c]; }
      if (key_lane == 0u) { shrinks[(s_row + r) / 4u] = shrink; }
    }
    if (KV_SHARED) {
      for (var i = thread; i < BC * D4; i += THREADS) {
        kv_tile[i] = qkv[v_base + min(key + i / D4, end - 1u) * D4 + i % D4];
      }
    }
    workgroupBarrier(); // v, the probabilities and the shrink factors are there

    for (var r = 0u; r < OR; r++) {
      let shrink = shrinks[(o_row + r) / 4u][r % 4u];
      for (var c = 0u; c < OC; c++) { acc[r * OC + c] *= shrink; }
    }
    let keys = min(block_keys, end - key);
    for (var j = 0u; j < keys; j++) {
      var v: array<vec4f, OC>;
      for (var c = 0u; c < OC; c++) {
        let d = dim_lane + c * DIM_LANES;
        if (KV_SHARED) {
          v[c] = vec4f(kv_tile[j * D4 + d]);
        } else {
          v[c] = vec4f(qkv[v_base + (key + j) * D4 + d]);
        }
      }
      for (var r = 0u; r < OR; r += 4u) {
        let p = p_tile[j * P_ROW + (o_row + r) / 4u];
        for (var i = 0u; i < 4u; i++) {
          for (var c = 0u; c < OC; c++) { acc[(r + i) * OC + c] = fma(vec4f(p[i]), v[c], acc[(r + i) * OC + c]); }
        }
      }
    }
    if (KV_SHARED) { workgroupBarrier(); } // v has been read; the barriers above guard the rest
  }

  for (var r = 0u; r < SR; r++) { maxima[(s_row + r) * KEY_LANES + key_lane] = sum[r]; }
  workgroupBarrier(); // the sums are there
  if (KEEPS_LSE && key_lane == 0u) {
    for (var r = 0u; r < SR; r++) {
      var total = 0.0;
      for (var lane = 0u; lane < lanes; lane++) { total += maxima[(s_row + r) * KEY_LANES + lane]; }
      if (tile.x + s_row + r < tile.y) { keep_lse(head * run.tokens + tile.x + s_row + r, highest[r], total); }
    }
  }
  for (var r = 0u; r < OR; r++) {
    var total = 0.0;
    for (var lane = 0u; lane < lanes; lane++) { total += maxima[(o_row + r) * KEY_LANES + lane]; }
    let row = tile.x + o_row + r;
    if (row < tile.y) {
      for (var c = 0u; c < OC; c++) {
        o[(row * heads + head) * D4 + dim_lane + c * DIM_LANES] = elem4(acc[r * OC + c] / total);
      }
    }
  }
}
