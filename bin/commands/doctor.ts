import type { Command } from './command.ts';
import { accountOptions } from './installed.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Looks for what would stand in the way of a rollback.',
  positionals: ['[SERVICE]'],
  options: accountOptions,
  examples: [
    {
      line: 'backstep doctor',
      what: 'Every service. 1 where something is found, 2 where one could not be rolled back.',
    },
    { line: 'backstep doctor checkout --json', what: 'One service, as JSON.' },
  ],
  run: async (args, io) => (await import('./doctor/run.ts')).examine(args, io),
};
