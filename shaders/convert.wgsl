// convert:  target[i] = source[i] in the other storage type, f32 → elem or elem → f32
// shapes:   source, target [tokens, WIDTH]
// work:     a thread converts QUADS vec4 that stand THREADS apart (neighbouring threads read neighbouring words)
// numerics: f32 → f16 rounds as the hardware does; beyond ±65504 the result is NaN (include/in-range.wgsl)
// limits:   WIDTH divisible by 4
// cost:     both tensors once, no flops
// ref:      the identity; cases in src/kernels/convert.cases.ts
//:include in-range

alias source4 = vec4f;
alias target4 = vec4f;
const WIDTH: u32 = 768u;
const QUADS: u32 = 4u;
const THREADS: u32 = 64u;

struct Run { tokens: u32 }

@group(0) @binding(0) var<storage, read> source: array<source4>;
@group(0) @binding(1) var<storage, read_write> result: array<target4>;
@group(0) @binding(2) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let count = run.tokens * (WIDTH / 4u);
  let first = (wid.y * groups.x + wid.x) * (THREADS * QUADS) + thread;
  for (var q = 0u; q < QUADS; q++) {
    let i = first + q * THREADS;
    if (i < count) { result[i] = target4(in_range4(vec4f(source[i]))); }
  }
}
