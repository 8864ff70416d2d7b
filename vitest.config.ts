import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    execArgv: [
      // Lambda bundles are ES modules and run in their own V8 contexts: node:vm needs the flag for that.
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      // A rollback starts a dozen contexts that live for seconds. With V8's defaults half of its time goes into moving their
      // young objects about, optimizing code that is thrown away right after, and compiling the same functions once for
      // every context: compiled eagerly, they come out of the bundles' code cache.
      '--max-semi-space-size=64',
      '--interrupt-budget=1000000',
      '--no-lazy',
      '--always-sparkplug',
    ],
    // A whole rollback takes seconds of two free cores, and many times that where they are shared.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Files share a process, so that a bundle is compiled once and not once a file. No test changes what another sees.
    isolate: false,
    // The default leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
    reporters: ['default', './test/count-reporter.ts'],
  },
});
