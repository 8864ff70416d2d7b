/**
 * CheckTraffic: the weights read back as planned, and the receiving side has enough healthy targets.
 *
 * Calls: s3:GetObject, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners,
 * elasticloadbalancing:DescribeTargetHealth, dynamodb:PutItem, events:PutEvents
 */
import { actionOf } from '../lib/domain/actions.ts';
import type { ActionInput, CheckResult } from '../lib/domain/states.ts';
import { receivingGroups, requiredTargets, weightsOf } from '../lib/domain/traffic.ts';
import { judgeTraffic } from '../lib/domain/traffic-check.ts';
import { readPlan } from './aws/documents.ts';
import { readActions, targetHealth } from './aws/elbv2.ts';
import { record } from './aws/timeline.ts';

export async function handler(input: ActionInput): Promise<CheckResult> {
  const plan = await readPlan(input);
  const action = actionOf(plan, input.actionId, 'ShiftTraffic');
  const [live, receiving] = await Promise.all([
    Promise.all(action.forward.map(async ({ rule }) => weightsOf(rule, await readActions(rule)))),
    Promise.all(receivingGroups(action.forward).map(targetHealth)),
  ]);
  const result = judgeTraffic({
    planned: action.forward,
    before: action.reverse,
    live: live.filter((weights) => weights !== undefined),
    receiving,
    required: requiredTargets(plan.current.map((side) => side.desiredCount)),
    now: input.now,
    deadline: input.deadline,
  });
  const { status, message } = result;
  await record(
    input.context,
    'CheckTraffic',
    [{ kind: `check.${status}`, message, data: { actionId: action.id, type: action.type } }],
    input.now,
  );
  return result;
}
