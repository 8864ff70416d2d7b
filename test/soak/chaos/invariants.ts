/** What must hold after any run, whatever happened in it. */
import { z } from 'zod';
import { outcomes } from '../../../lib/domain/model.ts';
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
    const entries = run.account.dynamodb.tables
      .flatMap((table) => run.account.dynamodb.items(table))
      .filter((item) => item.sk?.S?.startsWith(`TIMELINE#${rollbackId}#`))
      .map((item) => ({ kind: item.kind?.S ?? '', sk: item.sk?.S ?? '' }))
      .sort((a, b) => (a.sk < b.sk ? -1 : 1));
    const kinds = entries.map(({ kind }) => kind);
    if (kinds.filter((kind) => kind === 'reported').length !== 1)
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
