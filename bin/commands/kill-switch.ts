import type { Command } from './command.ts';
import { accountOptions } from './installed.ts';

export const pause: Command = {
  name: 'pause',
  summary: 'Turns the kill switch on: nothing rolls back by itself, and a rollback under way halts.',
  positionals: ['[SERVICE]'],
  options: { reason: { type: 'string', value: 'TEXT', help: 'why, and until when' }, ...accountOptions },
  examples: [
    { line: 'backstep pause --reason "migration until 18:00, ask Ann"', what: 'For the whole environment.' },
    { line: 'backstep pause checkout --reason "load test"', what: 'For one service.' },
  ],
  run: async (args, io) => (await import('./kill-switch/run.ts')).flip('on', args, io),
};

export const resume: Command = {
  name: 'resume',
  summary: 'Turns the kill switch off again.',
  positionals: ['[SERVICE]'],
  options: accountOptions,
  examples: [
    { line: 'backstep resume', what: 'For the whole environment; switches of single services stay as they are.' },
    { line: 'backstep resume checkout', what: 'For one service.' },
  ],
  run: async (args, io) => (await import('./kill-switch/run.ts')).flip('off', args, io),
};
