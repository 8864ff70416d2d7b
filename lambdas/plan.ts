/**
 * Plan: reads everything once, decides, and stores the checkpoint and then the plan. Later states act on the stored plan
 * only. Nothing is changed in the account here. Where a person has to be asked, the question is put and the lock given back.
 *
 * Calls: s3:GetObject, s3:PutObject, ecs:DescribeServices, ecs:DescribeTaskDefinition, ecs:ListServiceDeployments,
 * ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions, elasticloadbalancing:DescribeRules,
 * elasticloadbalancing:DescribeListeners, elasticloadbalancing:DescribeTargetHealth, elasticloadbalancing:DescribeTags,
 * elasticloadbalancing:DescribeTargetGroups, elasticloadbalancing:DescribeTargetGroupAttributes,
 * codedeploy:ListDeployments, codedeploy:BatchGetDeployments, application-autoscaling:DescribeScalableTargets,
 * cloudformation:DescribeStacks, ecr:DescribeImages, ssm:DescribeParameters, secretsmanager:DescribeSecret,
 * iam:GetRole, logs:DescribeLogGroups, s3:ListBucket, cloudwatch:GetMetricData (two sides), rds:DescribeDBInstances,
 * rds:DescribeDBClusters, rds:DescribeAccountAttributes, dynamodb:GetItem, codedeploy:ListApplications,
 * codedeploy:ListDeploymentGroups, codedeploy:BatchGetDeploymentGroups, dynamodb:Query, dynamodb:PutItem,
 * dynamodb:UpdateItem, states:DescribeExecution, events:PutEvents
 */
import { recordOf } from '../lib/domain/actions.ts';
import type { Action, Check, Checkpoint, Json, Plan, Policy, RollbackContext } from '../lib/domain/model.ts';
import { currentStates, decidePlan } from '../lib/domain/plan.ts';
import type { PlanFacts } from '../lib/domain/plan-facts.ts';
import type { ActionSummary, PlanInput, PlanResult } from '../lib/domain/states.ts';
import { putFirstQuestion } from './aws/approval-start.ts';
import { type PlanReference, putCheckpoint, putCopy, putPlan } from './aws/documents.ts';
import { recordRollback } from './aws/ledger.ts';
import { releaseLock } from './aws/lock.ts';
import { recordJoined } from './aws/lock-start.ts';
import { readFacts } from './aws/plan-facts.ts';
import { type NewEntry, record } from './aws/timeline.ts';

export async function handler({ now, context }: PlanInput): Promise<PlanResult> {
  const { facts, documents, copies } = await readFacts(context, now);
  const checkpointKey = await putCheckpoint(checkpointOf(facts, documents));
  await Promise.all(copies.map(({ order, body }) => putCopy(order, body)));
  // What an earlier attempt of this state stored stands; so do its outcome and its deadline.
  const { plan, planKey, planSha256 } = await putPlan(decidePlan(facts));
  const reference = { planKey, planSha256 };
  await record(context, 'Plan', entries(plan), now);
  const { ownContext, ...next } = await conclude({ now, context }, plan, reference, facts.configuration.policy);
  return {
    ...next,
    ...reference,
    context: ownContext,
    checkpointKey,
    actions: plan.actions.map(summaryOf),
    deadline: new Date(Date.parse(context.settledAt ?? context.startedAt) + plan.timeoutSeconds * 1_000).toISOString(),
    timeoutSeconds: plan.timeoutSeconds,
    approvalSeconds: facts.configuration.policy.approvalMinutes * 60,
  };
}

function summaryOf(action: Action): ActionSummary {
  const { id, type, description, afterVerification = false } = action;
  return { id, type, description, afterVerification, optional: action.type === 'StartSnapshot' && !action.required };
}

type Conclusion = Pick<PlanResult, 'decision' | 'outcome' | 'reason'> & { readonly ownContext: RollbackContext };

async function conclude(
  { now, context }: PlanInput,
  plan: Plan,
  reference: PlanReference,
  policy: Policy,
): Promise<Conclusion> {
  const { outcome, reason } = plan;
  if (outcome !== null) return { decision: 'end', outcome, reason, ownContext: context };
  if (plan.asksBecause === undefined) {
    await recordRollback(context, { automatic: isAutomatic(context), executes: true, ...recordOf(plan) });
    return { decision: 'execute', outcome, reason, ownContext: context };
  }
  // Who waits for a person holds nothing: an automatic alarm may overtake.
  await releaseLock(context);
  const { fencingToken: _givenBack, ...ownContext } = context;
  const { service, rollbackId, executionArn } = context;
  const question = await putFirstQuestion({
    service,
    rollbackId,
    executionArn,
    ...reference,
    asksBecause: plan.asksBecause,
    requestedAt: now,
    expiresAt: new Date(Date.parse(now) + policy.approvalMinutes * 60_000).toISOString(),
  });
  if (question.decision !== 'join') return { decision: 'approve', outcome, reason, ownContext };
  const told = { message: `${question.reason} ${plan.asksBecause}`, data: { rollbackId, planKey: reference.planKey } };
  await Promise.all([
    record(context, 'Plan joins', [{ kind: 'duplicate', ...told }], now),
    recordJoined(context, question.joins, 'Plan', told, now),
  ]);
  return { decision: 'end', outcome: 'duplicate', reason: question.reason, ownContext };
}

function checkpointOf(facts: PlanFacts, documents: Readonly<Record<string, Json>>): Checkpoint {
  return {
    rollbackId: facts.context.rollbackId,
    takenAt: facts.now,
    sides: currentStates(facts),
    rules: facts.rules.flatMap(({ weights }) => weights ?? []),
    documents,
  };
}

const isAutomatic = ({ request }: RollbackContext): boolean => request.trigger?.autoExecute === true;

function entries(plan: Plan): NewEntry[] {
  const checks = plan.checks.map(({ name, status, evidence }) => ({ name, status, evidence }));
  const actions = plan.actions.map(({ id, type, description, reason }) => ({ id, type, description, reason }));
  return [
    { kind: 'plan.checked', message: count(plan.checks), data: { checks } },
    {
      // A plan with actions is ready, whether it is carried out or only shown.
      kind: `plan.${plan.outcome ?? 'ready'}`,
      message: plan.reason,
      data: {
        actions,
        timeoutSeconds: plan.timeoutSeconds,
        timeoutReason: plan.timeoutReason,
        ...(plan.target && { target: plan.target.taskDefinition, targetVersion: plan.target.version }),
        ...(plan.suspect && { from: plan.suspect.taskDefinition, fromVersion: plan.suspect.version }),
      },
    },
  ];
}

/** `14 checks: 9 ok, 1 warning, 4 not checked.` */
function count(checks: readonly Check[]): string {
  const statuses = ['ok', 'warning', 'failed', 'not checked'] as const;
  const parts = statuses.flatMap((status) => {
    const number = checks.filter((check) => check.status === status).length;
    return number > 0 ? [`${number} ${status}`] : [];
  });
  return `${checks.length} checks: ${parts.join(', ')}.`;
}
