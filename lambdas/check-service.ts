/**
 * CheckService: our task definition is the primary deployment, rolled out, with all tasks running and healthy.
 *
 * Calls: s3:GetObject, ecs:DescribeServices, elasticloadbalancing:DescribeTargetHealth, dynamodb:PutItem,
 * events:PutEvents
 */
import { actionOf, sideOf } from '../lib/domain/actions.ts';
import { judgeService } from '../lib/domain/service-check.ts';
import type { ActionInput, CheckResult } from '../lib/domain/states.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { targetHealth } from './aws/elbv2.ts';
import { record } from './aws/timeline.ts';

export async function handler(input: ActionInput): Promise<CheckResult> {
  const [plan, configuration] = await Promise.all([readPlan(input), readConfiguration(input.context)]);
  const action = actionOf(plan, input.actionId, 'RevertService');
  const side = sideOf(configuration, action.side);
  const [service, targets] = await Promise.all([
    describeSide(side),
    side.targetGroup ? targetHealth(side.targetGroup) : undefined,
  ]);
  const result = judgeService({
    service,
    targets,
    wanted: action.forward.taskDefinition,
    before: action.reverse.taskDefinition,
    plannedAt: plan.createdAt,
    now: input.now,
    deadline: input.deadline,
  });
  const { status, message } = result;
  await record(
    input.context,
    'CheckService',
    [{ kind: `check.${status}`, message, data: { actionId: action.id, type: action.type, side: side.name } }],
    input.now,
  );
  return result;
}
