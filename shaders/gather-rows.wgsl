// gather-rows:  x[t] = W[ids[t]]: the embeddings before their norm, which training needs
// shapes:       ids [tokens] u32, W [ROW_COUNT, H] f32, x [tokens, H] f32
// shards:       the bound table holds rows FIRST_ROW … FIRST_ROW + ROW_COUNT - 1 of the vocabulary; a token with another id is left untouched
// work:         a thread moves one vec4
// numerics:     exact
// limits:       H divisible by 4
// cost:         a row read and written a token, no flops
// ref:          src/kernels/gather-rows.cases.ts

const H: u32 = 768u;
const FIRST_ROW: u32 = 0u;
const ROW_COUNT: u32 = 32768u;
const THREADS: u32 = 64u;

struct Run { tokens: u32 }

@group(0) @binding(0) var<storage, read> ids: array<u32>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(3) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (wid.y * groups.x + wid.x) * THREADS + thread;
  let token = i / (H / 4u);
  if (token < run.tokens) {
    let row = ids[token] - FIRST_ROW; // wraps to a large number below FIRST_ROW
    if (row < ROW_COUNT) { x[i] = w[row * (H / 4u) + i % (H / 4u)]; }
  }
}
