// cross-entropy-backward: the gradient of a chunk of logits: (softmax(x) - [column = label]) · run.scale
// formula:  d(m + ln Σ e^(x-m) - x[label]) / dx = softmax(x) - onehot(label); run.scale is 1 / labels for their mean, times the loss's scale
// shapes:   logits [rows, C] f32: columns run.first_column … of the vocabulary; labels [rows] u32; stats [rows] of cross-entropy-stats.wgsl over
//           the whole vocabulary; dlogits [rows, STRIDE] elem, zeros from column C on
// work:     a thread writes QUADS values that stand THREADS apart
// numerics: f32, beyond f16 NaN (include/in-range.wgsl); a row with a logit that is not finite has NaN as its gradient, so that the step is skipped and nobody trains on a guess
// cost:     logits and their gradient once, one exp and 4 flops each
// ref:      src/kernels/cross-entropy.ref.ts, cases in cross-entropy-backward.cases.ts
//:include in-range

alias elem = f32;
const C: u32 = 4096u;
const STRIDE: u32 = 4096u;
const QUADS: u32 = 4u;
const THREADS: u32 = 64u;

struct Run { rows: u32, first_column: u32, scale: f32 }

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> labels: array<u32>;
@group(0) @binding(2) var<storage, read> stats: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dlogits: array<elem>;
@group(0) @binding(4) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first = (wid.y * groups.x + wid.x) * (THREADS * QUADS) + thread;
  for (var q = 0u; q < QUADS; q++) {
    let i = first + q * THREADS;
    let row = i / STRIDE;
    let column = i % STRIDE;
    if (row < run.rows) {
      let s = stats[row];
      var d = 0.0;
      if (column < C) {
        d = exp(logits[row * C + column] - s.x) / s.y;
        // The column's token; below first_column the label wraps to a large number.
        if (labels[row] - run.first_column == column) { d -= 1.0; }
      }
      let bits = select(0x7fc00000u, bitcast<u32>(d * run.scale), s.w == 0.0);
      dlogits[i] = elem(in_range(bitcast<f32>(bits)));
    }
  }
}
