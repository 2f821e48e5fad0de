// rope-backward: the gradient of q, k, v [3, heads, tokens, HEAD_DIM] turned back by the angle of its position, as the gradient of Wqkv's output
// formula:       q and k: (dx0, dx1) = (dy0 cos + dy1 sin, dy1 cos - dy0 sin), as (y0, y1) = (x0 cos - x1 sin, x1 cos + x0 sin); v: as it is
// shapes:        d [3, HEADS, tokens, HEAD_DIM] elem, table [position, HEAD_DIM / 2] (cos, sin), positions [tokens],
//                result [tokens, 3 HEADS HEAD_DIM], its columns in the order of Wqkv's rows on the device: pairs of the rotation side by side
// work:          a thread turns QUADS pairs that stand THREADS apart in the result
// numerics:      f32; an f16 result beyond ±65504 is NaN
// limits:        HEAD_DIM even
// cost:          both tensors once, 6 flops a pair
// ref:           src/kernels/rope-backward.ref.ts, cases beside it
//:include in-range

alias elem2 = vec2f;
alias result2 = vec2f;
const HEADS: u32 = 12u;
const HEAD_DIM: u32 = 64u;
const QUADS: u32 = 4u;
const THREADS: u32 = 64u;

struct Run { tokens: u32 }

@group(0) @binding(0) var<storage, read> d: array<elem2>;
@group(0) @binding(1) var<storage, read> table: array<vec2f>;
@group(0) @binding(2) var<storage, read> positions: array<u32>;
@group(0) @binding(3) var<storage, read_write> result: array<result2>;
@group(0) @binding(4) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let half_dim = HEAD_DIM / 2u;
  let width = 3u * HEADS * half_dim;
  let count = run.tokens * width;
  let first = (wid.y * groups.x + wid.x) * (THREADS * QUADS) + thread;
  for (var q = 0u; q < QUADS; q++) {
    let i = first + q * THREADS;
    if (i < count) {
      let t = i / width;
      let head = i % width / half_dim; // of 3 HEADS
      let pair = i % half_dim; // half_dim divides width
      let y = vec2f(d[(head * run.tokens + t) * half_dim + pair]);
      var turn = vec2f(1.0, 0.0);
      if (head < 2u * HEADS) { turn = table[positions[t] * half_dim + pair]; }
      let x = vec2f(y.x * turn.x + y.y * turn.y, y.y * turn.x - y.x * turn.y);
      result[i] = result2(vec2f(in_range(x.x), in_range(x.y)));
    }
  }
}
