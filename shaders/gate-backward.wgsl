// gate-backward: du = d · g · act'(u), dg = d · act(u), where gated = act(u) · g and d is the gradient of gated
// shapes:        d [tokens, WIDTH] elem, ug and dug [tokens, 2 WIDTH] elem, u_i and g_i side by side as in gate.wgsl
// work:          a thread takes QUADS vec4 of d that stand THREADS apart (neighbouring threads read neighbouring words)
// numerics:      f32 (include/activation-slope.wgsl has the formulas); an f16 result beyond ±65504 is NaN
// limits:        WIDTH divisible by 4
// cost:          the three tensors once, some 50 flops a value of d
// ref:           src/kernels/gate.ref.ts, cases in src/kernels/gate-backward.cases.ts
//:include in-range

const ACTIVATION: u32 = 1u;
//:include activation
//:include activation-slope

alias elem4 = vec4f;
const WIDTH: u32 = 1152u;
const QUADS: u32 = 4u;
const THREADS: u32 = 64u;

struct Run { rows: u32 }

@group(0) @binding(0) var<storage, read> d: array<elem4>;
@group(0) @binding(1) var<storage, read> ug: array<elem4>;
@group(0) @binding(2) var<storage, read_write> dug: array<elem4>;
@group(0) @binding(3) var<uniform> run: Run;

// (du, dg) of one pair.
fn back(d: f32, u: f32, g: f32) -> vec2f { return d * vec2f(g * slope_of(u), activate(u)); }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let count = run.rows * (WIDTH / 4u);
  let first = (wid.y * groups.x + wid.x) * (THREADS * QUADS) + thread;
  for (var q = 0u; q < QUADS; q++) {
    let i = first + q * THREADS;
    if (i < count) {
      let dy = vec4f(d[i]);
      let a = vec4f(ug[2u * i]);
      let b = vec4f(ug[2u * i + 1u]);
      dug[2u * i] = elem4(in_range4(vec4f(back(dy.x, a.x, a.y), back(dy.y, a.z, a.w))));
      dug[2u * i + 1u] = elem4(in_range4(vec4f(back(dy.z, b.x, b.y), back(dy.w, b.z, b.w))));
    }
  }
}
