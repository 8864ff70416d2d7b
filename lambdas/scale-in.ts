/**
 * ScaleIn: takes out the tasks of the side that the traffic left, once the rollback is verified. Repeating it changes
 * nothing. Where anything speaks for keeping them it says so and leaves them; the rollback is verified all the same.
 *
 * Calls: s3:GetObject, ecs:DescribeServices, ecs:UpdateService, elasticloadbalancing:DescribeRules,
 * elasticloadbalancing:DescribeListeners, cloudwatch:GetMetricData, application-autoscaling:DescribeScalableTargets,
 * ssm:GetParameters, dynamodb:GetItem, dynamodb:PutItem, events:PutEvents
 */
import { actionOf, sideOf } from '../lib/domain/actions.ts';
import { requestsIn, requestsOfLast } from '../lib/domain/answered-requests.ts';
import type { ServiceConfiguration, Side } from '../lib/domain/model.ts';
import { decideScaleIn, idleMinutes, type ScaleInFacts } from '../lib/domain/scale-in.ts';
import type { ActionInput, ApplyResult } from '../lib/domain/states.ts';
import { weightsOf } from '../lib/domain/traffic.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide, setDesiredCount } from './aws/ecs.ts';
import { readActions } from './aws/elbv2.ts';
import { obeyKillSwitch } from './aws/kill-switch.ts';
import { proveLock } from './aws/lock.ts';
import { readSeries } from './aws/metrics.ts';
import { readScaling, scalableResource } from './aws/scaling.ts';
import { record } from './aws/timeline.ts';

export async function handler(input: ActionInput): Promise<ApplyResult> {
  const [plan, configuration] = await Promise.all([readPlan(input), readConfiguration(input.context)]);
  const action = actionOf(plan, input.actionId, 'ScaleIn');
  const side = sideOf(configuration, action.side);
  const [service, rules, requests, scaling] = await Promise.all([
    describeSide(side),
    Promise.all(configuration.traffic.rules.map(async (rule) => weightsOf(rule, await readActions(rule)))),
    lastRequests(configuration, side, input.now),
    readScaling(scalableResource(side)),
  ]);
  const decision = decideScaleIn({
    action,
    service,
    plannedTaskDefinition: plan.current.find((state) => state.side === side.name)?.taskDefinition,
    targetGroup: side.targetGroup ?? '',
    rules: rules.filter((weights) => weights !== undefined),
    requests,
    minimumTasks: scaling?.minimum,
  });
  if (decision.kind === 'scale') {
    await Promise.all([proveLock(input.context), obeyKillSwitch(input.context)]);
    await setDesiredCount(side, action.forward.desiredCount);
  }
  const { kind, message } = decision;
  const data = { actionId: action.id, type: action.type, side: side.name };
  const entries =
    kind === 'leave'
      ? [{ kind: 'action.refused', message, data }]
      : [
          { kind: 'action.applied', message, data },
          { kind: 'check.done', message: 'ECS lets the tasks finish what they are at; nothing waits for that.', data },
        ];
  await record(input.context, 'ScaleIn', entries, input.now);
  return { changed: kind !== 'leave', waitSeconds: 1, message };
}

async function lastRequests(
  configuration: ServiceConfiguration,
  side: Side,
  now: string,
): Promise<ScaleInFacts['requests']> {
  const asked = requestsOfLast(configuration, side.name, idleMinutes, now);
  if (!asked) return { problem: 'no load balancer counts them' };
  try {
    return requestsIn(await readSeries(asked.queries, asked.from, asked.to));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
