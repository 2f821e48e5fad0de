/** The counts of a stage of the tests, and the file in which the reporters of Vitest and Playwright pass them to the runner. */
import { writeFileSync } from 'node:fs';

export interface Count {
  passed: number;
  /** Full names of what failed. */
  failed: string[];
  /** Reason → how many. */
  skipped: Record<string, number>;
}

export const emptyCount = (): Count => ({ passed: 0, failed: [], skipped: {} });

export function addSkip(count: Count, reason: string): void {
  count.skipped[reason] = (count.skipped[reason] ?? 0) + 1;
}

export const skippedTotal = (count: Count): number => Object.values(count.skipped).reduce((sum, n) => sum + n, 0);

/** Environment variable with the file that a reporter writes to. */
export const countFileVariable = 'AFFINAGE_COUNT_FILE';

/** Writes `count` for the runner; does nothing if no runner asked for it. */
export function leaveCount(count: Count): void {
  const file = process.env[countFileVariable];
  if (file) writeFileSync(file, JSON.stringify(count));
}

/**
 * The final count of a stage. `exitCode` 0 with no test is a failure, and so is another exit code that no failed test explains:
 * a file that did not load, a hook, a crash.
 */
export function judgeCount(count: Count, exitCode: number | null, stage: string): Count {
  const failed = [...count.failed];
  if (exitCode !== 0 && failed.length === 0)
    failed.push(`${stage}: ended with ${exitCode === null ? 'a signal' : `exit code ${exitCode}`}`);
  if (exitCode === 0 && count.passed + failed.length === 0) failed.push(`${stage}: ran no test`);
  return { ...count, failed };
}

/** The last line of `npm test`. */
export function verdict(counts: readonly Count[]): string {
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed.length, 0);
  const skipped = counts.reduce((sum, count) => sum + skippedTotal(count), 0);
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
