// attention's backward pass (attention-sides.wgsl) with one subgroup a tile and registers only, as attention-lanes. Both products of rows and columns: a
// lane holds all rows of its WIDE columns; it loads one row of a and of b, and the others get them by shuffles. Results: a lane holds all rows of its D / LANES
// dimensions; ds and p go round the lanes, and each lane loads a and b of the columns whose turn it is.

const TALL: u32 = 2u;
const WIDE: u32 = 2u;

const LANES: u32 = 8u;
const ROWS: u32 = TALL * LANES;
const BC: u32 = WIDE * LANES;
const PART: u32 = D4 / LANES; // vec4s of a row in one lane: PART lane … PART lane + PART - 1
const SECOND: u32 = select(1u, ROWS * PART, OF_KEYS);

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let tile = tiles[wid.x + run.first_group];
  let head = wid.y;
  // ends of loops that the compiler cannot know, so that it does not unroll them: loads take long to compile
  let zero = run.tokens >> 31u;
  let octets = D / 8u + zero;
  let turns = LANES + zero;

  // of queries: the lane that loads a row has its numbers, the log-sum-exp in powers of two
  var row_lse: array<f32, TALL>;
  var row_dot: array<f32, TALL>;
  if (!OF_KEYS) {
    for (var t = 0u; t < TALL; t++) {
      let at = head * run.tokens + min(tile.x + t * LANES + lane, tile.y - 1u);
      row_lse[t] = lse[at] * LOG2E;
      row_dot[t] = dots[at];
    }
  }
  var first_sum: array<vec4f, ROWS * PART>;
  var second_sum: array<vec4f, SECOND>;
  for (var i = 0u; i < ROWS * PART; i++) {
    first_sum[i] = vec4f();
    if (OF_KEYS) { second_sum[i % SECOND] = vec4f(); }
  }

  // the union of the rows' columns
  let begin = tile.x - min(tile.x - tile.z, run.left);
  let end = tile.y - 1u + min(tile.w - tile.y + 1u, run.right + 1u);
  for (var col = begin; col < end; col += BC) {
    let mine = col + lane * WIDE; // the first of this lane's columns
    var s: array<f32, ROWS * WIDE>; // products of a, then p
    var g: array<f32, ROWS * WIDE>; // products of b, then ds
    for (var i = 0u; i < ROWS * WIDE; i++) { // needed: Dawn does not zero a variable again in the next iteration of a loop
      s[i] = 0.0;
      g[i] = 0.0;
    }
    for (var octet = 0u; octet < octets; octet++) {
      var a_low: array<vec4f, WIDE>;
      var a_high: array<vec4f, WIDE>;
      var b_low: array<vec4f, WIDE>;
      var b_high: array<vec4f, WIDE>;
      for (var c = 0u; c < WIDE; c++) {
        let token = min(mine + c, end - 1u);
        a_low[c] = vec4f(col_a(head, token, 2u * octet));
        a_high[c] = vec4f(col_a(head, token, 2u * octet + 1u));
        b_low[c] = vec4f(col_b(head, token, 2u * octet));
        b_high[c] = vec4f(col_b(head, token, 2u * octet + 1u));
      }
      for (var t = 0u; t < TALL; t++) {
        let token = min(tile.x + t * LANES + lane, tile.y - 1u);
        let ra_low = vec4f(row_a(head, token, 2u * octet));
        let ra_high = vec4f(row_a(head, token, 2u * octet + 1u));
        let rb_low = vec4f(row_b(head, token, 2u * octet));
        let rb_high = vec4f(row_b(head, token, 2u * octet + 1u));
        for (var i = 0u; i < LANES; i++) {
          let xa_low = subgroupShuffle(ra_low, i);
          let xa_high = subgroupShuffle(ra_high, i);
          let xb_low = subgroupShuffle(rb_low, i);
          let xb_high = subgroupShuffle(rb_high, i);
          for (var c = 0u; c < WIDE; c++) {
            s[(t * LANES + i) * WIDE + c] += dot(xa_low, a_low[c]) + dot(xa_high, a_high[c]);
            g[(t * LANES + i) * WIDE + c] += dot(xb_low, b_low[c]) + dot(xb_high, b_high[c]);
          }
        }
      }
    }

    var col_lse: array<f32, WIDE>;
    var col_dot: array<f32, WIDE>;
    if (OF_KEYS) {
      for (var c = 0u; c < WIDE; c++) {
        let at = head * run.tokens + min(mine + c, end - 1u);
        col_lse[c] = lse[at] * LOG2E;
        col_dot[c] = dots[at];
      }
    }
    for (var r = 0u; r < ROWS; r++) {
      let row = min(tile.x + r, tile.y - 1u);
      let first = row - min(row - tile.z, run.left); // columns [first, first + count) are visible to the row
      let count = row + min(tile.w - row, run.right + 1u) - first;
      let query_lse = subgroupShuffle(row_lse[r / LANES], r % LANES);
      let query_dot = subgroupShuffle(row_dot[r / LANES], r % LANES);
      for (var c = 0u; c < WIDE; c++) {
        let visible = mine + c - first < count; // wraps below first: not less
        let at = r * WIDE + c;
        let p = select(0.0, exp2(s[at] * (SCALE * LOG2E) - select(query_lse, col_lse[c], OF_KEYS)), visible);
        s[at] = p;
        g[at] = select(0.0, p * (g[at] - select(query_dot, col_dot[c], OF_KEYS)), visible);
      }
    }

    for (var turn = 0u; turn < turns; turn++) {
      let theirs = col + (lane + turn) % LANES * WIDE; // the columns whose p and ds this lane holds now
      for (var c = 0u; c < WIDE; c++) {
        let token = min(theirs + c, end - 1u);
        for (var d = 0u; d < PART; d++) {
          let a = vec4f(col_a(head, token, lane * PART + d));
          for (var r = 0u; r < ROWS; r++) { first_sum[r * PART + d] = fma(vec4f(g[r * WIDE + c]), a, first_sum[r * PART + d]); }
          if (OF_KEYS) {
            let b = vec4f(col_b(head, token, lane * PART + d));
            for (var r = 0u; r < ROWS; r++) {
              let at = (r * PART + d) % SECOND;
              second_sum[at] = fma(vec4f(s[r * WIDE + c]), b, second_sum[at]);
            }
          }
        }
      }
      for (var i = 0u; i < ROWS * WIDE; i++) {
        g[i] = subgroupShuffle(g[i], (lane + 1u) % LANES);
        if (OF_KEYS) { s[i] = subgroupShuffle(s[i], (lane + 1u) % LANES); }
      }
    }
  }

  for (var r = 0u; r < tile.y - tile.x; r++) {
    for (var d = 0u; d < PART; d++) {
      // `select` among registers: with an index that is known only at run time, compilers move arrays to memory, which is slow.
      var first = first_sum[d];
      for (var s = 1u; s < ROWS; s++) { first = select(first, first_sum[s * PART + d], s == r); }
      dqkv[part_at(select(0u, 1u, OF_KEYS), head, tile.x + r) + lane * PART + d] = elem4(in_range4(first * SCALE));
      if (OF_KEYS) {
        var second = second_sum[d % SECOND];
        for (var s = 1u; s < ROWS; s++) { second = select(second, second_sum[(s * PART + d) % SECOND], s == r); }
        dqkv[part_at(2u, head, tile.x + r) + lane * PART + d] = elem4(in_range4(second));
      }
    }
  }
}
