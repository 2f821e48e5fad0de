// transpose:  y[k, t] = x[t, k]; columns t from run.tokens up to TOKENS are zeros
// shapes:     x [tokens, K], y [K, TOKENS]
// work:       a thread moves BLOCK values of one row, neighbouring threads those of neighbouring rows: each thread reads words that stand side by side,
//             and neighbouring threads write words that do
// numerics:   exact
// limits:     run.tokens ≤ TOKENS
// cost:       both tensors once, no flops
// ref:        src/kernels/transpose.cases.ts, which also says what it is for

alias elem = f32;
const K: u32 = 256u;
const TOKENS: u32 = 256u;
const BLOCK: u32 = 16u;
const THREADS: u32 = 64u;

struct Run { tokens: u32 }

@group(0) @binding(0) var<storage, read> x: array<elem>;
@group(0) @binding(1) var<storage, read_write> y: array<elem>;
@group(0) @binding(2) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let part = wid.y * groups.x + wid.x;
  let parts = (TOKENS + THREADS - 1u) / THREADS;
  let first = part / parts * BLOCK;
  let t = part % parts * THREADS + thread;
  if (t < TOKENS) {
    for (var k = first; k < min(first + BLOCK, K); k++) {
      var value = elem();
      if (t < run.tokens) { value = x[t * K + k]; }
      y[k * TOKENS + t] = value;
    }
  }
}
