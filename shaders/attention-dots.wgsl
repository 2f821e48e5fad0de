// attention-dots: dots[head][row] = sum_d grad[row][head][d] out[row][head][d], what each score's gradient is lowered by in the backward pass of a
// softmax: sum_j p_ij (do_i . v_j) = do_i . o_i (FlashAttention-2, Dao 2023, algorithm 2, line 4)
// shapes:   out, grad [tokens][heads * D] elem (attention's output and its gradient), dots [heads][tokens] f32
// work:     a workgroup of THREADS handles ITEMS pairs of a row and a head; THREADS / ITEMS threads share one
// numerics: f32, fixed order
// limits:   D divisible by 4; THREADS / ITEMS a power of two
// cost:     2 D flops and 2 D elem read a pair
// ref:      src/kernels/attention-back.ref.ts, cases beside it
//:include row-sum

alias elem4 = vec4f;
const D: u32 = 64u;
const HEADS: u32 = 12u;
const ITEMS: u32 = 8u;
const THREADS: u32 = 64u;
const PER_ROW: u32 = THREADS / ITEMS;

struct Run { tokens: u32 }

@group(0) @binding(0) var<storage, read> out: array<elem4>;
@group(0) @binding(1) var<storage, read> grad: array<elem4>;
@group(0) @binding(2) var<storage, read_write> dots: array<f32>;
@group(0) @binding(3) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let item = (wid.y * groups.x + wid.x) * ITEMS + thread / PER_ROW;
  let lane = thread % PER_ROW;
  let live = item < run.tokens * HEADS; // no early return: barriers below want every thread
  let base = select(0u, item, live) * (D / 4u);
  // A bound that is no constant: drivers that unroll short loops take seconds to compile the result.
  let end = select(0u, D / 4u, live);
  var sum = vec4f();
  for (var i = lane; i < end; i += PER_ROW) { sum += vec4f(out[base + i]) * vec4f(grad[base + i]); }
  let dot = row_sum(sum.x + sum.y + sum.z + sum.w, thread);
  if (live && lane == 0u) { dots[item % HEADS * run.tokens + item / HEADS] = dot; }
}
