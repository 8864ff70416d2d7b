import type { Command } from './command.ts';
import { accountOptions } from './installed.ts';

export const status: Command = {
  name: 'status',
  summary: 'Shows what runs, what is being rolled back, who is asked, and which alarms are on.',
  positionals: ['[SERVICE]'],
  options: accountOptions,
  examples: [
    { line: 'backstep status', what: 'Every service of the environment.' },
    { line: 'backstep status checkout --json', what: 'One service, as JSON.' },
  ],
  run: async (args, io) => (await import('./status/run.ts')).showStatus(args, io),
};
