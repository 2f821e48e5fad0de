// dropout:  y = x · mask / (1 - p), or y += that (ADD); mask is 0 with probability p. The same kernel is its own backward pass.
// formula:  an element is dropped where hash(run.seed, STREAM, its index) < DROPPED, with DROPPED = p · 2³². So the mask is drawn again where it is
//           needed, and stored nowhere. The hash is murmur3's finaliser over the three words (random.ts in src/training mixes likewise).
// shapes:   x, y [tokens, WIDTH]
// work:     a thread handles QUADS values that stand THREADS apart
// numerics: f32; beyond f16 NaN (include/in-range.wgsl)
// cost:     x read, y written (and read with ADD), ~12 integer operations and one product a value
// ref:      src/kernels/dropout.ref.ts, cases beside it
//:include in-range

alias source = f32;
alias result = f32;
const WIDTH: u32 = 768u;
const STREAM: u32 = 0u;
const DROPPED: u32 = 429496730u;
const SCALE: f32 = 1.1111111;
const ADD: bool = true;
const QUADS: u32 = 4u;
const THREADS: u32 = 64u;

struct Run { tokens: u32, seed: u32 }

@group(0) @binding(0) var<storage, read> x: array<source>;
@group(0) @binding(1) var<storage, read_write> y: array<result>;
@group(0) @binding(2) var<uniform> run: Run;

fn mixed(value: u32) -> u32 {
  var h = value + 0x9e3779b9u;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first = (wid.y * groups.x + wid.x) * (THREADS * QUADS) + thread;
  let stream = mixed((mixed(run.seed) * 5u) ^ STREAM);
  for (var q = 0u; q < QUADS; q++) {
    let i = first + q * THREADS;
    if (i < run.tokens * WIDTH) {
      var value = select(f32(x[i]) * SCALE, 0.0, mixed((stream * 5u) ^ i) < DROPPED);
      if (ADD) { value += f32(y[i]); }
      y[i] = result(in_range(value));
    }
  }
}
