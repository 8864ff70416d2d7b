import type { Command } from './command.ts';
import { accountOptions } from './installed.ts';

export const watch: Command = {
  name: 'watch',
  summary: 'Follows a rollback that somebody or an alarm has started, from its beginning.',
  positionals: ['[SERVICE|ROLLBACK_ID|EXECUTION_ARN]'],
  options: accountOptions,
  examples: [
    { line: 'backstep watch checkout', what: 'The rollback under way, or the newest one. Ctrl-C leaves it alone.' },
    { line: 'backstep watch checkout-20260115-100604-1f2e3d', what: 'One rollback.' },
  ],
  run: async (args, io) => (await import('./watch/run.ts')).watchRollback(args, io),
};
