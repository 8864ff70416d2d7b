/** The command line of `rollback` and `plan` as an execution's input, which has the same names. Pure. */
import type { Json } from '../../../lib/domain/model.ts';
import { parseInput } from '../../../lib/domain/request.ts';
import { type Arguments, type Option, UsageError } from '../command.ts';

/** What is to be planned. */
export const planOptions: Readonly<Record<string, Option>> = {
  to: { type: 'string', value: 'VERSION', help: 'previous (default), an image tag, revision-N, an ARN or a commit' },
  strategy: { type: 'string', value: 'NAME', help: 'auto (default), rolling, blue-green, canary or instant' },
  scope: { type: 'string', value: 'NAME', help: 'app (default), app-db or full' },
  'no-backup': { type: 'boolean', help: 'take no snapshot of the database first' },
  timeout: { type: 'string', value: 'SECONDS', help: 'from the lock to the first healthy verdict, 60 to 7200' },
  reason: { type: 'string', value: 'TEXT', help: 'why, for the report' },
};

/** @throws UsageError with the words that the state machine would refuse the input with */
export function executionInput(
  service: string,
  environment: string,
  flags: Arguments['flags'],
): { [key: string]: Json } {
  const timeout = flags.timeout === undefined ? undefined : String(flags.timeout);
  const fields: Record<string, Json | undefined> = {
    service,
    version: text(flags.to),
    strategy: text(flags.strategy),
    scope: text(flags.scope),
    backup: flags['no-backup'] ? false : undefined,
    timeout: timeout !== undefined && /^\d+$/.test(timeout) ? Number(timeout) : timeout,
    dryRun: flags['dry-run'] ? true : undefined,
    reason: text(flags.reason),
    confirm: text(flags.confirm),
    takeOver: text(flags['take-over']),
    environment,
  };
  const input = Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Json] => field[1] !== undefined),
  );
  const parsed = parseInput(input, environment);
  if (parsed.ok) return input;
  throw new UsageError(parsed.problems.join(' '));
}

/** What `--approve` answers before anybody asks. @throws UsageError where it would have no effect, or says no reason */
export function approvalGiven(flags: Arguments['flags']): { readonly reason: string } | undefined {
  if (!flags.approve) return undefined;
  if (!flags.direct)
    throw new UsageError(
      '--approve goes with --direct only: elsewhere people are asked, and npx backstep approve answers.',
    );
  if (typeof flags.reason === 'string' && flags.reason.trim() !== '') return { reason: flags.reason };
  throw new UsageError('--approve needs a --reason: it stands on the timeline and in the report as the answer.');
}

/** @throws UsageError where a rollback that Step Functions carries out could be stopped instead */
export function checkTakeOver(flags: Arguments['flags']): void {
  if (flags['take-over'] === undefined || flags.direct) return;
  throw new UsageError(
    '--take-over goes with --direct only: while Step Functions answers, stop the execution, and what it held is given back.',
  );
}

const text = (flag: string | boolean | undefined): string | undefined =>
  flag === undefined ? undefined : String(flag);
