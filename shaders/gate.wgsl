// gate:     gated = act(u) · g: what the geglu epilogue of a matmul computes, from Wi's whole output, which a training pass keeps
// shapes:   ug [tokens, 2 WIDTH] elem, u_i and g_i side by side as the rows of Wi lie on the device; gated [tokens, WIDTH] elem
// work:     a thread computes QUADS vec4 that stand THREADS apart (neighbouring threads read neighbouring words)
// numerics: f32 (include/activation.wgsl); an f16 result beyond ±65504 is NaN
// limits:   WIDTH divisible by 4
// cost:     both tensors once, some 20 flops a result
// ref:      src/kernels/gate.ref.ts, cases beside it
//:include in-range

const ACTIVATION: u32 = 1u;
//:include activation

alias elem4 = vec4f;
const WIDTH: u32 = 1152u;
const QUADS: u32 = 4u;
const THREADS: u32 = 64u;

struct Run { rows: u32 }

@group(0) @binding(0) var<storage, read> ug: array<elem4>;
@group(0) @binding(1) var<storage, read_write> gated: array<elem4>;
@group(0) @binding(2) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let count = run.rows * (WIDTH / 4u);
  let first = (wid.y * groups.x + wid.x) * (THREADS * QUADS) + thread;
  for (var q = 0u; q < QUADS; q++) {
    let i = first + q * THREADS;
    if (i < count) {
      let a = vec4f(ug[2u * i]);
      let b = vec4f(ug[2u * i + 1u]);
      let acted = vec4f(activate(a.x), activate(a.z), activate(b.x), activate(b.z));
      gated[i] = elem4(in_range4(acted * vec4f(a.yw, b.yw)));
    }
  }
}
