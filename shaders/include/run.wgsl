// The numbers that change from run to run; src/gpu/run.ts packs them in this order.
struct Run {
  tokens: u32,      // packed tokens of all sequences
  sequences: u32,
  rows: u32,        // rows of this pass through the head
  first_row: u32,   // index of the pass's first row in the request
  pairs: u32,       // (row, token) pairs to score in this pass
  first_pair: u32,
  top_k: u32,
  tiles: u32,       // query tiles of the attention kernel
  skip: u32,        // tokens at the head of each sequence that a pooling leaves out (a prompt)
  first_group: u32, // of the kernel's workgroups along its rows, when a dispatch is parted in windows; else 0
}
