/**
 * CheckSnapshot: whether a snapshot that is awaited is there. Only before the first change, so that one that fails or
 * takes too long blocks the rollback where it is required; where it is not, the rollback goes on.
 *
 * Calls: s3:GetObject, rds:DescribeDBSnapshots, rds:DescribeDBClusterSnapshots, dynamodb:PutItem, events:PutEvents
 */
import { actionOf } from '../lib/domain/actions.ts';
import { judgeSnapshot } from '../lib/domain/snapshot.ts';
import { judgeAwaited, laterBy, snapshotWaitSeconds } from '../lib/domain/snapshot-awaited.ts';
import type { ActionInput, CheckSnapshotResult } from '../lib/domain/states.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { readSnapshot } from './aws/rds.ts';
import { record } from './aws/timeline.ts';

export async function handler(input: ActionInput): Promise<CheckSnapshotResult> {
  const [plan, configuration] = await Promise.all([readPlan(input), readConfiguration(input.context)]);
  const action = actionOf(plan, input.actionId, 'StartSnapshot');
  const { kind, source: id, snapshot } = action.forward;
  const { now, deadline } = input;
  const since = input.appliedAt ?? now;
  const { snapshotMinutes } = configuration.policy;
  const progress = judgeSnapshot(action, await readSnapshot({ kind, id }, snapshot), { since, now, snapshotMinutes });
  const { status, message } = judgeAwaited(action, progress);
  await record(
    input.context,
    'CheckSnapshot',
    [{ kind: `check.${status}`, message, data: { actionId: action.id, type: action.type, snapshot } }],
    now,
  );
  return {
    status,
    waitSeconds: snapshotWaitSeconds(since, now),
    message,
    deadline: status === 'done' ? laterBy(deadline, since, now) : deadline,
  };
}
