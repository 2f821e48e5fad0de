/** Reporter for Playwright that counts for e2e/run.ts, with the reason of each skip. */
import type { FullConfig, Reporter, Suite, TestError } from '@playwright/test/reporter';
import { addSkip, emptyCount, leaveCount } from './count.ts';

export default class PlaywrightCount implements Reporter {
  #suite: Suite | null = null;
  #errors: string[] = [];

  onBegin(_: FullConfig, suite: Suite): void {
    this.#suite = suite;
  }

  onError(error: TestError): void {
    this.#errors.push(error.message ?? String(error.value));
  }

  onEnd(): void {
    const count = emptyCount();
    count.failed.push(...this.#errors);
    for (const test of this.#suite?.allTests() ?? []) {
      const outcome = test.outcome();
      const name = test.titlePath().filter(Boolean).join(' > ');
      // A test that passed only at the second try counts as failed.
      if (outcome === 'expected') count.passed++;
      else if (outcome === 'skipped' && test.results.length > 0) {
        addSkip(count, test.annotations.find(({ type }) => type === 'skip')?.description ?? 'no reason given');
      } else count.failed.push(outcome === 'skipped' ? `${name}: did not run` : name);
    }
    leaveCount(count);
  }

  printsToStdio(): boolean {
    return false;
  }
}
