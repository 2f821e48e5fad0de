// attention's backward pass (attention-sides.wgsl) with four threads for ROWS rows, as attention-quad: a and b of the rows and their results lie in registers,
// a quarter of the dimensions in each thread; BC columns are in workgroup memory. Lane c of a quad owns the c-th of four columns at a time: it
// gets their whole products, computes p and ds once, and gives them to the other lanes.

const THREADS: u32 = 64u;
const ROWS: u32 = 2u; // or 1
const BC: u32 = 16u;

const PART: u32 = D4 / 4u; // vec4s of a row in one thread: lane, lane + 4, ...
const SECOND: u32 = select(1u, ROWS * PART, OF_KEYS);

var<workgroup> a_tile: array<elem4, BC * D4>;
var<workgroup> b_tile: array<elem4, BC * D4>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) wid: vec3u,
  @builtin(local_invocation_index) thread: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
) {
  let tile = tiles[wid.x + run.first_group];
  let head = wid.y;
  let block_cols = BC + (run.tokens >> 31u); // BC, in a form that the compiler does not know, so that it does not unroll the loop over a block's columns

  let lane = subgroup_lane % 4u;
  let odd = lane % 2u == 1u;
  let high = lane >= 2u;
  let quad_row = tile.x + thread / 4u * ROWS;

  var a: array<vec4f, ROWS * PART>;
  var b: array<vec4f, ROWS * PART>;
  var first_sum: array<vec4f, ROWS * PART>;
  var second_sum: array<vec4f, SECOND>;
  var first: array<u32, ROWS>; // columns [first, first + count) are visible to the row
  var count: array<u32, ROWS>;
  var row_lse: array<f32, ROWS>; // of queries, in powers of two
  var row_dot: array<f32, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    let row = min(quad_row + r, tile.y - 1u);
    first[r] = row - min(row - tile.z, run.left);
    count[r] = row + min(tile.w - row, run.right + 1u) - first[r];
    if (!OF_KEYS) {
      row_lse[r] = lse[head * run.tokens + row] * LOG2E;
      row_dot[r] = dots[head * run.tokens + row];
    }
    for (var d = 0u; d < PART; d++) {
      a[r * PART + d] = vec4f(row_a(head, row, d * 4u + lane));
      b[r * PART + d] = vec4f(row_b(head, row, d * 4u + lane));
      first_sum[r * PART + d] = vec4f();
      if (OF_KEYS) { second_sum[(r * PART + d) % SECOND] = vec4f(); }
    }
  }

  // the union of the rows' columns; uniform over the workgroup
  let begin = tile.x - min(tile.x - tile.z, run.left);
  let end = tile.y - 1u + min(tile.w - tile.y + 1u, run.right + 1u);
  for (var col = begin; col < end; col += BC) {
    for (var i = thread; i < BC * D4; i += THREADS) {
      let token = min(col + i / D4, end - 1u);
      a_tile[i] = col_a(head, token, i % D4);
      b_tile[i] = col_b(head, token, i % D4);
    }
    workgroupBarrier(); // the columns are there

    let cols = min(block_cols, end - col);
    for (var j = 0u; j < cols; j += 4u) {
      var s: array<vec4f, ROWS>; // this thread's share of the products of a and of b, four columns
      var g: array<vec4f, ROWS>;
      for (var r = 0u; r < ROWS; r++) { // needed: Dawn does not zero a variable again in the next iteration of a loop
        s[r] = vec4f();
        g[r] = vec4f();
      }
      for (var c = 0u; c < 4u; c++) {
        for (var d = 0u; d < PART; d++) {
          let y = vec4f(a_tile[(j + c) * D4 + d * 4u + lane]);
          let z = vec4f(b_tile[(j + c) * D4 + d * 4u + lane]);
          for (var r = 0u; r < ROWS; r++) {
            let x = a[r * PART + d];
            let w = b[r * PART + d];
            s[r][c] = fma(x.x, y.x, fma(x.y, y.y, fma(x.z, y.z, fma(x.w, y.w, s[r][c]))));
            g[r][c] = fma(w.x, z.x, fma(w.y, z.y, fma(w.z, z.z, fma(w.w, z.w, g[r][c]))));
          }
        }
      }

      let mine = col + j + lane; // the column this lane owns
      var col_lse = 0.0;
      var col_dot = 0.0;
      if (OF_KEYS) {
        let at = head * run.tokens + min(mine, end - 1u);
        col_lse = lse[at] * LOG2E;
        col_dot = dots[at];
      }
      var own: vec4f; // ds of the rows, then p of the rows
      for (var r = 0u; r < ROWS; r++) {
        let visible = mine - first[r] < count[r]; // wraps below first: not less
        // both products, summed over the quad: lane c gets those of the c-th column
        let c0 = vec2f(s[r].x, g[r].x);
        let c1 = vec2f(s[r].y, g[r].y);
        let c2 = vec2f(s[r].z, g[r].z);
        let c3 = vec2f(s[r].w, g[r].w);
        let low = select(c0, c1, odd) + quadSwapX(select(c1, c0, odd));
        let top = select(c2, c3, odd) + quadSwapX(select(c3, c2, odd));
        let sums = select(low, top, high) + quadSwapY(select(top, low, high));
        let p = select(0.0, exp2(sums.x * (SCALE * LOG2E) - select(row_lse[r], col_lse, OF_KEYS)), visible);
        own[r] = select(0.0, p * (sums.y - select(row_dot[r], col_dot, OF_KEYS)), visible);
        own[2u + r] = p;
      }
      let shares = mat4x4f(quadBroadcast(own, 0u), quadBroadcast(own, 1u), quadBroadcast(own, 2u), quadBroadcast(own, 3u));
      for (var c = 0u; c < 4u; c++) {
        for (var d = 0u; d < PART; d++) {
          let y = vec4f(a_tile[(j + c) * D4 + d * 4u + lane]);
          for (var r = 0u; r < ROWS; r++) { first_sum[r * PART + d] = fma(vec4f(shares[c][r]), y, first_sum[r * PART + d]); }
          if (OF_KEYS) {
            let z = vec4f(b_tile[(j + c) * D4 + d * 4u + lane]);
            for (var r = 0u; r < ROWS; r++) {
              let at = (r * PART + d) % SECOND;
              second_sum[at] = fma(vec4f(shares[c][2u + r]), z, second_sum[at]);
            }
          }
        }
      }
    }
    workgroupBarrier(); // the columns have been read
  }

  for (var r = 0u; r < ROWS; r++) {
    let row = quad_row + r;
    if (row < tile.y) {
      for (var d = 0u; d < PART; d++) {
        dqkv[part_at(select(0u, 1u, OF_KEYS), head, row) + d * 4u + lane] = elem4(in_range4(first_sum[r * PART + d] * SCALE));
        if (OF_KEYS) { dqkv[part_at(2u, head, row) + d * 4u + lane] = elem4(in_range4(second_sum[(r * PART + d) % SECOND])); }
      }
    }
  }
}
