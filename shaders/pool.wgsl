// pool:     out[s] = mean of hidden[cu_seqlens[s] … cu_seqlens[s + 1] - 1], or (CLS) the first of them;
//           NORMALIZE: out[s] / max(‖out[s]‖₂, 1e-12), as torch.nn.functional.normalize
// shapes:   hidden [tokens, H] f32, cu_seqlens [sequences + 1] u32, out [sequences, H] f32
// work:     a workgroup of THREADS a sequence; a thread owns every THREADS-th group of four columns
// numerics: f32; blocks of BLOCK tokens are summed apart, so 8192 tokens cost no digits; fixed order; an empty sequence gives 0
// limits:   H divisible by 4; THREADS a power of two
// cost:     hidden once, out up to three times (from cache); a flop an element
// ref:      src/kernels/pool.ref.ts, cases beside it
//:include run
//:include finite
//:include row-sum

const H: u32 = 768u;
const CLS: bool = false;
const NORMALIZE: bool = true;
const BLOCK: u32 = 64u;
const THREADS: u32 = 128u;
const PER_ROW: u32 = THREADS;

@group(0) @binding(0) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(1) var<storage, read> cu_seqlens: array<u32>;
@group(0) @binding(2) var<storage, read_write> pooled: array<vec4f>;
@group(0) @binding(3) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = wid.y * groups.x + wid.x;
  let live = sequence < run.sequences; // no early return: barriers below want every thread
  let first = cu_seqlens[select(0u, sequence, live)];
  let last = cu_seqlens[select(0u, sequence + 1u, live)];
  let length = last - first;
  let stop = select(last, min(first + 1u, last), CLS);
  let divisor = select(f32(max(length, 1u)), 1.0, CLS);
  let base = sequence * (H / 4u);
  let end = select(0u, H / 4u, live);

  var squares = vec4f();
  for (var i = thread; i < end; i += THREADS) {
    var sum = vec4f();
    for (var block = first; block < stop; block += BLOCK) {
      var part = vec4f();
      for (var t = block; t < min(block + BLOCK, stop); t++) { part += hidden[t * (H / 4u) + i]; }
      sum += part;
    }
    let value = sum / divisor;
    pooled[base + i] = value;
    squares += value * value;
  }
  if (NORMALIZE) {
    let sum = row_sum(squares.x + squares.y + squares.z + squares.w, thread);
    let norm = if_finite(sum, max(sqrt(sum), 1e-12));
    for (var i = thread; i < end; i += THREADS) { pooled[base + i] = pooled[base + i] / norm; }
  }
}
