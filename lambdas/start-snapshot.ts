/**
 * StartSnapshot: asks RDS for the plan's snapshot, in one quick call. Repeating it takes no second one: a snapshot of the
 * plan's name and database is ours, whatever RDS answered to the call that made it. A refusal is an answer, which the
 * action's policy turns into `blocked` or a warning.
 *
 * Calls: s3:GetObject, rds:CreateDBSnapshot, rds:CreateDBClusterSnapshot, rds:AddTagsToResource,
 * rds:DescribeDBSnapshots, rds:DescribeDBClusterSnapshots, ssm:GetParameters, dynamodb:GetItem, dynamodb:PutItem,
 * events:PutEvents
 */
import { actionOf } from '../lib/domain/actions.ts';
import type { RollbackContext, StartSnapshotAction } from '../lib/domain/model.ts';
import { snapshotWaitSeconds } from '../lib/domain/snapshot-awaited.ts';
import { isOurs, type Refusal, refusalMessage } from '../lib/domain/snapshot-refusal.ts';
import type { ActionInput, StartSnapshotResult } from '../lib/domain/states.ts';
import { readPlan } from './aws/documents.ts';
import { obeyKillSwitch } from './aws/kill-switch.ts';
import { proveLock } from './aws/lock.ts';
import { createSnapshot, readSnapshot } from './aws/rds.ts';
import { record } from './aws/timeline.ts';

export async function handler(input: ActionInput): Promise<StartSnapshotResult> {
  const plan = await readPlan(input);
  const action = actionOf(plan, input.actionId, 'StartSnapshot');
  await Promise.all([proveLock(input.context), obeyKillSwitch(input.context)]);
  const { kind, message } = await take(action, input.context);
  await record(
    input.context,
    'StartSnapshot',
    [{ kind, message, data: { actionId: action.id, type: action.type, snapshot: action.forward.snapshot } }],
    input.now,
  );
  const refused = kind === 'action.refused';
  const status = refused ? (action.required ? 'blocked' : 'done') : action.awaits ? 'waiting' : 'done';
  return { status, waitSeconds: snapshotWaitSeconds(input.now, input.now), message };
}

interface Taken {
  /** Ours whichever attempt asked for it: calling it unchanged would take it off the timeline. */
  readonly kind: 'action.applied' | 'action.refused';
  readonly message: string;
}

async function take(action: StartSnapshotAction, context: RollbackContext): Promise<Taken> {
  const { kind, source: id, snapshot } = action.forward;
  const source = { kind, id };
  const refusal = await createSnapshot(source, snapshot, { tags: tagsFor(context), patient: action.required });
  if (!refusal) return { kind: 'action.applied', message: `RDS is taking snapshot ${snapshot} of ${kind} ${id}.` };
  // Whether it was taken all the same is looked at during the bake: without a snapshot the cure would not wait for it either.
  if (refusal.cause === 'unreachable' && !action.required) return refused(action, refusal);
  return isOurs(action, await readSnapshot(source, snapshot), refusal)
    ? { kind: 'action.applied', message: `RDS already has snapshot ${snapshot} of ${kind} ${id}.` }
    : refused(action, refusal);
}

const refused = (action: StartSnapshotAction, refusal: Refusal): Taken => ({
  kind: 'action.refused',
  message: refusalMessage(action, refusal),
});

const tagsFor = ({ rollbackId, service, environment }: RollbackContext): Record<string, string> => ({
  'backstep:rollback': rollbackId,
  'backstep:service': service,
  'backstep:environment': environment,
});
