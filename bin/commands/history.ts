import type { Command } from './command.ts';
import { accountOptions } from './installed.ts';

export const history: Command = {
  name: 'history',
  summary: 'Lists the releases of a service with how they turned out, and its rollbacks.',
  positionals: ['SERVICE'],
  options: { all: { type: 'boolean', help: 'all that are recorded, not the newest five' }, ...accountOptions },
  examples: [
    { line: 'backstep history checkout', what: 'The newest five releases and rollbacks.' },
    { line: 'backstep history checkout --all --json', what: 'The whole ledger, as JSON.' },
  ],
  run: async (args, io) => (await import('./history/run.ts')).showHistory(args, io),
};
