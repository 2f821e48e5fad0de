/** Reporter for Vitest that counts for e2e/run.ts, with the reason of each skip. */
import type { Reporter, TestModule } from 'vitest/node';
import { addSkip, emptyCount, leaveCount } from './count.ts';

export default class VitestCount implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message: string }[]): void {
    const count = emptyCount();
    for (const module of modules) {
      const file = module.relativeModuleId;
      for (const error of module.errors()) count.failed.push(`${file}: ${error.message}`);
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) count.failed.push(`${file} > ${suite.fullName}: ${error.message}`);
      }
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') count.passed++;
        else if (result.state === 'failed') count.failed.push(`${file} > ${test.fullName}`);
        else if (result.state === 'skipped') addSkip(count, result.note ?? test.fullName);
        else count.failed.push(`${file} > ${test.fullName}: did not run`);
      }
    }
    for (const { message } of unhandled) count.failed.push(`unhandled error: ${message}`);
    leaveCount(count);
  }
}
