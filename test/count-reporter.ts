import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with the one line that CI reads: `N passed, N failed`, and what was skipped where something was. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    // An error outside of a test has failed the run although no test says so.
    let failed = errors.length;
    let skipped = 0;
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      const failures = states.filter((state) => state === 'failed').length;
      passed += states.filter((state) => state === 'passed').length;
      // A module whose import or hook failed has skipped tests and no failed one.
      failed += failures === 0 && module.state() === 'failed' ? 1 : failures;
      skipped += states.filter((state) => state !== 'passed' && state !== 'failed').length;
    }
    // The default reporter writes its summary without waiting; this line must come after it.
    process.on('exit', () => {
      process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    });
  }
}
