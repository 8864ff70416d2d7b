import { productionPhrase } from '../../lib/domain/names.ts';
import type { Command } from './command.ts';
import { accountOptions } from './installed.ts';
import { planOptions } from './rollback/input.ts';

export const rollback: Command = {
  name: 'rollback',
  summary: 'Rolls a service back, and shows how it goes.',
  positionals: ['[SERVICE]'],
  options: {
    ...planOptions,
    'dry-run': { type: 'boolean', help: 'only plan' },
    confirm: {
      type: 'string',
      value: 'PHRASE',
      help: `"${productionPhrase}": in production nothing is changed without it`,
    },
    yes: { type: 'boolean', help: 'ask no question; in production the phrase is needed all the same' },
    direct: { type: 'boolean', help: 'without Step Functions: this command carries it out, and stays until the end' },
    approve: { type: 'boolean', help: 'with --direct and --reason: answers yes where a person would be asked' },
    'take-over': {
      type: 'string',
      value: 'ROLLBACK_ID',
      help: 'with --direct: takes the lock from this rollback, which Step Functions does not carry on',
    },
    ...accountOptions,
  },
  examples: [
    {
      line: 'backstep rollback checkout',
      what: 'On a terminal: show the plan, ask, roll back, watch. Elsewhere in production: only plan.',
    },
    {
      line: `backstep rollback checkout --confirm "${productionPhrase}"`,
      what: 'Start at once. Ctrl-C leaves the rollback running and says how to come back.',
    },
    {
      line: `backstep rollback checkout --direct --confirm "${productionPhrase}"`,
      what: 'When Step Functions is what is broken. Keep the terminal open: nothing else goes on.',
    },
    { line: 'backstep rollback checkout --to v2.14.3 --dry-run --json', what: 'Only plan, as JSON.' },
  ],
  run: async (args, io) => (await import('./rollback/run.ts')).rollBack(args, io),
};
