// watch:    flags[segment] |= FLAG where a number of the segment's rows is NaN or infinite
// shapes:   values [rows, WIDTH] f32, or f16 (HALF); cu_seqlens [sequences + 1]; flags [..] u32, zeroed before
//           A segment is row s or, with TEXT, the rows cu_seqlens[s] … cu_seqlens[s + 1] − 1; it goes to flags[first_segment + s]
// work:     PARTS workgroups a segment; a thread reads four words at a time. Nothing is written if all numbers are finite
// numerics: on the bits (include/finite.wgsl), so f16 needs no shader-f16 here: exact
// limits:   a row is a whole number of four words
// cost:     the values once
// ref:      src/kernels/watch.cases.ts

const WIDTH: u32 = 768u;
const HALF: bool = false;
const TEXT: bool = true;
const FLAG: u32 = 1u;
const PARTS: u32 = 16u;
const THREADS: u32 = 256u;

const QUADS: u32 = select(WIDTH / 4u, WIDTH / 8u, HALF); // vec4u a row
const HIGH: u32 = select(0x7f800000u, 0x7c000000u, HALF); // the exponent, of the upper half with HALF
const LOW: u32 = select(0xffffffffu, 0x7c00u, HALF); // that of the lower half; else nothing is equal to it

struct Run { segments: u32, first_segment: u32 }

@group(0) @binding(0) var<storage, read> values: array<vec4u>;
@group(0) @binding(1) var<storage, read> cu_seqlens: array<u32>;
@group(0) @binding(2) var<storage, read_write> flags: array<atomic<u32>>;
@group(0) @binding(3) var<uniform> run: Run;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) wid: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = wid.y * groups.x + wid.x;
  let segment = index / PARTS;
  if (segment >= run.segments) { return; }
  var first = segment;
  var last = segment + 1u;
  if (TEXT) {
    first = cu_seqlens[segment];
    last = cu_seqlens[segment + 1u];
  }
  var found = false;
  for (var i = first * QUADS + (index % PARTS) * THREADS + thread; i < last * QUADS; i += PARTS * THREADS) {
    let bits = values[i];
    found = found || any((bits & vec4u(HIGH)) == vec4u(HIGH)) || (HALF && any((bits & vec4u(LOW)) == vec4u(LOW)));
  }
  if (found) { atomicOr(&flags[run.first_segment + segment], FLAG); }
}
