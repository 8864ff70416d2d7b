/**
 * Compensate: one pass of undoing what a rollback that stopped has changed, as far as that leaves users better off; the
 * state machine repeats it until nothing is left to be undone. Repeating it changes nothing more. After a lost lock, a
 * flipped kill switch or a changed plan it only names the state that the service is in.
 *
 * Calls: s3:GetObject, ecs:DescribeServices, ecs:UpdateService, iam:PassRole, ecs:DescribeServiceDeployments,
 * ecs:DescribeServiceRevisions, ecs:StopServiceDeployment, ecs:ContinueServiceDeployment, codedeploy:ListDeployments,
 * codedeploy:BatchGetDeployments, codedeploy:StopDeployment, elasticloadbalancing:DescribeTargetHealth,
 * elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners, elasticloadbalancing:ModifyRule,
 * elasticloadbalancing:ModifyListener, ssm:GetParameters, dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem,
 * dynamodb:UpdateItem, events:PutEvents
 */
import { sideOf, withCopies } from '../lib/domain/actions.ts';
import { decideCompensation } from '../lib/domain/compensation.ts';
import { KillSwitchOn, LockLost, PlanChanged } from '../lib/domain/errors.ts';
import type { Plan, ServiceConfiguration } from '../lib/domain/model.ts';
import type { CompensateInput, CompensateResult } from '../lib/domain/states.ts';
import { changeWeights, weightsOf } from '../lib/domain/traffic.ts';
import { type CompensationFacts, type Undo, undoBegun } from '../lib/domain/undo.ts';
import { registeredCopies } from './aws/copies.ts';
import { readCheckpoint, readConfiguration, readPlan, readStoredPlan } from './aws/documents.ts';
import { updateService } from './aws/ecs.ts';
import { modifyActions, readActions } from './aws/elbv2.ts';
import { obeyKillSwitch } from './aws/kill-switch.ts';
import { recordRollback } from './aws/ledger.ts';
import { proveLock } from './aws/lock.ts';
import { endDeployment, readMoved } from './aws/moved.ts';
import { readStanding } from './aws/standing.ts';
import { readTimeline, record } from './aws/timeline.ts';

export async function handler(input: CompensateInput): Promise<CompensateResult> {
  const configuration = await readConfiguration(input.context);
  const facts = await gather(input, configuration);
  const first = decideCompensation(facts);
  const forbidden = first.kind === 'undo' ? await whyForbidden(input) : undefined;
  const decision = forbidden === undefined ? first : decideCompensation({ ...facts, forbidden });
  // Under keys of their own: a second attempt that finds the change made must not write over what the first one said.
  const tell = (kind: string, order: number, data?: { undoes: string }): Promise<void> =>
    record(
      input.context,
      `Compensate#${order}`,
      [{ kind, message: decision.kind === 'done' ? decision.reason : decision.message, ...(data && { data }) }],
      input.now,
    );
  if (decision.kind === 'undo') {
    // First: an attempt that dies in the middle must be known for what it did.
    await tell(undoBegun, 0, { undoes: decision.undo.action.id });
    await change(input, decision.undo, configuration);
  }
  if (decision.kind === 'done') {
    const { outcome, reason } = decision;
    await tell('compensated', 1);
    return { status: 'done', waitSeconds: 1, outcome, reason };
  }
  const { outcome, reason } = input;
  return { status: 'waiting', waitSeconds: decision.waitSeconds, outcome, reason };
}

async function gather(input: CompensateInput, configuration: ServiceConfiguration): Promise<CompensationFacts> {
  const { context, now, since, index, outcome, reason } = input;
  const [{ plan, changed }, checkpoint, standing, timeline] = await Promise.all([
    readAnyPlan(input),
    readCheckpoint(input.checkpointKey),
    readStanding(configuration),
    readTimeline(context.service, context.rollbackId),
  ]);
  const moved = await readMoved(standing);
  const forbidden = changed ?? whyStopped(input);
  return {
    now,
    since,
    index,
    stopped: { outcome, reason },
    plan,
    checkpoint,
    standing,
    moved,
    timeline,
    ...(forbidden !== undefined && { forbidden }),
  };
}

/** A plan that is not the one decided on still tells what may have been done. */
async function readAnyPlan(input: CompensateInput): Promise<{ readonly plan: Plan; readonly changed?: string }> {
  try {
    return { plan: withCopies(await readPlan(input), await registeredCopies(input.context)) };
  } catch (error) {
    if (!(error instanceof PlanChanged)) throw error;
    return { plan: await readStoredPlan(input.planKey), changed: `${error.message} Nothing is undone by it.` };
  }
}

/** What ended the rollback itself may forbid every further change. */
function whyStopped({ failure }: CompensateInput): string | undefined {
  return failure && final.has(failure.error) ? 'Nothing was undone.' : undefined;
}

const final: ReadonlySet<string> = new Set(['LockLost', 'KillSwitchOn', 'PlanChanged']);

async function whyForbidden({ context }: CompensateInput): Promise<string | undefined> {
  try {
    await Promise.all([proveLock(context), obeyKillSwitch(context)]);
    return undefined;
  } catch (error) {
    if (error instanceof LockLost || error instanceof KillSwitchOn) return `Nothing was undone: ${error.message}`;
    throw error;
  }
}

async function change({ context }: CompensateInput, undo: Undo, configuration: ServiceConfiguration): Promise<void> {
  if (undo.kind !== 'weights') {
    const { side } = undo.action;
    // Before its event comes, or the ledger would take the deployment for a new release.
    await recordRollback(context, { undid: { [side]: undo.taskDefinition } });
    if (undo.kind === 'deployment') await endDeployment(undo.end);
    else await updateService(sideOf(configuration, side), undo.taskDefinition);
    return;
  }
  for (const planned of undo.to) {
    const live = await readActions(planned.rule);
    // Only the weights move here: GiveBack gives group stickiness back, which is owed.
    const { stickiness = planned.stickiness } = weightsOf(planned.rule, live) ?? {};
    const changed = changeWeights(live, { ...planned, stickiness });
    if (changed.kind === 'refused') throw new Error(`The weights cannot go back: ${changed.reason}`);
    if (changed.kind === 'change') await modifyActions(planned.rule, changed.actions);
  }
}
