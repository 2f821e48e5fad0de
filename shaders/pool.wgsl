// pool:     one vector a sequence from its tokens hidden[first … last], by MODE:
//           0 mean, 1 the first token (CLS), 2 the largest of each column, 3 sum / sqrt(count), 4 mean weighted by the position
//           from 1, 5 the last token. run.skip tokens at the head of each sequence (a prompt) are left out; positions count them.
//           It goes to columns COLUMN … COLUMN + H - 1 of rows of STRIDE: several poolings stand side by side.
//           NORMALIZE (one pooling alone): out[s] / max(‖out[s]‖₂, 1e-12), as torch.nn.functional.normalize
// shapes:   hidden [tokens, H] f32, cu_seqlens [sequences + 1] u32, pooled [sequences, STRIDE] f32
// work:     a workgroup of THREADS a sequence; a thread owns every THREADS-th group of four columns
// numerics: f32; blocks of BLOCK tokens are summed apart, so 8192 tokens lose no precision; fixed order; an empty sequence gives 0
// limits:   H, STRIDE and COLUMN divisible by 4; THREADS a power of two
// cost:     hidden once, out up to three times (from cache); a flop an element
// ref:      src/kernels/pool.ref.ts, cases beside it
//:include finite
//:include row-sum

const H: u32 = 768u;
const MODE: u32 = 0u;
const STRIDE: u32 = 768u;
const COLUMN: u32 = 0u;
const NORMALIZE: bool = true;
const BLOCK: u32 = 64u;
const THREADS: u32 = 128u;
const PER_ROW: u32 = THREADS;

struct Run { sequences: u32, skip: u32 }

@group(0) @binding(0) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(1) var<storage, read> cu_seqlens: array<u32>;
@group(0) @binding(2) var<storage, read_write> pooled: array<vec4f>;
@group(0) @binding(3) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = wid.y * groups.x + wid.x;
  let live = sequence < run.sequences; // no early return: every thread of the workgroup must reach the barriers below
  let begin = cu_seqlens[select(0u, sequence, live)];
  let last = cu_seqlens[select(0u, sequence + 1u, live)];
  let first = min(begin + run.skip, last);
  let count = last - first;
  let start = select(first, last - min(count, 1u), MODE == 5u);
  let stop = select(last, min(first + 1u, last), MODE == 1u);
  let base = sequence * (STRIDE / 4u) + COLUMN / 4u;
  let end = select(0u, H / 4u, live);

  var divisor = 1.0;
  if (MODE == 0u) { divisor = f32(max(count, 1u)); }
  if (MODE == 3u) { divisor = sqrt(f32(max(count, 1u))); }
  // (skip + 1) + … + n, the sum of the weights
  if (MODE == 4u) { divisor = max(f32(count) * (f32(first - begin) + f32(last - begin) + 1.0) * 0.5, 1.0); }

  var squares = vec4f();
  for (var i = thread; i < end; i += THREADS) {
    var sum = vec4f();
    if (MODE == 2u) { sum = hidden[min(first, max(last, 1u) - 1u) * (H / 4u) + i]; }
    for (var block = start; block < stop; block += BLOCK) {
      var part = vec4f();
      for (var t = block; t < min(block + BLOCK, stop); t++) {
        let x = hidden[t * (H / 4u) + i];
        if (MODE == 2u) { sum = max(sum, x); }
        else if (MODE == 4u) { part += x * f32(t - begin + 1u); }
        else { part += x; }
      }
      sum += part;
    }
    let value = select(sum / divisor, vec4f(), count == 0u);
    pooled[base + i] = value;
    squares += value * value;
  }
  if (NORMALIZE) {
    let sum = row_sum(squares.x + squares.y + squares.z + squares.w, thread);
    let norm = if_finite(sum, max(sqrt(sum), 1e-12));
    for (var i = thread; i < end; i += THREADS) { pooled[base + i] = pooled[base + i] / norm; }
  }
}
