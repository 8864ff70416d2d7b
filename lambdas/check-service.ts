/**
 * CheckService: our task definition is the primary deployment, rolled out, with all tasks running and healthy, and with all
 * of the traffic where ECS or CodeDeploy moves it. Or nothing is under way any more that RevertService's next step waits for.
 *
 * Calls: s3:GetObject, ecs:DescribeServices, ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions,
 * codedeploy:ListDeployments, codedeploy:BatchGetDeployments, elasticloadbalancing:DescribeTargetHealth,
 * elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners, dynamodb:Query, dynamodb:PutItem,
 * events:PutEvents
 */
import { actionOf, namedIn, sideOf, wantedOf } from '../lib/domain/actions.ts';
import { adoptedKind, judgeReversal } from '../lib/domain/service-check.ts';
import type { CheckServiceInput, CheckServiceResult } from '../lib/domain/states.ts';
import { registeredCopies } from './aws/copies.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { readRollout } from './aws/rollouts.ts';
import { readServing } from './aws/serving.ts';
import { record } from './aws/timeline.ts';

export async function handler(input: CheckServiceInput): Promise<CheckServiceResult> {
  const [plan, configuration] = await Promise.all([readPlan(input), readConfiguration(input.context)]);
  const action = actionOf(plan, input.actionId, 'RevertService');
  const side = sideOf(configuration, action.side);
  const [service, copies] = await Promise.all([
    describeSide(side),
    'register' in action.forward ? registeredCopies(input.context) : {},
  ]);
  const [rollout, serving] = await Promise.all([readRollout(side, service), readServing(side, service)]);
  const { adopted, ...result } = judgeReversal({
    service,
    rollout,
    ...serving,
    // RevertService left the service alone where it registered none: then it is not on what was wanted.
    wanted: wantedOf(action, copies) ?? namedIn(action),
    before: action.reverse.taskDefinition,
    plannedAt: plan.createdAt,
    appliedAt: input.appliedAt ?? plan.createdAt,
    now: input.now,
    deadline: input.deadline,
    follows: input.follows,
    adopts: configuration.policy.foreignDeployment === 'adopt',
  });
  const { status, message } = result;
  const data = { actionId: action.id, type: action.type, side: side.name };
  const news =
    adopted && status === 'done' ? [{ kind: adoptedKind, message, data: { ...data, taskDefinition: adopted } }] : [];
  await record(input.context, 'CheckService', [{ kind: `check.${status}`, message, data }, ...news], input.now);
  return result;
}
