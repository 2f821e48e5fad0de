// Sum over the PER_ROW threads that share a row, by a tree in fixed order. Every thread of the workgroup must call it.
// The file that includes this declares THREADS and PER_ROW (a power of two; 1 touches no workgroup memory).
var<workgroup> partial: array<f32, THREADS>;

fn row_sum(value: f32, thread: u32) -> f32 {
  if (PER_ROW == 1u) { return value; }
  workgroupBarrier(); // the last sum is read by all before it is overwritten
  partial[thread] = value;
  for (var stride = PER_ROW / 2u; stride > 0u; stride /= 2u) {
    workgroupBarrier();
    if (thread % PER_ROW < stride) { partial[thread] += partial[thread + stride]; }
  }
  workgroupBarrier();
  return partial[thread - thread % PER_ROW];
}
