// row-dots: scores[first_row + r, j] = Σ_d rows[r, d] · queries[j, d] for four queries j at once: exact search among stored vectors
// shapes:   rows, halves in tiles of 64 rows: word (tile, pair, lane) holds dimensions 2·pair and 2·pair + 1 of row 64·tile + lane;
//           queries [groups, 2·PAIRS] vec4f, one component a query; scores [groups, total] vec4f, of which group `group` is written
// work:     a thread a row; neighbouring threads read neighbouring words, and every row is read once for four queries
// numerics: f32 products and sums
// limits:   rows' buffer holds whole tiles
// cost:     4·PAIRS bytes of a row, 16·PAIRS flops
// ref:      src/kernels/row-dots.ref.ts, cases beside it

const PAIRS: u32 = 512u;
const TILE: u32 = 64u;

struct Run { rows: u32, first_row: u32, total: u32, group: u32 }

@group(0) @binding(0) var<storage, read> rows: array<u32>;
@group(0) @binding(1) var<storage, read> queries: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> scores: array<vec4f>;
@group(0) @binding(3) var<uniform> run: Run;

@compute @workgroup_size(TILE)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = wid.y * groups.x + wid.x;
  let row = tile * TILE + lane;
  if (row >= run.rows) { return; }
  let query = run.group * 2u * PAIRS;
  var sum = vec4f();
  for (var pair = 0u; pair < PAIRS; pair++) {
    let halves = unpack2x16float(rows[(tile * PAIRS + pair) * TILE + lane]);
    sum += halves.x * queries[query + 2u * pair] + halves.y * queries[query + 2u * pair + 1u];
  }
  scores[run.group * run.total + run.first_row + row] = sum;
}
