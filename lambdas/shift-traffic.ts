/**
 * ShiftTraffic: sets the weights of one step of the plan on every rule, with group stickiness off in the same call.
 * Scaling of both sides rests before. Repeating it changes nothing. It moves nothing while the receiving side has too few healthy targets, nor where somebody
 * has set other weights than the step starts from, or deployed something there; CheckTraffic then finds what is there.
 *
 * Calls: s3:GetObject, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners,
 * elasticloadbalancing:DescribeTargetHealth, elasticloadbalancing:ModifyRule, elasticloadbalancing:ModifyListener,
 * ecs:DescribeServices, application-autoscaling:DescribeScalableTargets, application-autoscaling:RegisterScalableTarget,
 * ecs:UpdateService (which RegisterScalableTarget asks for), ssm:GetParameters, dynamodb:GetItem, dynamodb:PutItem, events:PutEvents
 */
import { actionOf, sideOf } from '../lib/domain/actions.ts';
import type { Plan, RuleWeights, ShiftTrafficAction } from '../lib/domain/model.ts';
import { deployedSince, leftToThem } from '../lib/domain/receiving.ts';
import type { ActionInput, ApplyResult } from '../lib/domain/states.ts';
import {
  changeWeights,
  describeWeights,
  gainingGroups,
  holds,
  requiredTargets,
  setByOthers,
  weightsOf,
} from '../lib/domain/traffic.ts';
import { tooFewTargets } from '../lib/domain/traffic-check.ts';
import { oweStickiness } from './aws/debts.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { modifyActions, readActions, targetHealth } from './aws/elbv2.ts';
import { obeyKillSwitch } from './aws/kill-switch.ts';
import { proveLock } from './aws/lock.ts';
import { restScaling } from './aws/rest-scaling.ts';
import { record } from './aws/timeline.ts';

/** ELBv2 needs a few seconds until every node of the load balancer knows the new weights. */
const settleSeconds = 5;

export async function handler(input: ActionInput): Promise<ApplyResult> {
  const plan = await readPlan(input);
  const action = actionOf(plan, input.actionId, 'ShiftTraffic');
  const { changed, message } = await shift(input, plan, action);
  await record(
    input.context,
    'ShiftTraffic',
    [
      {
        kind: changed ? 'action.applied' : 'action.unchanged',
        message,
        data: { actionId: action.id, type: action.type },
      },
    ],
    input.now,
  );
  return { changed, waitSeconds: settleSeconds, message };
}

interface Shifted {
  readonly changed: boolean;
  readonly message: string;
}

async function shift(input: ActionInput, plan: Plan, action: ShiftTrafficAction): Promise<Shifted> {
  const { context, now } = input;
  const messages: string[] = [];
  let changed = false;
  let rest: string[] | undefined;
  for (const planned of action.forward) {
    const change = changeWeights(await readActions(planned.rule), planned);
    if (change.kind === 'unchanged') {
      const before = action.reverse.find(({ rule }) => rule === planned.rule);
      const moved = before !== undefined && !holds(before, planned);
      changed ||= moved;
      messages.push(
        moved ? movedSince(before, planned) : `The weights already are ${describeWeights(planned.weights)}.`,
      );
      continue;
    }
    const refusal =
      change.kind === 'refused'
        ? change.reason
        : (setByOthers(change.before, action) ?? (await whyNot(input, plan, action)));
    if (refusal || change.kind === 'refused') {
      messages.push(`The traffic was not moved: ${refusal}`);
      break;
    }
    // Stickiness goes off in the same call: what is owed lies in the table before.
    const owed = oweStickiness(context, change.before, stepsOf(plan, planned.rule), now);
    await Promise.all([proveLock(context), obeyKillSwitch(context), owed]);
    if (!rest) {
      rest = await restSides(input);
      // The steps after the first find them at rest.
      if (action === plan.actions.find(({ type }) => type === 'ShiftTraffic')) messages.push(...rest);
    }
    await modifyActions(planned.rule, change.actions);
    changed = true;
    messages.push(await readBack(planned, change.before));
  }
  return { changed, message: messages.join(' ') };
}

/**
 * The side that the traffic leaves has less work by the minute, and would lose the tasks that it could be gone back to
 * with; the one that receives it must not lose any before.
 *
 * @returns what was done, a sentence for each side that is scaled
 */
async function restSides({ context, now }: ActionInput): Promise<string[]> {
  const { sides } = await readConfiguration(context);
  const said = sides.map(async (side) => ({ side, sentence: await restScaling(context, side, now) }));
  return (await Promise.all(said)).flatMap(({ side, sentence }) =>
    sentence ? [`Side ${side.name}: ${sentence}`] : [],
  );
}

/** Every state that the plan gives a rule. */
const stepsOf = (plan: Plan, rule: string): RuleWeights[] =>
  plan.actions.flatMap((action) =>
    action.type === 'ShiftTraffic' ? action.forward.filter((step) => step.rule === rule) : [],
  );

/** Read again right before the change: the plan's numbers are seconds old. */
async function whyNot({ context }: ActionInput, plan: Plan, action: ShiftTrafficAction): Promise<string | undefined> {
  const configuration = await readConfiguration(context);
  const [service, receiving] = await Promise.all([
    describeSide(sideOf(configuration, action.toSide)),
    Promise.all(gainingGroups(action).map(targetHealth)),
  ]);
  const theirs = configuration.policy.foreignDeployment === 'halt' && deployedSince(plan, action, service);
  if (theirs) return leftToThem(theirs, action.toSide);
  return tooFewTargets(receiving, requiredTargets(plan.current.map((side) => side.desiredCount)));
}

/**
 * The plan found other weights, so the move was made after it: nearly always by an attempt of this very step whose answer
 * was lost. Calling that unchanged would take our own change off the timeline.
 */
function movedSince(before: RuleWeights, planned: RuleWeights): string {
  return (
    `Weights set from ${describeWeights(before.weights)} to ${describeWeights(planned.weights)}, found so: ` +
    'by an earlier attempt of this step, or by somebody since the plan was made.'
  );
}

async function readBack(planned: RuleWeights, before: RuleWeights): Promise<string> {
  const after = weightsOf(planned.rule, await readActions(planned.rule));
  const from = describeWeights(before.weights);
  if (!after || !holds(after, planned)) {
    return `Weights set from ${from} to ${describeWeights(planned.weights)}, but they read back as ${after ? describeWeights(after.weights) : 'none'}.`;
  }
  const sticky = before.stickiness.enabled ? ', group stickiness switched off' : '';
  return `Weights set from ${from} to ${describeWeights(after.weights)}${sticky}.`;
}
