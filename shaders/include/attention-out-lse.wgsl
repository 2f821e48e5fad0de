// What attention leaves beside o, for a backward pass: lse[head][row] = log(sum_j exp(q_row . k_j / sqrt(D))) over the visible keys, f32.
const KEEPS_LSE: bool = true;

@group(0) @binding(3) var<storage, read_write> lse: array<f32>;
@group(0) @binding(4) var<uniform> run: Run;

// highest: the largest score times log2(e); total: the sum of exp2(score log2(e) - highest).
fn keep_lse(at: u32, highest: f32, total: f32) { lse[at] = (highest + log2(total)) * 0.69314718; }
