/**
 * What infrastructure as code disagrees with: how the account stands after a rollback, and the item of the table (`DRIFT`)
 * that a pipeline may ask for until a later release ends it.
 *
 * Calls: ecs:DescribeServices, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners,
 * elasticloadbalancing:DescribeTargetHealth, dynamodb:Query, dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem,
 * events:PutEvents
 */
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { PinnedDrift } from '../../lib/domain/drift/document.ts';
import { copiesIn, type DriftFacts, driftOf, runningOn } from '../../lib/domain/drift/drift.ts';
import {
  type CompletedRelease,
  type DriftNotice,
  driftBegins,
  driftEnd,
  driftEnds,
  withEarlier,
} from '../../lib/domain/drift/notice.ts';
import { pinsFor } from '../../lib/domain/drift/pins.ts';
import type { Plan, ServiceConfiguration, TimelineEntry } from '../../lib/domain/model.ts';
import { listDebts } from './debts.ts';
import { setting } from './environment.ts';
import { publishNotice } from './events.ts';
import { readStanding } from './standing.ts';
import { dynamodb, get, type Keys, pk, put } from './table.ts';

/** What differs now, with the changes that keep it. */
export async function readDrift(facts: {
  readonly configuration: ServiceConfiguration;
  readonly plan: Plan;
  readonly checkpoint: DriftFacts['checkpoint'];
  readonly timeline: readonly TimelineEntry[];
}): Promise<PinnedDrift[]> {
  const { configuration, plan, checkpoint, timeline } = facts;
  const [standing, debts] = await Promise.all([readStanding(configuration), listDebts(plan.service)]);
  const pinFacts = { plan, configuration, rules: standing.rules, running: (side: string) => runningOn(standing, side) };
  return driftOf({ plan, checkpoint, standing, debts, copies: copiesIn(timeline) }).map((drift) => ({
    ...drift,
    pins: pinsFor(drift, pinFacts),
  }));
}

/** Remembers drift that has begun, with what is open from before, and tells pipelines. @returns what they are told */
export async function putDrift(begun: DriftNotice): Promise<DriftNotice> {
  const found = await get<DriftNotice & { readonly endedAt?: string }>(key(begun.service));
  const notice = withEarlier(begun, found?.endedAt === undefined ? found : undefined);
  await put({ ...key(notice.service), ...notice });
  await publishNotice(driftBegins, notice, notice.since);
  return notice;
}

/**
 * A deployment has completed: where it ends drift, pipelines are told, at least once.
 *
 * @returns the rollback whose drift it ended
 */
export async function endDrift(service: string, release: CompletedRelease, now: string): Promise<string | undefined> {
  const notice = await get<DriftNotice & { readonly endedAt?: string }>(key(service));
  const end = notice && notice.endedAt === undefined ? driftEnd(notice, release, now) : undefined;
  if (!end) return undefined;
  await publishNotice(driftEnds, end, now);
  try {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: setting('TABLE'),
        Key: marshall(key(service)),
        UpdateExpression: 'SET #ended = :now, #by = :by',
        // A rollback that has begun another drift meanwhile keeps its own.
        ConditionExpression: '#rollback = :rollback',
        ExpressionAttributeNames: { '#ended': 'endedAt', '#by': 'endedBy', '#rollback': 'rollbackId' },
        ExpressionAttributeValues: marshall({ ':now': now, ':by': end.by, ':rollback': end.rollbackId }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
  return end.rollbackId;
}

const key = (service: string): Keys => ({ pk: pk(service), sk: 'DRIFT' });
