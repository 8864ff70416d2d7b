import { resolve } from 'node:path';
import { loadFacts } from '../../lib/config/load.ts';
import { loadRunbook } from '../../lib/config/runbook-files.ts';
import { compileTriggers } from '../../lib/domain/triggers/compile.ts';
import type { ServiceFacts } from '../../lib/domain/triggers/trigger.ts';
import { type Arguments, type Command, exit, type Io, UsageError } from './command.ts';
import { assumedFacts, assumptions } from './triggers/assumed.ts';
import { asJson, asText } from './triggers/view.ts';

export const triggers: Command = {
  name: 'triggers',
  summary: "Shows what a runbook's triggers compile to, and why where they do not.",
  positionals: ['RUNBOOK'],
  options: {
    json: { type: 'boolean', help: 'print an array with one element per trigger, and nothing else, on stdout' },
    config: { type: 'string', value: 'FILE', help: 'compile for a service of this backstep.json' },
    service: { type: 'string', value: 'NAME', help: 'which service of it, where it has several' },
    environment: { type: 'string', value: 'NAME', help: 'which environment of it, where it has several' },
  },
  examples: [
    {
      line: 'backstep triggers examples/01-checkout/runbooks/checkout.json',
      what: 'Each trigger beside its alarms, for a service that is assumed. No account is needed.',
    },
    {
      line: 'backstep triggers new.json --config backstep.json --service checkout --json',
      what: "The same for a service's own target groups, metrics and limits, as JSON.",
    },
  ],
  run: showTriggers,
};

/** Exit code 1 where a trigger does not compile: nothing would watch for what it describes. */
async function showTriggers({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const facts = chosenFacts(flags, io.cwd);
  const runbook = loadRunbook(resolve(io.cwd, positionals[0] as string));
  const compiled = compileTriggers(runbook.triggers, facts ?? assumedFacts());
  const intro = facts ? `Compiled for ${facts.service} in ${facts.environment}.` : assumptions();
  for (const note of runbook.notes) io.stderr.write(`${note}\n`);
  if (flags.json) {
    io.stderr.write(`${intro}\n`);
    io.stdout.write(asJson(compiled));
  } else {
    io.stdout.write(asText(compiled, { runbookId: runbook.runbookId, intro, adopted: facts?.adoptedAlarms ?? [] }));
  }
  return compiled.every((trigger) => trigger.compiled) ? exit.good : exit.finding;
}

function chosenFacts(flags: Arguments['flags'], cwd: string): ServiceFacts | undefined {
  const { config, service, environment } = flags;
  if (config === undefined) {
    const alone = service === undefined ? (environment === undefined ? undefined : '--environment') : '--service';
    if (alone) throw new UsageError(`${alone} needs --config FILE, which has the services.`);
    return undefined;
  }
  const all = loadFacts(resolve(cwd, String(config)));
  const fitting = all.filter(
    (facts) =>
      (service === undefined || facts.service === service) &&
      (environment === undefined || facts.environment === environment),
  );
  const [only, ...others] = fitting;
  if (only && others.length === 0) return only;
  const known = all.map((facts) => `--environment ${facts.environment} --service ${facts.service}`).join('\n  ');
  const problem = only ? 'More than one service fits' : 'No service fits';
  throw new UsageError(`${problem}: ${String(config)} has\n  ${known}`);
}
