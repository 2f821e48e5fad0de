/** Mutants that no case can kill, because nothing that a kernel gives changes: known by their kernel and line, each with its reason. */
import type { Mutant } from './mutants.ts';

interface Equivalent {
  kernel: string;
  /** The line of the mutant, and where it is empty or not alone the line above it; without the spaces around. */
  after: string;
  above?: string;
  why: string;
}

const equivalents: readonly Equivalent[] = [
  {
    kernel: 'topk-select',
    after: 'if (thread != 0u) {',
    why: '255 threads write the same three values that thread 0 would, before the same barrier',
  },
  {
    kernel: 'topk-select',
    after: 'for (var pass_index = 0u; pass_index <= 4u + ID_PASSES; pass_index++) {',
    why: 'one more digit of the id, which is 0 for every id: all fall into bin 0, and the threshold gets a 0 more',
  },
  {
    kernel: 'topk-select',
    after: 'for (var reach = 1u; reach <= THREADS; reach *= 2u) {',
    why: 'in the step more, of THREADS, no thread has a neighbour so far away',
  },
  {
    kernel: 'topk-select',
    after: 'for (var reach = 1u; reach + 1 < THREADS; reach *= 2u) {',
    why: 'the last step is 128: 129 is less than 256 as well',
  },
  {
    kernel: 'topk-select',
    after: '',
    above: 'if (thread + reach < THREADS) { sum += at_least[thread + reach]; }',
    why: 'lavapipe runs the threads in rising order, and each reads above itself only; src/kernels/races.test.ts finds it',
  },
  {
    kernel: 'topk-select',
    after: 'while (size <= count) { size *= 2u; }',
    why: 'where count is a power of two, as many places that rank last are sorted with it; no more than 1000 are asked for (topk-limit.ts), so they fit',
  },
  {
    kernel: 'topk-select',
    after: 'for (var i = thread; i <= size; i += THREADS) { winners[i] = NONE; }',
    why: 'one place more is cleared, behind those that are sorted',
  },
  {
    kernel: 'topk-select',
    after: 'for (var pair = thread; pair <= size / 2u; pair += THREADS) {',
    why: 'one pair more is sorted, behind those that are read',
  },
  {
    kernel: 'column-sum',
    after: 'let end = select(0u, (run.rows + BLOCK - 1u) / BLOCK, n <= N);',
    why: 'the column behind the last is summed, and not written',
  },
  {
    kernel: 'column-sum',
    after: 'if (part == 0u && n <= N) { y[n] += sum; }',
    why: 'the column behind the last has the sum 0, which is added to whatever stands there',
  },
  {
    kernel: 'layernorm-backward',
    after: 'let named = select(row, row_index[select(0u, row, live || GATHER)], GATHER);',
    why: 'only another index is read where none is used: in a row that is not live, or without GATHER',
  },
];

/** Why this mutant changes nothing; undefined for all others. */
export function equivalence(kernel: string, { after, above }: Mutant): string | undefined {
  return equivalents.find(
    e => e.kernel === kernel && e.after === after.trim() && (e.above === undefined || e.above === withoutComment(above)),
  )?.why;
}

function withoutComment(line: string): string {
  return line.replace(/\/\/.*$/, '').trim();
}
