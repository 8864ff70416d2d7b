/**
 * CheckTraffic: the weights read back as planned, and the receiving side has enough healthy targets. Between two steps it
 * is the health gate as well: a step that nothing is wrong with for long enough lets the next one begin. A release that
 * somebody deploys there in the middle ends the steps, or is adopted, by policy.
 *
 * Calls: s3:GetObject, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners,
 * elasticloadbalancing:DescribeTargetHealth, ecs:DescribeServices, cloudwatch:GetMetricData (gates only), dynamodb:PutItem,
 * events:PutEvents
 */
import { actionOf, sideOf } from '../lib/domain/actions.ts';
import { gateNumbers, gateQuestions } from '../lib/domain/gate-numbers.ts';
import type { Plan, ServiceConfiguration, ShiftTrafficAction } from '../lib/domain/model.ts';
import { deployedSince, leftToThem } from '../lib/domain/receiving.ts';
import { adoptedKind } from '../lib/domain/service-check.ts';
import type { ActionInput, CheckResult } from '../lib/domain/states.ts';
import { gainingGroups, requiredTargets, weightsOf } from '../lib/domain/traffic.ts';
import { judgeTraffic, notAsPlanned } from '../lib/domain/traffic-check.ts';
import { type GateNumbers, isHeldLongEnough, judgeGate } from '../lib/domain/traffic-gate.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { readActions, targetHealth } from './aws/elbv2.ts';
import { readSeries } from './aws/metrics.ts';
import { record } from './aws/timeline.ts';

export async function handler(input: ActionInput): Promise<CheckResult> {
  const [plan, configuration] = await Promise.all([readPlan(input), readConfiguration(input.context)]);
  const action = actionOf(plan, input.actionId, 'ShiftTraffic');
  const service = await describeSide(sideOf(configuration, action.toSide));
  const theirs = deployedSince(plan, action, service);
  const adopts = configuration.policy.foreignDeployment === 'adopt';
  const result: CheckResult =
    theirs && !adopts
      ? { status: 'failed', waitSeconds: 1, message: leftToThem(theirs, action.toSide) }
      : await check(input, plan, action, configuration);
  const { status, message } = result;
  const data = { actionId: action.id, type: action.type };
  const adopted = theirs && status === 'done' ? { ...data, taskDefinition: theirs.taskDefinition } : undefined;
  const news = adopted ? [{ kind: adoptedKind, message, data: adopted }] : [];
  await record(input.context, 'CheckTraffic', [{ kind: `check.${status}`, message, data }, ...news], input.now);
  return result;
}

async function check(
  input: ActionInput,
  plan: Plan,
  action: ShiftTrafficAction,
  configuration: ServiceConfiguration,
): Promise<CheckResult> {
  const { now, deadline } = input;
  const [live, receiving] = await Promise.all([
    Promise.all(action.forward.map(async ({ rule }) => weightsOf(rule, await readActions(rule)))),
    Promise.all(gainingGroups(action).map(targetHealth)),
  ]);
  const facts = {
    planned: action.forward,
    before: action.reverse,
    live: live.filter((weights) => weights !== undefined),
    receiving,
    required: requiredTargets(plan.current.map((side) => side.desiredCount)),
    appliedAt: input.appliedAt ?? plan.createdAt,
    now,
    deadline,
  };
  const { gate, toSide: side } = action;
  if (!gate) return judgeTraffic(facts);
  const changed = notAsPlanned(facts);
  if (changed) return changed;
  const held = { ...facts, gate, side };
  return judgeGate(
    isHeldLongEnough(held)
      ? { ...held, numbers: await measure(configuration, { side, appliedAt: held.appliedAt, now }) }
      : held,
  );
}

/** CloudWatch that cannot be read leaves the step without numbers; its targets are still judged. */
async function measure(
  configuration: ServiceConfiguration,
  step: { readonly side: string; readonly appliedAt: string; readonly now: string },
): Promise<GateNumbers> {
  const facts = { configuration, ...step };
  const asked = gateQuestions(facts);
  if ('missing' in asked) return asked;
  try {
    return gateNumbers(facts, await readSeries(asked.queries, asked.from, asked.to));
  } catch (error) {
    return { missing: `CloudWatch could not be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}
