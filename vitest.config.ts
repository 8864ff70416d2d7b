import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    execArgv: [
      // Lambda bundles are ES modules and run in their own V8 contexts: node:vm needs the flag for that.
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      // A rollback starts a dozen contexts that live for seconds. With V8's defaults a quarter of its time goes into moving
      // their young objects about, and another into optimizing code that is thrown away right after.
      '--max-semi-space-size=64',
      '--interrupt-budget=1000000',
    ],
    // A whole rollback takes seconds of two free cores, and many times that where they are shared.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // The default leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
    reporters: ['default', './test/count-reporter.ts'],
  },
});
