/**
 * Plan: reads everything once, decides, and stores the checkpoint and then the plan. Later states act on the stored plan
 * only. Nothing is changed in the account here.
 *
 * Calls: s3:GetObject, s3:PutObject, ecs:DescribeServices, ecs:DescribeTaskDefinition, ecs:ListServiceDeployments,
 * ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions, elasticloadbalancing:DescribeRules,
 * elasticloadbalancing:DescribeListeners, elasticloadbalancing:DescribeTargetHealth,
 * elasticloadbalancing:DescribeTargetGroups, elasticloadbalancing:DescribeTargetGroupAttributes, dynamodb:Query,
 * dynamodb:PutItem, dynamodb:UpdateItem, events:PutEvents
 */
import type { Check, Checkpoint, Json, Plan, RollbackContext } from '../lib/domain/model.ts';
import { currentStates, decidePlan } from '../lib/domain/plan.ts';
import type { PlanFacts } from '../lib/domain/plan-facts.ts';
import type { PlanInput, PlanResult } from '../lib/domain/states.ts';
import { putCheckpoint, putPlan } from './aws/documents.ts';
import { recordRollback } from './aws/ledger.ts';
import { readFacts } from './aws/plan-facts.ts';
import { type NewEntry, record } from './aws/timeline.ts';

export async function handler({ now, context }: PlanInput): Promise<PlanResult> {
  const { facts, documents } = await readFacts(context, now);
  const checkpointKey = await putCheckpoint(checkpointOf(facts, documents));
  // What an earlier attempt of this state stored stands; so do its outcome and its deadline.
  const { plan, planKey, planSha256 } = await putPlan(decidePlan(facts));
  await Promise.all([
    plan.outcome === null
      ? recordRollback(context, { automatic: isAutomatic(context), executes: true, reverts: reverts(plan) })
      : undefined,
    record(context, 'Plan', entries(plan), now),
  ]);
  return {
    decision: plan.outcome === null ? 'execute' : 'end',
    outcome: plan.outcome,
    reason: plan.reason,
    planKey,
    planSha256,
    checkpointKey,
    actions: plan.actions.map(({ id, type, description, afterVerification = false }) => ({
      id,
      type,
      description,
      afterVerification,
    })),
    deadline: new Date(Date.parse(context.startedAt) + plan.timeoutSeconds * 1_000).toISOString(),
    approvalSeconds: 1,
  };
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

/** Side -> task definition, by which later deployment events are known to be ours. */
function reverts(plan: Plan): Record<string, string> {
  return Object.fromEntries(
    plan.actions.flatMap((action) =>
      action.type === 'RevertService' ? [[action.side, action.forward.taskDefinition] as const] : [],
    ),
  );
}

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
