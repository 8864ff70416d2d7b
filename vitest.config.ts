import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Lambda bundles are ES modules and run in their own V8 contexts: node:vm needs the flag for that.
    execArgv: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // The default leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
    reporters: ['default', './test/count-reporter.ts'],
  },
});
