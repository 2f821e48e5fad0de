// attention's backward pass (attention-sides.wgsl) with register-tiled products; columns, ds and p go through workgroup memory.

const THREADS: u32 = 64u;
const BR: u32 = 32u;
const BC: u32 = 16u;
const SR: u32 = 4u;
const SC: u32 = 2u;
const OR: u32 = 8u;
const OC: u32 = 1u;
const ROWS_SHARED: bool = false;
const COLS_SHARED: bool = true;
const ROW_TILE: u32 = 1u; // BR * D4 with ROWS_SHARED, else 1
const COL_TILE: u32 = 272u; // (BC + 1) * D4 with COLS_SHARED, else 1

const COL_LANES: u32 = BC / SC;
const DIM_LANES: u32 = D4 / OC;
const P_ROW: u32 = BR / 4u + 1u; // one vec4 of padding: neighbouring columns fall on different banks

var<workgroup> row_a_tile: array<elem4, ROW_TILE>; // [D4][BR]
var<workgroup> row_b_tile: array<elem4, ROW_TILE>;
var<workgroup> col_tile: array<elem4, COL_TILE>; // [D4][BC + 1]
var<workgroup> ds_tile: array<vec4f, BC * P_ROW>; // [BC][BR / 4]
var<workgroup> p_tile: array<vec4f, P_TILE>; // as ds_tile, for keys

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) thread: u32) {
  let tile = tiles[wid.x + run.first_group];
  let head = wid.y;
  // loop ends as the compiler cannot know them: drivers on the CPU unroll loops of constant length, these ones into seconds of compilation
  let zero = run.tokens >> 31u;
  let dims = D4 + zero;
  let block_cols = BC + zero;

  let col_lane = thread % COL_LANES;
  let s_row = thread / COL_LANES * SR; // first row of this thread's scores
  let dim_lane = thread % DIM_LANES;
  let o_row = thread / DIM_LANES * OR; // first row of this thread's results

  if (ROWS_SHARED) {
    for (var i = thread; i < BR * D4; i += THREADS) {
      let token = min(tile.x + i / D4, tile.y - 1u);
      row_a_tile[i % D4 * BR + i / D4] = row_a(head, token, i % D4);
      row_b_tile[i % D4 * BR + i / D4] = row_b(head, token, i % D4);
    }
  }

  var first: array<u32, SR>; // columns [first, first + count) are visible to the row
  var count: array<u32, SR>;
  var row_lse: array<f32, SR>; // of queries, in powers of two
  var row_dot: array<f32, SR>;
  for (var r = 0u; r < SR; r++) {
    let row = min(tile.x + s_row + r, tile.y - 1u);
    first[r] = row - min(row - tile.z, run.left);
    count[r] = row + min(tile.w - row, run.right + 1u) - first[r];
    if (!OF_KEYS) {
      row_lse[r] = lse[head * run.tokens + row] * LOG2E;
      row_dot[r] = dots[head * run.tokens + row];
    }
  }
  var first_sum: array<vec4f, OR * OC>;
  var second_sum: array<vec4f, OR * OC>;
  for (var i = 0u; i < OR * OC; i++) {
    first_sum[i] = vec4f();
    second_sum[i] = vec4f();
  }

  // the union of the rows' columns; uniform over the workgroup
  let begin = tile.x - min(tile.x - tile.z, run.left);
  let end = tile.y - 1u + min(tile.w - tile.y + 1u, run.right + 1u);
  for (var col = begin; col < end; col += BC) {
    if (COLS_SHARED) {
      workgroupBarrier(); // the columns of the last turn have been read
      for (var i = thread; i < BC * D4; i += THREADS) {
        col_tile[i % D4 * (BC + 1u) + i / D4] = col_b(head, min(col + i / D4, end - 1u), i % D4);
      }
    }
    workgroupBarrier(); // b of the columns (and the rows) are there; ds and p of the last turn have been read
    var g: array<f32, SR * SC>;
    for (var i = 0u; i < SR * SC; i++) { g[i] = 0.0; } // needed: Dawn does not zero a variable again in the next iteration of a loop
    for (var d = 0u; d < dims; d++) {
      var y: array<vec4f, SC>;
      for (var c = 0u; c < SC; c++) {
        let j = col_lane + c * COL_LANES;
        if (COLS_SHARED) {
          y[c] = vec4f(col_tile[d * (BC + 1u) + j]);
        } else {
          y[c] = vec4f(col_b(head, min(col + j, end - 1u), d));
        }
      }
      for (var r = 0u; r < SR; r++) {
        var x: vec4f;
        if (ROWS_SHARED) {
          x = vec4f(row_b_tile[d * BR + s_row + r]);
        } else {
          x = vec4f(row_b(head, min(tile.x + s_row + r, tile.y - 1u), d));
        }
        for (var c = 0u; c < SC; c++) {
          g[r * SC + c] = fma(x.x, y[c].x, fma(x.y, y[c].y, fma(x.z, y[c].z, fma(x.w, y[c].w, g[r * SC + c]))));
        }
      }
    }

    if (COLS_SHARED) {
      workgroupBarrier(); // b of the columns has been read
      for (var i = thread; i < BC * D4; i += THREADS) {
        col_tile[i % D4 * (BC + 1u) + i / D4] = col_a(head, min(col + i / D4, end - 1u), i % D4);
      }
      workgroupBarrier(); // a of the columns is there
    }
    var s: array<f32, SR * SC>;
    for (var i = 0u; i < SR * SC; i++) { s[i] = 0.0; }
    for (var d = 0u; d < dims; d++) {
      var y: array<vec4f, SC>;
      for (var c = 0u; c < SC; c++) {
        let j = col_lane + c * COL_LANES;
        if (COLS_SHARED) {
          y[c] = vec4f(col_tile[d * (BC + 1u) + j]);
        } else {
          y[c] = vec4f(col_a(head, min(col + j, end - 1u), d));
        }
      }
      for (var r = 0u; r < SR; r++) {
        var x: vec4f;
        if (ROWS_SHARED) {
          x = vec4f(row_a_tile[d * BR + s_row + r]);
        } else {
          x = vec4f(row_a(head, min(tile.x + s_row + r, tile.y - 1u), d));
        }
        for (var c = 0u; c < SC; c++) {
          s[r * SC + c] = fma(x.x, y[c].x, fma(x.y, y[c].y, fma(x.z, y[c].z, fma(x.w, y[c].w, s[r * SC + c]))));
        }
      }
    }

    for (var c = 0u; c < SC; c++) {
      let j = col_lane + c * COL_LANES;
      var col_lse = 0.0;
      var col_dot = 0.0;
      if (OF_KEYS) {
        let at = head * run.tokens + min(col + j, end - 1u);
        col_lse = lse[at] * LOG2E;
        col_dot = dots[at];
      }
      for (var r = 0u; r < SR; r += 4u) {
        var p: vec4f;
        var ds: vec4f;
        for (var i = 0u; i < 4u; i++) {
          let visible = col + j - first[r + i] < count[r + i]; // wraps below first: not less
          let at = (r + i) * SC + c;
          p[i] = select(0.0, exp2(s[at] * (SCALE * LOG2E) - select(row_lse[r + i], col_lse, OF_KEYS)), visible);
          ds[i] = select(0.0, p[i] * (g[at] - select(row_dot[r + i], col_dot, OF_KEYS)), visible);
        }
        ds_tile[j * P_ROW + (s_row + r) / 4u] = ds;
        if (OF_KEYS) { p_tile[j * P_ROW + (s_row + r) / 4u] = p; }
      }
    }
    workgroupBarrier(); // ds and p are there

    let cols = min(block_cols, end - col);
    for (var j = 0u; j < cols; j++) {
      for (var c = 0u; c < OC; c++) {
        let d = dim_lane + c * DIM_LANES;
        var y: vec4f;
        if (COLS_SHARED) {
          y = vec4f(col_tile[d * (BC + 1u) + j]);
        } else {
          y = vec4f(col_a(head, col + j, d));
        }
        for (var r = 0u; r < OR; r += 4u) {
          let ds = ds_tile[j * P_ROW + (o_row + r) / 4u];
          for (var i = 0u; i < 4u; i++) { first_sum[(r + i) * OC + c] = fma(vec4f(ds[i]), y, first_sum[(r + i) * OC + c]); }
        }
      }
    }
    if (OF_KEYS) {
      if (COLS_SHARED) {
        workgroupBarrier(); // a of the columns has been read
        for (var i = thread; i < BC * D4; i += THREADS) {
          col_tile[i % D4 * (BC + 1u) + i / D4] = col_b(head, min(col + i / D4, end - 1u), i % D4);
        }
        workgroupBarrier(); // b of the columns is there again
      }
      for (var j = 0u; j < cols; j++) {
        for (var c = 0u; c < OC; c++) {
          let d = dim_lane + c * DIM_LANES;
          var y: vec4f;
          if (COLS_SHARED) {
            y = vec4f(col_tile[d * (BC + 1u) + j]);
          } else {
            y = vec4f(col_b(head, col + j, d));
          }
          for (var r = 0u; r < OR; r += 4u) {
            let p = p_tile[j * P_ROW + (o_row + r) / 4u];
            for (var i = 0u; i < 4u; i++) { second_sum[(r + i) * OC + c] = fma(vec4f(p[i]), y, second_sum[(r + i) * OC + c]); }
          }
        }
      }
    }
  }

  for (var r = 0u; r < OR; r++) {
    let row = tile.x + o_row + r;
    if (row < tile.y) {
      for (var c = 0u; c < OC; c++) {
        let d = dim_lane + c * DIM_LANES;
        dqkv[part_at(select(0u, 1u, OF_KEYS), head, row) + d] = elem4(in_range4(first_sum[r * OC + c] * SCALE));
        if (OF_KEYS) { dqkv[part_at(2u, head, row) + d] = elem4(in_range4(second_sum[r * OC + c])); }
      }
    }
  }
}
