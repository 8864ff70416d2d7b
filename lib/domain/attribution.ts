/**
 * Which release, if any, an alarm can be blamed on. A rollback must be the cure for something: without a release that
 * began shortly before the alarm, people are told and nothing is changed.
 */
import { familyRevision, primaryDeployment, type ServiceView } from './ecs.ts';
import type { Release, RollbackRecord } from './model.ts';
import { otherImages } from './releases.ts';

/** The release that a side has now, as far as it is one. */
export interface InService {
  readonly side: string;
  readonly taskDefinition: string;
  /** When the deployment began that brought it; not when it was last redeployed unchanged. */
  readonly begunAt: string;
  /** The rollback whose own deployment this is; such a one is no release. */
  readonly ownRollback?: string;
}

export type Attribution =
  | { readonly attributed: true; readonly release: InService; readonly reason: string }
  | { readonly attributed: false; readonly reason: string };

export interface AttributionFacts {
  readonly alarmName: string;
  /** When CloudWatch put the alarm into ALARM. */
  readonly alarmSince: string;
  /** The side that the alarm watches; absent when it watches all. */
  readonly alarmSide?: string;
  /** Other sides whose alarm of the same trigger is on. */
  readonly alsoOn: readonly string[];
  readonly attributionMinutes: number;
  readonly sides: readonly ServiceView[];
  readonly releases: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
}

export function attribute(facts: AttributionFacts): Attribution {
  const { alarmName, alarmSince, alarmSide } = facts;
  if (alarmSide && facts.alsoOn.length > 0) {
    const sides = [alarmSide, ...facts.alsoOn].join(' and ');
    return no(`${sides} are equally bad: the same alarm is on for each, so no release of one of them explains it.`);
  }
  const watched = facts.sides.filter((view) => !alarmSide || view.side === alarmSide);
  const inService = watched.flatMap((view) => releaseInService(view, facts.releases, facts.rollbacks) ?? []);
  const newest = inService.sort((a, b) => b.begunAt.localeCompare(a.begunAt))[0];
  if (!newest)
    return no(`ECS reports no deployment of ${alarmSide ?? 'any side'}, so no release explains alarm ${alarmName}.`);

  const what = `${familyRevision(newest.taskDefinition)} on ${newest.side}`;
  if (newest.ownRollback)
    return no(`What runs is ${what}, put there by rollback ${newest.ownRollback}: it is no release.`);
  const minutes = minutesBetween(newest.begunAt, alarmSince);
  if (minutes < 0) {
    return no(
      `Alarm ${alarmName} is on since ${alarmSince}, before the release of ${what} began at ${newest.begunAt}.`,
    );
  }
  if (minutes > facts.attributionMinutes) {
    return no(
      `The newest release, ${what}, began ${words(minutes)} before alarm ${alarmName}; only the last ` +
        `${facts.attributionMinutes} minutes are blamed on a release.`,
    );
  }
  const reason =
    `The release of ${what} began ${words(minutes)} before alarm ${alarmName}, within the ${facts.attributionMinutes} ` +
    'minutes that are blamed on a release.';
  return { attributed: true, release: newest, reason };
}

/** What a side runs and since when, told apart from redeployments of the same and from our own rollbacks. */
export function releaseInService(
  view: ServiceView,
  releases: readonly Release[],
  rollbacks: readonly RollbackRecord[],
): InService | undefined {
  const primary = primaryDeployment(view);
  if (!primary) return undefined;
  const { taskDefinition, createdAt } = primary;
  const own = rollbacks.find((rollback) => isOwnDeployment(rollback, view.side, taskDefinition, createdAt));
  return {
    side: view.side,
    taskDefinition,
    begunAt: firstBegun(view.side, taskDefinition, createdAt, releases, rollbacks),
    ...(own && { ownRollback: own.rollbackId }),
  };
}

/** True for a deployment that this rollback's RevertService started. */
export function isOwnDeployment(
  rollback: RollbackRecord,
  side: string,
  taskDefinition: string,
  createdAt: string,
): boolean {
  if (rollback.reverts?.[side] !== taskDefinition) return false;
  return rollback.startedAt <= createdAt && (rollback.endedAt === undefined || createdAt <= rollback.endedAt);
}

/**
 * Deploying the same task definition again is no new release, unless a moved tag brought other images, or a rollback had
 * taken it out of service in between. The ledger's records of the side are followed back for as long as they are the same.
 */
function firstBegun(
  side: string,
  taskDefinition: string,
  createdAt: string,
  releases: readonly Release[],
  rollbacks: readonly RollbackRecord[],
): string {
  const earlier = releases
    .filter((release) => release.side === side && release.deployedAt <= createdAt)
    .sort((a, b) => b.deployedAt.localeCompare(a.deployedAt));
  let begunAt = createdAt;
  let newer: Release | undefined;
  for (const release of earlier) {
    if (release.taskDefinition !== taskDefinition || (newer && otherImages(release, newer))) break;
    if (rollbacks.some(({ executes, startedAt }) => executes && release.deployedAt < startedAt && startedAt < begunAt))
      break;
    begunAt = release.deployedAt;
    newer = release;
  }
  return begunAt;
}

const no = (reason: string): Attribution => ({ attributed: false, reason });

const minutesBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 60_000;

/** `2 minutes`, `3 hours`, `12 days`: whole numbers, rounded down, in the largest unit that is at least 2. */
function words(minutes: number): string {
  if (minutes >= 2 * 1_440) return `${Math.floor(minutes / 1_440)} days`;
  if (minutes >= 120) return `${Math.floor(minutes / 60)} hours`;
  const whole = Math.floor(minutes);
  return `${whole} minute${whole === 1 ? '' : 's'}`;
}
