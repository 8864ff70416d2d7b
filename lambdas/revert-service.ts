/**
 * RevertService: takes the next step that brings one ECS service to the plan's task definition, or to a copy of it, which
 * it registers first where the plan says so: an update, the end of a deployment under way, or a deployment by CodeDeploy.
 * The table of lib/domain/reversal decides. Repeating it changes nothing and registers nothing more. A deployment that
 * somebody began after the plan is left alone, since it may be the fix; CheckService then finds it and says so.
 *
 * Calls: s3:GetObject, ecs:DescribeServices, ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions,
 * ecs:UpdateService, ecs:StopServiceDeployment, ecs:ContinueServiceDeployment, ecs:ListTaskDefinitions,
 * ecs:DescribeTaskDefinition, ecs:RegisterTaskDefinition, ecs:TagResource, iam:PassRole, codedeploy:ListDeployments,
 * codedeploy:BatchGetDeployments, codedeploy:GetDeploymentGroup, codedeploy:GetDeploymentConfig,
 * codedeploy:RegisterApplicationRevision, codedeploy:StopDeployment, codedeploy:CreateDeployment,
 * application-autoscaling:DescribeScalableTargets, application-autoscaling:RegisterScalableTarget, ssm:GetParameters,
 * dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:UpdateItem, events:PutEvents
 */
import { actionOf, namedIn, revertsOf, sideOf, wantedOf } from '../lib/domain/actions.ts';
import { familyRevision, type ServiceView } from '../lib/domain/ecs.ts';
import type { Plan, RevertServiceAction, Side } from '../lib/domain/model.ts';
import { decideStep, type RevertStep } from '../lib/domain/reversal/step.ts';
import type { ActionInput, RevertResult } from '../lib/domain/states.ts';
import { registerCopy, registeredCopies } from './aws/copies.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { obeyKillSwitch } from './aws/kill-switch.ts';
import { recordRollback } from './aws/ledger.ts';
import { proveLock } from './aws/lock.ts';
import { restScaling } from './aws/rest-scaling.ts';
import { carryOut } from './aws/reversal.ts';
import { readRollout } from './aws/rollouts.ts';
import { record } from './aws/timeline.ts';

/** No task starts faster, so looking earlier would only cost a pass. */
const firstLookSeconds = 10;

/** Right before every change. */
const mayChange = (context: ActionInput['context']): Promise<unknown> =>
  Promise.all([proveLock(context), obeyKillSwitch(context)]);

/** Registers the copy and lets the ledger know that its deployment will be ours. */
async function copied(
  input: ActionInput,
  plan: Plan,
  action: RevertServiceAction,
  others: Readonly<Record<string, string>>,
): Promise<string> {
  if (!('register' in action.forward)) return action.forward.taskDefinition;
  const { context, now } = input;
  const { register: order } = action.forward;
  const { taskDefinition, made } = await registerCopy(context, action.side, order, now);
  const name = `${familyRevision(taskDefinition)}, a copy of ${familyRevision(order.of)}`;
  const message = `${made ? 'Registered' : 'Found'} ${name}: ${order.why}`;
  const data = { side: action.side, taskDefinition, copyOf: order.of };
  await Promise.all([
    recordRollback(context, { reverts: revertsOf(plan, { ...others, [action.side]: taskDefinition }) }),
    record(context, `RevertService ${action.side}`, [{ kind: 'definition.registered', message, data }], now),
  ]);
  await mayChange(context);
  return taskDefinition;
}

export async function handler(input: ActionInput): Promise<RevertResult> {
  const { context, now } = input;
  const [plan, configuration] = await Promise.all([readPlan(input), readConfiguration(context)]);
  const action = actionOf(plan, input.actionId, 'RevertService');
  const side = sideOf(configuration, action.side);
  const [service, copies] = await Promise.all([
    describeSide(side),
    'register' in action.forward ? registeredCopies(context) : {},
  ]);
  const wanted = wantedOf(action, copies);
  const name = wanted === undefined ? `a copy of ${familyRevision(namedIn(action))}` : familyRevision(wanted);
  const rollout = await readRollout(side, service);
  const step = decideStep({ side, service, rollout, action, wanted, name, plannedAt: plan.createdAt, now });
  const target = async (): Promise<string> => wanted ?? copied(input, plan, action, copies);
  const done = step.kind === 'change' && service ? await take(input, step, { side, service }, target) : undefined;
  const { changed, follows, message } = done ?? untouched(step);
  const data = { actionId: action.id, type: action.type };
  const kind = changed ? 'action.applied' : 'action.unchanged';
  await record(context, 'RevertService', [{ kind, message, data }], now);
  return { changed, follows, waitSeconds: changed ? firstLookSeconds : 1, message };
}

type Taken = Pick<RevertResult, 'changed' | 'follows' | 'message'>;

async function take(
  { context, now, actionId }: ActionInput,
  step: Extract<RevertStep, { kind: 'change' }>,
  on: { readonly side: Side; readonly service: ServiceView },
  taskDefinition: () => Promise<string>,
): Promise<Taken> {
  await mayChange(context);
  const scaling = await restScaling(context, on.side, now);
  const description = `Backstep rollback ${context.rollbackId}, action ${actionId}`;
  const inTime = await carryOut(step.change, { ...on, taskDefinition }, description);
  const message = [step.message, scaling].filter(Boolean).join(' ');
  // Whatever it met is looked at anew once it is over.
  if (!inTime)
    return { changed: false, follows: true, message: `${message} It came too late: that is looked at again.` };
  return { changed: true, follows: step.follows, message };
}

function untouched(step: RevertStep): Taken {
  const { message } = step;
  return step.kind === 'await'
    ? { changed: step.changed, follows: step.follows, message }
    : { changed: false, follows: false, message };
}
