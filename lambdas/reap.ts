/**
 * Reap: takes up a rollback whose execution was stopped, timed out or broke off. Finds out whose it was and how the
 * service stands, closes the question that it may have put, and hands on what GiveBack and Report need. Changes nothing of
 * the service. Repeating it hands on the same.
 *
 * Calls: states:DescribeExecution, states:GetExecutionHistory, ssm:GetParameter, s3:GetObject, ecs:DescribeServices,
 * elasticloadbalancing:DescribeTargetHealth, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners,
 * dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:UpdateItem, events:PutEvents
 */
import { describeProgress } from '../lib/domain/compensation.ts';
import type { Checkpoint, Plan, RollbackContext, Verdict } from '../lib/domain/model.ts';
import { type DeadExecution, isReported, judgeEnd, type Traces } from '../lib/domain/reap.ts';
import { describeStanding } from '../lib/domain/standing.ts';
import type { PlanResult, ReapInput, ReapResult, ReportInput } from '../lib/domain/states.ts';
import { closeQuestion, readApproval } from './aws/approvals.ts';
import { contextOf } from './aws/dead-context.ts';
import { readCheckpoint, readConfiguration, readStoredPlan } from './aws/documents.ts';
import { readExecution } from './aws/execution-history.ts';
import { executionStatus } from './aws/executions.ts';
import { readStanding } from './aws/standing.ts';
import { readTimeline, recordOnce } from './aws/timeline.ts';

export async function handler({ now, executionArn, reapedBy }: ReapInput): Promise<ReapResult> {
  const ended = await readExecution(executionArn);
  if (!ended) return nothing(`Step Functions no longer knows ${executionArn}.`);
  const { execution, traces } = ended;
  const end = judgeEnd(execution, traces);
  if (end.kind === 'leave') return nothing(end.reason);
  const context = await contextOf(execution, traces);
  if (!context) return nothing('It never got as far as a service: its input names none that is protected.');
  if (isReported(traces, await readTimeline(context.service, context.rollbackId))) {
    return nothing('It had reported when it ended.');
  }
  const other = await takenUpBy(context, execution, { now, reapedBy });
  if (other) return nothing(`${other} takes it up already.`);

  await closeOwnQuestion(context);
  const reason = `${end.reason} ${await describe(context, traces)}`;
  const { outcome, unfinished } = end;
  return { found: true, reason, ending: endingOf(context, traces, { outcome, reason, unfinished }) };
}

const nothing = (reason: string): ReapResult => ({ found: false, reason, ending: null });

/** Events come twice now and then. A second one only goes on where the first one's execution has failed. */
async function takenUpBy(
  context: RollbackContext,
  { stoppedAt = '', status }: DeadExecution,
  { now, reapedBy }: Pick<ReapInput, 'now' | 'reapedBy'>,
): Promise<string | undefined> {
  const message = `The execution ended ${status} at ${stoppedAt} without its own last states: ${reapedBy} takes it up.`;
  const entry = { kind: 'reaped', message, data: { stoppedAt, by: reapedBy } };
  if (await recordOnce(context, 'Reap', entry, { about: stoppedAt, now })) return undefined;
  const entries = await readTimeline(context.service, context.rollbackId);
  const claim = entries
    .filter(({ kind }) => kind === 'reaped')
    .map(({ data }) => data as typeof entry.data)
    .find((data) => data.stoppedAt === stoppedAt);
  if (!claim || claim.by === reapedBy) return undefined;
  const { status: others } = await executionStatus(claim.by);
  return ['RUNNING', 'SUCCEEDED'].includes(others) ? claim.by : undefined;
}

/** Nobody takes its answer any more. */
async function closeOwnQuestion(context: RollbackContext): Promise<void> {
  const question = await readApproval(context.service);
  if (question?.executionArn !== context.executionArn || question.answer) return;
  await closeQuestion(context, { decision: 'expired' });
}

// ---------------------------------------------------------------- the state of the world, in words

/** What cannot be read now must keep nobody from getting the lock back. */
async function describe(context: RollbackContext, traces: Traces): Promise<string> {
  const parts = { 'What was done': describeDone, 'How the service stands now': describeNow };
  const said = Object.entries(parts).map(async ([what, tell]) => {
    try {
      return await tell(context, traces);
    } catch (error) {
      return `${what} could not be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  });
  return (await Promise.all(said)).filter(Boolean).join(' ');
}

async function describeDone(context: RollbackContext, traces: Traces): Promise<string> {
  const plan = await readIfAny<Plan>(planOf(traces).planKey, readStoredPlan);
  if (!plan) return 'Nothing was changed: there was no plan yet.';
  return describeProgress({ plan, timeline: await readTimeline(context.service, context.rollbackId) });
}

async function describeNow(context: RollbackContext, traces: Traces): Promise<string> {
  const checkpoint = await readIfAny<Checkpoint>(planOf(traces).checkpointKey, readCheckpoint);
  return describeStanding(await readStanding(await readConfiguration(context)), checkpoint);
}

const readIfAny = async <T>(key: string | null, read: (key: string) => Promise<T>): Promise<T | null> =>
  key === null ? null : read(key);

// ---------------------------------------------------------------- what Report is told

type Ending = NonNullable<ReapResult['ending']>;
type End = Required<Pick<Ending, 'outcome' | 'reason' | 'unfinished'>>;

function endingOf(context: RollbackContext, traces: Traces, end: End): Ending {
  const { verdict = null, failure = null } = traces.variables;
  return {
    context,
    ...end,
    ...planOf(traces),
    verdict: verdict as Verdict | null,
    failure: failure as ReportInput['failure'],
  };
}

/** The variables of our own state machine, as its states assigned them. */
function planOf({ variables }: Traces): Pick<Ending, 'planKey' | 'checkpointKey'> {
  const { planKey = null, checkpointKey = null } = (variables.plan ?? {}) as Partial<PlanResult>;
  return { planKey, checkpointKey };
}
