import type { Command } from './command.ts';
import { accountOptions } from './installed.ts';
import { planOptions } from './rollback/input.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'Shows what a rollback of a service would do, and changes nothing.',
  positionals: ['SERVICE'],
  options: { ...planOptions, ...accountOptions },
  examples: [
    { line: 'backstep plan checkout', what: 'Target, checks, actions, and the command that would do it.' },
    {
      line: 'backstep plan checkout --to revision-41 --strategy canary',
      what: 'The same for a target and a strategy of your own.',
    },
  ],
  run: async (args, io) => (await import('./rollback/run.ts')).showPlan(args, io),
};
