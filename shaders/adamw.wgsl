// adamw:    one step of AdamW on n parameters, after clipping all gradients together to the norm run.clip; the gradient is zeroed
// formula:  g' = g · unscale · min(1, clip / (‖g‖ · unscale + 1e-6));  m = β₁ m + (1 - β₁) g';  v = β₂ v + (1 - β₂) g'²
//           p = p · keep - step · m / (√v / root + EPS), with keep = 1 - lr/peak · decay, step = lr / (1 - β₁ᵗ), root = √(1 - β₂ᵗ)
//           (Loshchilov and Hutter, Decoupled weight decay; DecoupledAdamW of Composer; clip_grad_norm_ of PyTorch)
// shapes:   p, g, m, v [n] f32, squares [1] f32: ‖g‖² of all parameters' gradients
// work:     a thread handles QUADS values that stand THREADS apart
// numerics: f32; where ‖g‖² is not finite, p, m and v stay as they are
// cost:     four tensors read and written, ~14 flops a parameter
// ref:      src/kernels/adamw.ref.ts, cases beside it
//:include finite

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.98;
const EPS: f32 = 0.000001;
const CLIP_EPS: f32 = 0.000001;
const DECAY: bool = true;
const QUADS: u32 = 4u;
const THREADS: u32 = 64u;

struct Run { n: u32, step: f32, root: f32, keep: f32, clip: f32, unscale: f32 }

@group(0) @binding(0) var<storage, read_write> p: array<f32>;
@group(0) @binding(1) var<storage, read_write> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
@group(0) @binding(4) var<storage, read> squares: array<f32>;
@group(0) @binding(5) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let square = squares[0];
  let sound = is_finite(bitcast<u32>(square));
  let factor = run.unscale * min(1.0, run.clip / (sqrt(square) * run.unscale + CLIP_EPS));
  let first = (wid.y * groups.x + wid.x) * (THREADS * QUADS) + thread;
  for (var q = 0u; q < QUADS; q++) {
    let i = first + q * THREADS;
    if (i < run.n) {
      if (sound) {
        let clipped = g[i] * factor;
        let mean = BETA1 * m[i] + (1.0 - BETA1) * clipped;
        let variance = BETA2 * v[i] + (1.0 - BETA2) * clipped * clipped;
        m[i] = mean;
        v[i] = variance;
        p[i] = select(p[i], p[i] * run.keep, DECAY) - run.step * mean / (sqrt(variance) / run.root + EPS);
      }
      g[i] = 0.0;
    }
  }
}
