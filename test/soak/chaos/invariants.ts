/** What must hold after any run, whatever happened in it. */
import { z } from 'zod';
import { outcomes, type Plan } from '../../../lib/domain/model.ts';
import { planKey } from '../../../lib/domain/names.ts';
import { timelineOf } from '../../../simulator/scenario/collect.ts';
import type { ExecutionDocument } from '../../../simulator/scenario/document.ts';
import type { FinishedRun } from '../../../simulator/scenario/run.ts';
import { leaks } from './secrets.ts';
import type { Witness } from './witness.ts';

const reportSchema = z.strictObject({
  rollbackId: z.string().min(1),
  timestamp: z.iso.datetime(),
  snapshot: z.strictObject({ id: z.string().min(1), created: z.iso.datetime(), components: z.array(z.string()) }),
  scripts: z.strictObject({
    database: z.string().min(1),
    application: z.string().min(1),
    infrastructure: z.string().min(1),
  }),
  execution: z.strictObject({
    status: z.enum(['ready', 'executed', 'verified']),
    duration: z.string().regex(/^PT(?:\d+H)?(?:\d+M)?(?:\d+S)?$/),
    verification: z.record(z.string(), z.json()),
    outcome: z.enum(outcomes),
    reason: z.string().min(1),
  }),
});

export function broken(run: FinishedRun, witness: Witness): string[] {
  const executions = run.document.executions;
  return [
    ...witness.wrong,
    ...run.document.failures.map(({ path, actual }) => `${path}: ${JSON.stringify(actual)}`),
    ...executions.flatMap((execution) => endings(run, execution)),
    ...lock(run, witness),
    ...weights(run),
    ...ends(run, witness),
    ...approvals(run, witness),
    ...debts(run, witness),
    ...timelines(run, witness),
    ...leaks(run),
  ];
}

/** The answer of an execution: its output, or the cause of a failed one. */
export function answerOf({ output, cause }: ExecutionDocument): {
  outcome?: string;
  rollbackId?: string;
  report?: string;
} {
  const answer = output ?? cause;
  return typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? answer : {};
}

/** Every execution ends in a named outcome, with a report where it says that there is one; or a person stopped it. */
function endings(run: FinishedRun, execution: ExecutionDocument): string[] {
  const { name, status, error } = execution;
  // What Reap makes of it is looked at below.
  if (status === 'ABORTED') return [];
  if (status === 'RUNNING') return [`${name} still runs`];
  if (error === 'InvalidInput') return [];
  const { outcome, report } = answerOf(execution);
  if (!outcomes.includes(outcome as never))
    return [`${name} ended ${status} ${error ?? ''} without an outcome: ${JSON.stringify(execution.cause)}`];
  if ((status === 'FAILED') !== (outcome === 'halted' || outcome === 'needs-attention'))
    return [`${name} ended ${status} with outcome ${outcome}`];
  if (report === undefined) return status === 'FAILED' ? [] : [`${name} ended ${outcome} without a report`];
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(report) ?? [];
  const stored = run.account.s3.get(bucket, key);
  if (!stored) return [`${name} names ${report}, which is not there`];
  const parsed = reportSchema.safeParse(JSON.parse(Buffer.from(stored.body).toString('utf8')));
  if (!parsed.success) return [`${report}: ${z.prettifyError(parsed.error)}`];
  return parsed.data.execution.outcome === outcome
    ? []
    : [`${report} says ${parsed.data.execution.outcome}, not ${outcome}`];
}

function lock(run: FinishedRun, witness: Witness): string[] {
  const owner = witness.lock()?.owner?.executionArn;
  if (owner === undefined) return [];
  const holder = run.document.executions.find(({ arn }) => arn === owner);
  if (!holder) return [`the lock belongs to ${owner}, which never ran`];
  if (holder.status === 'RUNNING') return [`the lock is held by ${owner}, which still runs`];
  // A person's stop and a failed Report leave it to the next start; everything else gives it back.
  const reported = answerOf(holder).report !== undefined;
  return reported ? [`${holder.name} was reported and kept the lock`] : [];
}

function weights({ document }: FinishedRun): string[] {
  return Object.entries(document.account.weights)
    .filter(([, groups]) => Object.values(groups).every((weight) => weight === 0))
    .map(([rule]) => `all weights of ${rule} are zero`);
}

/** Whoever takes up a rollback that was stopped or broke off writes its report and gives its lock back. */
function ends(run: FinishedRun, witness: Witness): string[] {
  const { account } = run;
  const reaps = account.states.executions.filter(({ stateMachineArn }) => stateMachineArn.endsWith('-reap'));
  return reaps.flatMap(({ status, input, output, name }) => {
    const { executionArn } = JSON.parse(input) as { executionArn: string };
    if (status === 'RUNNING') return [`reap ${name} still runs`];
    if (status !== 'SUCCEEDED') return [];
    const of = account.states.executions.find(({ arn }) => arn === executionArn);
    if (!of || of.status === 'RUNNING') return [];
    const left = JSON.parse(output ?? '{}') as { found?: boolean };
    if (left.found === false || witness.redriven.has(executionArn)) return [];
    return witness.lock()?.owner?.executionArn === executionArn ? [`${of.name} was reaped and kept the lock`] : [];
  });
}

/** What a person was asked about changes nothing before a yes, and nothing at all after a no. */
function approvals(run: FinishedRun, witness: Witness): string[] {
  return [...new Set(witness.changes.filter(({ took }) => took).map(({ rollbackId }) => rollbackId))].flatMap((id) => {
    const entries = entriesOf(run, id);
    const plan = planOf(run, id);
    if (plan?.asksBecause === undefined) return [];
    const changed = Math.min(
      ...witness.changes.filter((one) => one.took && one.rollbackId === id).map(({ atMs }) => atMs),
    );
    const yes = entries.find(
      ({ kind, message }) => kind === 'approval.approved' || (kind === 'approval.expired' && /means yes/.test(message)),
    );
    const no = entries.some(({ kind }) => kind === 'approval.declined');
    const early = !yes || Date.parse(yes.time) > changed;
    return [
      ...(early ? [`${id} changed something before anybody said yes`] : []),
      ...(no ? [`${id} changed something after a no`] : []),
    ];
  });
}

/** Group stickiness is given back, is somebody else's by now, or is still owed: it is not forgotten. */
function debts(run: FinishedRun, witness: Witness): string[] {
  const { account } = run;
  const items = account.dynamodb.tables.flatMap((table) => account.dynamodb.items(table));
  const open = items.filter((item) => item.sk?.S?.startsWith('OWED#') && !item.settledAt);
  const owner = witness.lock()?.owner?.executionArn;
  if (owner !== undefined || witness.permissionLost) return [];
  return open.flatMap((item) =>
    Date.parse(item.dueAt?.S ?? '') < account.clock.now() - 600_000
      ? [`${item.sk?.S} is due since ${item.dueAt?.S} and was not given back`]
      : [],
  );
}

/** A rollback's timeline, in order. */
function entriesOf(
  { account: { dynamodb } }: FinishedRun,
  rollbackId: string,
): { kind: string; message: string; time: string }[] {
  return dynamodb.tables
    .flatMap((table) => dynamodb.items(table))
    .filter((item) => item.sk?.S?.startsWith(`TIMELINE#${rollbackId}#`))
    .sort((a, b) => ((a.sk?.S ?? '') < (b.sk?.S ?? '') ? -1 : 1))
    .map(({ kind, message, time }) => ({ kind: kind?.S ?? '', message: message?.S ?? '', time: time?.S ?? '' }));
}

function planOf(run: FinishedRun, rollbackId: string): Plan | undefined {
  const { s3 } = run.account;
  const stored = s3.buckets.flatMap((bucket) => s3.get(bucket, planKey(rollbackId)) ?? [])[0];
  return stored && (JSON.parse(Buffer.from(stored.body).toString('utf8')) as Plan);
}

/** In order, nothing after the report, and every change of ours on it. */
function timelines(run: FinishedRun, witness: Witness): string[] {
  const wrong: string[] = [];
  const all = timelineOf(run);
  const times = all.map(({ time }) => time);
  if (times.some((time, index) => index > 0 && time < (times[index - 1] ?? '')))
    wrong.push('the timeline is out of order');
  for (const execution of run.document.executions) {
    const { rollbackId, report } = answerOf(execution);
    if (!rollbackId || !report) continue;
    const kinds = entriesOf(run, rollbackId).map(({ kind }) => kind);
    // One that was stopped and redriven ends twice.
    const ends = kinds.filter((kind) => kind === 'reported').length;
    if (ends < 1 || (ends > 1 && !witness.redriven.has(execution.arn)))
      wrong.push(`${rollbackId} is reported ${kinds.join(', ')}`);
    const changed =
      !witness.permissionLost && witness.changes.some(({ took, rollbackId: by }) => took && by === rollbackId);
    if (changed && !kinds.includes('action.applied'))
      wrong.push(
        `${rollbackId} changed something, its timeline says ${kinds.filter((kind) => kind.startsWith('action.')).join(', ') || 'nothing'}`,
      );
  }
  return wrong;
}
