enable subgroups;
// attention-lanes: o_i = sum_j softmax_j(q_i . k_j / sqrt(D)) v_j over the keys j of i's sequence with i - left <= j <= i + right; for software adapters
//           with subgroups: one subgroup a tile, registers only
// shapes:   qkv [3][heads][tokens][D] elem (q, k, v with RoPE applied), tiles [tiles] vec4u (first query, end of queries, first key, end of keys),
//           o [tokens][heads * D] elem, and lse [heads][tokens] f32 where the wrapper asks (include/attention-out-lse.wgsl)
// work:     grid (tiles, heads): a workgroup is one subgroup of LANES threads; it answers ROWS = TALL LANES queries, LANES WIDE keys at a time. Scores:
//           a lane holds all rows of its WIDE keys; it loads one row of q, and the others get it by shuffles. Output: a lane holds all rows of its
//           D / LANES dimensions; the probabilities go round the lanes, and each lane loads v for the keys whose turn it is. Such adapters load
//           lane by lane, and a load takes as long as 40 FMAs on all lanes (docs/log/matmul.md), so each is used for as many rows as possible
// numerics: f32 online softmax, one divide at the end; 1/sqrt(D) and log2(e) fold into q; masked probabilities are zeroed explicitly, so rows whose
//           first keys are all masked stay finite; fixed order
// limits:   the adapter's subgroup size is LANES = 8; D divisible by 32; a tile holds at most ROWS rows of one sequence
// cost:     4 D flops a (row, visited key); blocks outside [first row - left, last row + right] are never visited
// ref:      src/kernels/attention.ref.ts, cases beside it

alias elem4 = vec4f;
const D: u32 = 64u;
const SCALE: f32 = 0.18033688; // log2(e) / sqrt(D)
const TALL: u32 = 2u;
const WIDE: u32 = 4u;

const LANES: u32 = 8u;
const ROWS: u32 = TALL * LANES;
const BC: u32 = WIDE * LANES;
const D4: u32 = D / 4u;
const PART: u32 = D4 / LANES; // vec4s of a row in one lane: PART lane … PART lane + PART - 1
const LOWEST: f32 = -3.0e38;

// left: 0x3fffffff for the whole sequence; right: 0 for a causal mask
struct Run { tokens: u32, first_group: u32, left: u32, right: u32 }

@group(0) @binding(0) var<storage, read> qkv: array<elem4>;
@group(0) @binding(1) var<storage, read> tiles: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> o: array<elem4>;
//:include attention-out

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = tiles[wid.x + run.first_group];
  let heads = groups.y;
  let q_base = wid.y * run.tokens * D4;
  let k_base = q_base + heads * run.tokens * D4;
  let v_base = k_base + heads * run.tokens * D4;
  // ends of loops that the compiler cannot know, so that it does not unroll them: loads take long to compile
  let zero = run.tokens >> 31u;
  let octets = D / 8u + zero;
  let turns = LANES + zero;

  var highest: array<f32, ROWS>;
  var total: array<f32, ROWS>; // over this lane's keys
  var acc: array<vec4f, ROWS * PART>;
  for (var r = 0u; r < ROWS; r++) {
    highest[r] = LOWEST;
    total[r] = 0.0;
    for (var d = 0u; d < PART; d++) { acc[r * PART + d] = vec4f(); }
  }

  // the union of the rows' keys
  let begin = tile.x - min(tile.x - tile.z, run.left);
  let end = tile.y - 1u + min(tile.w - tile.y + 1u, run.right + 1u);
  for (var key = begin; key < end; key += BC) {
    let mine = key + lane * WIDE; // the first of this lane's keys
    var s: array<f32, ROWS * WIDE>; // scores, then probabilities
    for (var i = 0u; i < ROWS * WIDE; i++) { s[i] = 0.0; } // needed: Dawn does not zero a variable again in the next iteration of a loop
    for (var octet = 0u; octet < octets; octet++) {
      var low: array<vec4f, WIDE>;
      var high: array<vec4f, WIDE>;
      for (var c = 0u; c < WIDE; c++) {
        let at = k_base + min(mine + c, end - 1u) * D4 + 2u * octet;
        low[c] = vec4f(qkv[at]);
        high[c] = vec4f(qkv[at + 1u]);
      }
      for (var t = 0u; t < TALL; t++) {
        let at = q_base + min(tile.x + t * LANES + lane, tile.y - 1u) * D4 + 2u * octet;
        let q_low = vec4f(qkv[at]) * SCALE;
        let q_high = vec4f(qkv[at + 1u]) * SCALE;
        for (var i = 0u; i < LANES; i++) {
          let x_low = subgroupShuffle(q_low, i);
          let x_high = subgroupShuffle(q_high, i);
          for (var c = 0u; c < WIDE; c++) { s[(t * LANES + i) * WIDE + c] += dot(x_low, low[c]) + dot(x_high, high[c]); }
        }
      }
    }

    for (var r = 0u; r < ROWS; r++) {
      let row = min(tile.x + r, tile.y - 1u);
      let first = row - min(row - tile.z, run.left); // keys [first, first + count) are visible to the row
      let count = row + min(tile.w - row, run.right + 1u) - first;
      var top = highest[r];
      for (var c = 0u; c < WIDE; c++) {
        top = select(top, max(top, s[r * WIDE + c]), mine + c - first < count); // a key before `first` wraps to a large number, which is not less
      }
      top = max(top, subgroupShuffleXor(top, 1u));
      top = max(top, subgroupShuffleXor(top, 2u));
      top = max(top, subgroupShuffleXor(top, 4u));
      let shrink = exp2(highest[r] - top);
      highest[r] = top;
      total[r] *= shrink;
      for (var d = 0u; d < PART; d++) { acc[r * PART + d] *= shrink; }
      for (var c = 0u; c < WIDE; c++) {
        let p = select(0.0, exp2(s[r * WIDE + c] - top), mine + c - first < count);
        s[r * WIDE + c] = p;
        total[r] += p;
      }
    }

    for (var turn = 0u; turn < turns; turn++) {
      let theirs = key + (lane + turn) % LANES * WIDE; // the keys whose probabilities this lane holds now
      for (var c = 0u; c < WIDE; c++) {
        let at = v_base + min(theirs + c, end - 1u) * D4 + lane * PART;
        for (var d = 0u; d < PART; d++) {
          let v = vec4f(qkv[at + d]);
          for (var r = 0u; r < ROWS; r++) { acc[r * PART + d] = fma(vec4f(s[r * WIDE + c]), v, acc[r * PART + d]); }
        }
      }
      for (var i = 0u; i < ROWS * WIDE; i++) { s[i] = subgroupShuffle(s[i], (lane + 1u) % LANES); }
    }
  }

  for (var r = 0u; r < ROWS; r++) {
    total[r] += subgroupShuffleXor(total[r], 1u);
    total[r] += subgroupShuffleXor(total[r], 2u);
    total[r] += subgroupShuffleXor(total[r], 4u);
  }
  for (var r = 0u; r < tile.y - tile.x; r++) {
    // `select` among registers: with an index that is known only at run time, compilers move arrays to memory, which is slow.
    var top = highest[0];
    var sum = total[0];
    for (var s = 1u; s < ROWS; s++) {
      top = select(top, highest[s], s == r);
      sum = select(sum, total[s], s == r);
    }
    let row = tile.x + r;
    for (var d = 0u; d < PART; d++) {
      var value = acc[d];
      for (var s = 1u; s < ROWS; s++) { value = select(value, acc[s * PART + d], s == r); }
      o[(row * heads + wid.y) * D4 + lane * PART + d] = elem4(value / sum);
    }
    if (KEEPS_LSE && lane == 0u) { keep_lse(wid.y * run.tokens + row, top, sum); }
  }
}
