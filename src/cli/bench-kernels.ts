import type { KernelBenchReport } from '../verify/bench-kernels.ts';
import { printable, table } from './format.ts';

/** Longest name of a case in the table, so that a line fits into 100 columns; JSON has it whole. */
const caseWidth = 42;

/** One line a kernel, variant and case. */
export function kernelTable({ adapter, storage, peaks, rows }: KernelBenchReport): string {
  const right = { align: 'right' as const };
  return [
    `activations ${storage}, on ${printable(adapter)}\n`,
    `peaks: ${peaks.gflops.toFixed(1)} GFLOP/s multiply-adds, ${peaks.gigabytesPerSecond.toFixed(1)} GB/s copying\n\n`,
    table(
      [
        ['kernel', 'case', 'ms', 'GFLOP/s', 'GB/s', 'of limit'],
        ...rows.map(row => [
          plain.includes(row.variant) ? row.kernel : `${row.kernel}.${row.variant}`,
          shortened(row.case),
          row.ms === null ? 'refused' : digits(row.ms),
          row.flops === 0 ? '–' : digits(row.gflops),
          digits(row.gigabytesPerSecond),
          row.ofLimit === null ? '–' : `${(100 * row.ofLimit).toFixed(0)} %`,
        ]),
      ],
      [{}, {}, right, right, right, right],
    ),
    ...rows
      .filter(row => row.refused !== undefined)
      .map(row => `REFUSED ${row.kernel}.${row.variant}, ${row.case}: ${printable(row.refused!)}\n`),
  ].join('');
}

/** Variants of kernels that have no other. */
const plain = ['plain', 'columns', 'only'];

const shortened = (name: string) => (name.length > caseWidth ? `${name.slice(0, caseWidth - 1)}…` : name);

/** Three digits. */
function digits(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toFixed(3);
}
