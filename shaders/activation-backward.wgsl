// activation-backward: dz = dy · act'(z), value by value
// shapes:              dy, z, dz [rows, WIDTH], each in its own storage type
// work:                a thread computes QUADS vec4 that stand THREADS apart (neighbouring threads read neighbouring words)
// numerics:            f32 (include/activation-slope.wgsl has the formulas); an f16 result beyond ±65504 is NaN
// limits:              WIDTH divisible by 4
// cost:                the three tensors once, some 25 flops a value
// ref:                 src/kernels/activation.ref.ts, cases in src/kernels/activation-backward.cases.ts
//:include in-range

const ACTIVATION: u32 = 1u;
//:include activation
//:include activation-slope

alias dy4 = vec4f;
alias z4 = vec4f;
alias dz4 = vec4f;
const WIDTH: u32 = 768u;
const QUADS: u32 = 4u;
const THREADS: u32 = 64u;

struct Run { rows: u32 }

@group(0) @binding(0) var<storage, read> dy: array<dy4>;
@group(0) @binding(1) var<storage, read> z: array<z4>;
@group(0) @binding(2) var<storage, read_write> dz: array<dz4>;
@group(0) @binding(3) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let count = run.rows * (WIDTH / 4u);
  let first = (wid.y * groups.x + wid.x) * (THREADS * QUADS) + thread;
  for (var q = 0u; q < QUADS; q++) {
    let i = first + q * THREADS;
    if (i < count) {
      let v = vec4f(z[i]);
      let slope = vec4f(slope_of(v.x), slope_of(v.y), slope_of(v.z), slope_of(v.w));
      dz[i] = dz4(in_range4(vec4f(dy[i]) * slope));
    }
  }
}
