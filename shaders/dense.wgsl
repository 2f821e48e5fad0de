// dense:    y[s, n] = act(bias[n] + Σ_k x[s, k] · w[k, n]) (RESIDUAL: + x[s, n]), the Dense module of sentence-transformers
// shapes:   x [sequences, X_STRIDE] f32, w [K, N4] f32 (transposed: neighbouring threads read neighbouring words), bias [N4] f32,
//           y [sequences, N4] f32; N4 is N rounded up to a multiple of 4, and columns N … N4 - 1 of y are 0
// work:     a thread owns four columns of ROWS sequences
// numerics: f32; blocks of BLOCK products are summed apart; fixed order
// limits:   X_STRIDE divisible by 4 and at least K
// cost:     w once for every ROWS sequences; 2 K N flops a sequence
// ref:      src/kernels/dense.ref.ts, cases beside it
//:include activation

const K: u32 = 768u;
const N: u32 = 256u;
const X_STRIDE: u32 = 768u;
const HAS_BIAS: bool = true;
const RESIDUAL: bool = false;
const ACTIVATION: u32 = 0u; // those of activation.wgsl, and 5 tanh, 6 sigmoid, 7 leaky relu (0.01)
const ROWS: u32 = 4u;
const BLOCK: u32 = 64u;
const THREADS: u32 = 64u;
const N4: u32 = (N + 3u) / 4u; // groups of four columns

struct Run { sequences: u32 }

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> run: Run;

fn act(v: f32) -> f32 {
  if (ACTIVATION == 5u) {
    // Near 0 the series, as 1 - e^(-2|v|) would lose precision.
    let square = v * v;
    let small = v * (1.0 + square * (-0.33333334 + square * (0.13333334 - square * 0.053968254)));
    let e = exp(-2.0 * abs(v));
    return select(sign(v) * (1.0 - e) / (1.0 + e), small, square < 0.04);
  }
  if (ACTIVATION == 6u) { return 1.0 / (1.0 + exp(min(-v, 80.0))); }
  if (ACTIVATION == 7u) { return select(v, 0.01 * v, v < 0.0); }
  return activate(v);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let group = id.x;
  let first = id.y * ROWS;
  if (group >= N4) { return; }
  for (var s = first; s < min(first + ROWS, run.sequences); s++) {
    var sum = vec4f();
    for (var block = 0u; block < K; block += BLOCK) {
      var part = vec4f();
      // The bound depends on the run on purpose: drivers unroll short loops, and take seconds to compile the result.
      let end = select(0u, min(block + BLOCK, K), s < run.sequences);
      for (var k = block; k < end; k++) { part += x[s * X_STRIDE + k] * w[k * N4 + group]; }
      sum += part;
    }
    if (HAS_BIAS) { sum += bias[group]; }
    for (var c = 0u; c < 4u; c++) {
      let n = 4u * group + c;
      var value = act(sum[c]);
      if (RESIDUAL) { value += x[s * X_STRIDE + min(n, K - 1u)]; }
      sum[c] = select(0.0, value, n < N);
    }
    y[s * N4 + group] = sum;
  }
}
