// quantize: f32 rows → q4 or q8 codes and f16 scales, group by group of 32 along K, as src/weights/quantize.ts chooses them in f64; a group
//           whose result depends on the last bits of f32 is left to the CPU: its scale is UNSURE
// formulas: q4: of 11 scales f = e / −8 · (0.8 + 0.04 t), e the weight of largest magnitude, that with the largest (Σ qx)² / Σ q²,
//               q = clamp(round(x / f), −8, 7); scale = Σ qx / Σ q² in f16; code = clamp(round(x / scale), −8, 7)
//           q8: scale = |e| / 127 in f16, code = clamp(round(x / scale), −127, 127)
// shapes:   values [tokens, K]; codes [tokens, K / 8] words of q4 or [tokens, K / 4] of q8; scales [tokens, K / 32], f16 bits in the low half
// work:     a thread takes one group, all in registers
// numerics: WGSL allows 2.5 ulp for a division and fuses as it likes, so each decision is compared with the bound of its own error. In u = 2^-24:
//           a quotient x / f is right to 14 u of itself (TRIAL: 32 u), x / scale to 6 u (FINAL: 16 u); Σ qx, whose terms have one sign, to
//           13 u for the same y = x · unit, a gain to 32 u, two of them to 64 u (TIE: 128 u); the scale to 25 u, at most 25 ulp (HALF_WAY: 40)
// limits:   K divisible by 32; finite values
// cost:     values, codes and scales once; about 270 flops a weight of q4
// ref:      src/kernels/quantize.ref.ts, cases beside it

const K: u32 = 1024u;
const FORMAT: u32 = 3u; // 2: q8, 3: q4 (formatCode)
const THREADS: u32 = 64u;

const QUADS: u32 = 8u;
const TRIALS: u32 = 11u;
const UNSURE: u32 = 0x10000u;
const TRIAL: f32 = 0.0000019073486328125; // 2^-19
const FINAL: f32 = 0.00000095367431640625; // 2^-20
const TIE: f32 = 0.00000762939453125; // 2^-17
const HALF_WAY: i32 = 40;

struct Run { tokens: u32 }

@group(0) @binding(0) var<storage, read> values: array<vec4u>; // f32 bits: magnitudes are compared as integers, which loses no subnormal
@group(0) @binding(1) var<storage, read_write> codes: array<u32>;
@group(0) @binding(2) var<storage, read_write> scales: array<u32>;
@group(0) @binding(3) var<uniform> run: Run;

// The first value of largest magnitude, as bits.
fn larger(a: u32, b: u32) -> u32 { return select(a, b, (b & 0x7fffffffu) > (a & 0x7fffffffu)); }

// How far the quotients are from the nearest point where rounding would give another code, less `bound` times the quotient. Past the outermost codes there is no such point.
fn room(r: vec4f, bound: f32, lowest: f32, highest: f32) -> f32 {
  let gap = abs(r - floor(r) - 0.5) - bound * abs(r);
  let far = select(gap, vec4f(1.0), (r <= vec4f(lowest)) | (r >= vec4f(highest)));
  return min(min(far.x, far.y), min(far.z, far.w));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let g = (wid.y * groups.x + wid.x) * THREADS + thread;
  if (g >= run.tokens * (K / 32u)) { return; }

  var x: array<vec4f, 8>;
  var extreme_bits = 0u;
  for (var i = 0u; i < QUADS; i++) {
    let bits = values[g * QUADS + i];
    extreme_bits = larger(larger(larger(larger(extreme_bits, bits.x), bits.y), bits.z), bits.w);
    x[i] = bitcast<vec4f>(bits);
  }
  let magnitude = extreme_bits & 0x7fffffffu;
  let extreme = bitcast<f32>(extreme_bits);
  // 2^-30 … 2^30: no product below underflows or overflows, whatever a driver does with subnormals.
  var unsure = magnitude < 0x30800000u || magnitude > 0x4e800000u;

  var wanted = abs(extreme) / 127.0;
  if (FORMAT == 3u) {
    let unit = -8.0 / extreme;
    var best = -1.0;
    var second = -1.0;
    var best_qy = 0.0;
    var best_qq = 1.0;
    var spare = 1.0;
    // The bound depends on the run on purpose: drivers that compile for the CPU would unroll all trials.
    let trials = select(0u, TRIALS, run.tokens > 0u);
    for (var t = 0u; t < trials; t++) {
      let factor = unit / (0.8 + 0.04 * f32(t));
      var qy = 0.0;
      var qq = 0.0;
      for (var i = 0u; i < QUADS; i++) {
        let r = x[i] * factor;
        let q = clamp(round(r), vec4f(-8.0), vec4f(7.0));
        spare = min(spare, room(r, TRIAL, -8.0, 7.0));
        qy += dot(q, x[i] * unit);
        qq += dot(q, q);
      }
      let gain = qy * qy / qq;
      if (gain > best) {
        second = best;
        best = gain;
        best_qy = qy;
        best_qq = qq;
      } else if (qy != best_qy || qq != best_qq) { // the same codes again are no other choice
        second = max(second, gain);
      }
    }
    unsure = unsure || spare <= 0.0 || second > best * (1.0 - TIE);
    wanted = extreme * -0.125 * (best_qy / best_qq);
  }

  // f32 → f16 as toF16Bits does; subnormal and infinite halves are left to the CPU.
  let wanted_bits = bitcast<u32>(wanted);
  let m = wanted_bits & 0x7fffffffu;
  unsure = unsure || m < 0x38800000u || m >= 0x477fe000u || abs(i32(m & 0x1fffu) - 0x1000) < HALF_WAY;
  let half = (m - 0x38000000u + 0xfffu + ((m >> 13u) & 1u)) >> 13u;
  let sign = wanted_bits & 0x80000000u;
  let inverse = 1.0 / bitcast<f32>(sign | ((half << 13u) + 0x38000000u));

  // A group of zeros is sure; an unsure one stores zeros.
  let zero = magnitude == 0u;
  unsure = unsure && !zero;
  var spare = 1.0;
  var words: array<u32, 8>;
  for (var i = 0u; i < QUADS; i++) {
    let r = x[i] * inverse;
    if (FORMAT == 3u) {
      spare = min(spare, room(r, FINAL, -8.0, 7.0));
      let q = vec4u(clamp(round(r), vec4f(-8.0), vec4f(7.0)) + 8.0);
      words[i] = q.x | (q.y << 4u) | (q.z << 8u) | (q.w << 12u);
    } else {
      spare = min(spare, room(r, FINAL, -127.0, 127.0));
      let q = vec4u(vec4i(clamp(round(r), vec4f(-127.0), vec4f(127.0)))) & vec4u(0xffu);
      words[i] = q.x | (q.y << 8u) | (q.z << 16u) | (q.w << 24u);
    }
  }
  unsure = unsure || (!zero && spare <= 0.0);
  scales[g] = select(select((sign >> 16u) | half, 0u, zero), UNSURE, unsure);
  if (FORMAT == 3u) {
    let empty = select(0x88888888u, 0u, unsure);
    for (var i = 0u; i < QUADS; i += 2u) {
      codes[(g * QUADS + i) / 2u] = select(words[i] | (words[i + 1u] << 16u), empty, zero || unsure);
    }
  } else {
    for (var i = 0u; i < QUADS; i++) { codes[g * QUADS + i] = select(words[i], 0u, zero || unsure); }
  }
}
