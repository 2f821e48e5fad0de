// fma-peak: how many multiply-adds a second this adapter can do at best: three vec4 chains in registers, no memory
// shapes:   y [workgroups × THREADS] f32, written only so that the loop may not be removed
// work:     one thread, STEPS × UNROLL × 3 × 4 multiply-adds; the inner loop is short and constant, so compilers unroll it:
//           without that, lavapipe applies its execution mask to the chains on every turn and reaches half its peak
// numerics: x ← x · a + b with a = 1, b = step: exact in f32 while the sums stay under 2^24
// limits:   grid = run.workgroups
// cost:     24 STEPS × UNROLL flops a thread
// ref:      src/kernels/fma-peak.ref.ts, cases beside it

const STEPS: u32 = 512u;
const UNROLL: u32 = 8u;
const THREADS: u32 = 64u;

struct Run { workgroups: u32 }

@group(0) @binding(0) var<storage, read> factor: array<f32>; // [2]: a and b, read from memory so that the compiler does not know them
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(factor[0]);
  let b = vec4f(factor[1]);
  var p = vec4f(f32(id.x % 7u));
  var q = p + 1.0;
  var r = p + 2.0;
  for (var i = 0u; i < STEPS; i++) {
    for (var u = 0u; u < UNROLL; u++) {
      p = fma(p, a, b);
      q = fma(q, a, b);
      r = fma(r, a, b);
    }
  }
  let sum = p + q + r;
  if (id.x < run.workgroups * THREADS) { y[id.x] = sum.x + sum.y + sum.z + sum.w; }
}
