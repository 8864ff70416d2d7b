import type { Command, CommandGroup } from './command.ts';
import { accountOptions } from './installed.ts';

const side = { type: 'string', value: 'NAME', help: 'which side or companion, where the service has several' } as const;

const register: Command = {
  name: 'release register',
  summary:
    'Tells Backstep, from a pipeline, what a release is. Before, during or after its deployment, and as often as you like.',
  positionals: ['SERVICE'],
  options: {
    version: { type: 'string', value: 'VERSION', help: 'what you call it, e.g. 2.14.4' },
    commit: { type: 'string', value: 'SHA', help: 'the commit that it was built from, 7 to 40 hexadecimal digits' },
    'task-definition': {
      type: 'string',
      value: 'ARN',
      help: 'its task definition, as an ARN or family:revision; give it in a pipeline. Without it, the one that the service is on or goes to',
    },
    side,
    deployment: {
      type: 'string',
      value: 'ID',
      help: 'only this deployment of the task definition (ecs-svc/...), where you deploy other images under the same one',
    },
    migrations: {
      type: 'string',
      value: 'LIST',
      help: 'database migrations that come with it, name=kind,...; kinds: additive, destructive, none. Or only: none',
      repeats: true,
    },
    'schema-version': { type: 'string', value: 'TEXT', help: 'of the database, once they have run' },
    configuration: {
      type: 'string',
      value: 'NAME=ID',
      help: 'version id of a parameter, secret or other configuration that it reads; never a value',
      repeats: true,
    },
    ...accountOptions,
  },
  examples: [
    {
      line: 'backstep release register checkout --version 2.14.4 --commit 1a2b3c4 --migrations none',
      what: 'Of the task definition that the service is on now.',
    },
    {
      line: 'backstep release register checkout --task-definition checkout:43 --migrations 0042_add_index=additive',
      what: 'Before it is deployed. A destructive migration blocks rollbacks to the releases before it.',
    },
    {
      line: 'backstep release register checkout --configuration /shop/url=7 --configuration /shop/limits=12',
      what: 'What it reads; versions that the task definition names are recorded without anyone telling.',
    },
  ],
  run: async (args, io) => (await import('./release/register.ts')).register(args, io),
};

const list: Command = {
  name: 'release list',
  summary: 'Lists the releases of a service with all that is recorded of them.',
  positionals: ['SERVICE'],
  options: {
    all: { type: 'boolean', help: 'all that are recorded, not the newest five' },
    kept: { type: 'boolean', help: 'only those that stay however old they become: their images have to stay too' },
    ...accountOptions,
  },
  examples: [
    { line: 'backstep release list checkout', what: 'The newest five: standing, weights, tasks, migrations, images.' },
    { line: 'backstep release list checkout --kept --json', what: 'The images to keep, by digest, as JSON.' },
  ],
  run: async (args, io) => (await import('./release/list.ts')).list(args, io),
};

const mark: Command = {
  name: 'release mark',
  summary: 'Says that a release is good or bad, whatever was found of it. The next rollback to "previous" heeds it.',
  positionals: ['SERVICE', 'RELEASE', 'good|bad'],
  options: { reason: { type: 'string', value: 'TEXT', help: 'why; required' }, side, ...accountOptions },
  examples: [
    {
      line: 'backstep release mark checkout v2.14.4 good --reason "the alarm was wrong, see INC-81"',
      what: 'One that was rolled back may be a target again.',
    },
    {
      line: 'backstep release mark checkout 1a2b3c4 bad --reason "leaks card numbers"',
      what: 'No rollback chooses it by itself. A release is named by version, commit, family:revision or ARN.',
    },
  ],
  run: async (args, io) => (await import('./release/mark.ts')).mark(args, io),
};

export const release: CommandGroup = {
  name: 'release',
  summary: 'Registers, lists and marks releases: register, list, mark.',
  commands: [register, list, mark],
};
