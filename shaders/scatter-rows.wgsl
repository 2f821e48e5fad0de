// scatter-rows:  dW[id] += Σ of dx[t] over the tokens t with that id: the gradient of an embedding table
// shapes:        order [tokens] u32: the tokens, sorted by their ids; groups [.., 3] u32: (id, where its tokens begin in order, where they end);
//                dx [tokens, H] f32, dW [ROW_COUNT, H] f32, which is added to
// shards:        the bound table holds rows FIRST_ROW … FIRST_ROW + ROW_COUNT - 1 of the vocabulary; groups with other ids do nothing
// work:          a workgroup a group, so no two threads add to the same value; a thread takes every THREADS-th vec4 of the row
// numerics:      f32; a group's tokens in their order, so the same bits every time
// limits:        H divisible by 4
// cost:          dx once, a row of dW read and written a group, H flops a token
// ref:           src/kernels/scatter-rows.cases.ts

const H: u32 = 768u;
const FIRST_ROW: u32 = 0u;
const ROW_COUNT: u32 = 32768u;
const THREADS: u32 = 64u;

struct Run { groups: u32 }

@group(0) @binding(0) var<storage, read> order: array<u32>;
@group(0) @binding(1) var<storage, read> groups: array<u32>;
@group(0) @binding(2) var<storage, read> dx: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dw: array<vec4f>;
@group(0) @binding(4) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) thread: u32) {
  let group = wid.y * grid.x + wid.x;
  if (group < run.groups) {
    let row = groups[3u * group] - FIRST_ROW; // wraps to a large number below FIRST_ROW
    if (row < ROW_COUNT) {
      for (var i = thread; i < H / 4u; i += THREADS) {
        var sum = vec4f();
        for (var t = groups[3u * group + 1u]; t < groups[3u * group + 2u]; t++) { sum += dx[order[t] * (H / 4u) + i]; }
        dw[row * (H / 4u) + i] += sum;
      }
    }
  }
}
