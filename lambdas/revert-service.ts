/**
 * RevertService: starts the deployment that puts one ECS service on the plan's task definition. Repeating it changes
 * nothing. A deployment that somebody began after the plan is left alone, since it may be the fix; CheckService then
 * finds it and says so.
 *
 * Calls: s3:GetObject, ecs:DescribeServices, ecs:UpdateService, iam:PassRole, ssm:GetParameters,
 * dynamodb:GetItem, dynamodb:PutItem, events:PutEvents
 */
import { actionOf, sideOf } from '../lib/domain/actions.ts';
import { decideRevert } from '../lib/domain/service-check.ts';
import type { ActionInput, ApplyResult } from '../lib/domain/states.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide, updateService } from './aws/ecs.ts';
import { obeyKillSwitch } from './aws/kill-switch.ts';
import { proveLock } from './aws/lock.ts';
import { record } from './aws/timeline.ts';

/** No task starts faster, so looking earlier would only cost a pass. */
const firstLookSeconds = 10;

export async function handler(input: ActionInput): Promise<ApplyResult> {
  const [plan, configuration] = await Promise.all([readPlan(input), readConfiguration(input.context)]);
  const action = actionOf(plan, input.actionId, 'RevertService');
  const side = sideOf(configuration, action.side);
  const decision = decideRevert(await describeSide(side), action, input.now);
  if (decision.kind === 'update') {
    await Promise.all([proveLock(input.context), obeyKillSwitch(input.context)]);
    await updateService(side, action.forward.taskDefinition);
  }
  const changed = decision.kind === 'update' || decision.kind === 'updated-by-us';
  await record(
    input.context,
    'RevertService',
    [
      {
        kind: changed ? 'action.applied' : 'action.unchanged',
        message: decision.message,
        data: { actionId: action.id, type: action.type },
      },
    ],
    input.now,
  );
  return { changed, waitSeconds: changed ? firstLookSeconds : 1, message: decision.message };
}
