// What attention leaves beside o: nothing. include/attention-out-lse.wgsl stands in its place where the log-sum-exp is wanted.
const KEEPS_LSE: bool = false;

@group(0) @binding(3) var<uniform> run: Run;

fn keep_lse(at: u32, highest: f32, total: f32) {}
