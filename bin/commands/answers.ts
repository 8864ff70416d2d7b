import type { Command } from './command.ts';
import { accountOptions } from './installed.ts';

const common = {
  positionals: ['ROLLBACK_ID|SERVICE'],
  options: { reason: { type: 'string', value: 'TEXT', help: 'why; it goes into the report' }, ...accountOptions },
} as const;

export const approve: Command = {
  name: 'approve',
  summary: 'Approves a rollback that asks. Shows the plan first; AWS itself says who you are.',
  ...common,
  examples: [
    {
      line: 'backstep approve checkout --reason "5XX are ours, ask Ann"',
      what: 'The plan that was asked about runs, no other.',
    },
  ],
  run: async (args, io) => (await import('./answer/run.ts')).answer('approve', args, io),
};

export const decline: Command = {
  name: 'decline',
  summary: 'Declines a rollback that asks: it ends, and nothing is changed.',
  ...common,
  examples: [
    {
      line: 'backstep decline checkout-20260115-100604-1f2e3d --reason "a fix comes"',
      what: 'By the id that the notification names.',
    },
  ],
  run: async (args, io) => (await import('./answer/run.ts')).answer('decline', args, io),
};
