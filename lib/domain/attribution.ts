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
  | {
      readonly attributed: true;
      readonly release: InService;
      readonly reason: string;
      /** In words, where the same alarm is on for a side without this release: then only numbers can blame it. */
      readonly alsoBad?: string;
    }
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
  /** Minutes that had to be bad for the alarm to go on; undefined where only its maker knows. */
  readonly badMinutes?: number;
  readonly sides: readonly ServiceView[];
  readonly releases: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
}

export function attribute(facts: AttributionFacts): Attribution {
  const { alarmName, alarmSince, alarmSide } = facts;
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
  const possible = wholeMinutes(newest.begunAt, alarmSince);
  if (facts.badMinutes !== undefined && possible < facts.badMinutes) {
    return no(
      `Alarm ${alarmName} needs ${facts.badMinutes} bad minutes and is on since ${alarmSince}, but only ${possible} ended ` +
        `since the release of ${what} began at ${newest.begunAt}: it was bad before.`,
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
  if (!alarmSide || facts.alsoOn.length === 0) return { attributed: true, release: newest, reason };
  const alsoBad = `The same alarm is on for ${[alarmSide, ...facts.alsoOn].join(' and ')}.`;
  return { attributed: true, release: newest, reason, alsoBad };
}

/**
 * What a side runs and since when. Deploying the same again is no new release, unless a moved tag brought other images;
 * so the side's history is followed back for as long as it is the same. Where that ends at a rollback of ours, what runs
 * is its doing and no release.
 */
export function releaseInService(
  view: ServiceView,
  releases: readonly Release[],
  rollbacks: readonly RollbackRecord[],
): InService | undefined {
  const primary = primaryDeployment(view);
  if (!primary) return undefined;
  const { taskDefinition, createdAt } = primary;
  const { side } = view;
  const inService = (begunAt: string): InService => ({ side, taskDefinition, begunAt });
  let begunAt = createdAt;
  let newer: Release | undefined;
  for (const change of changesOf(side, releases, rollbacks).filter(({ at }) => at <= createdAt)) {
    if (change.taskDefinition !== taskDefinition) break;
    if (change.rollbackId !== undefined) return { ...inService(begunAt), ownRollback: change.rollbackId };
    if (newer && change.release && otherImages(change.release, newer)) break;
    begunAt = change.at;
    newer = change.release;
  }
  return inService(begunAt);
}

/** Something that put a side on a task definition: a recorded release, or a rollback. */
export interface Change {
  readonly at: string;
  readonly taskDefinition: string;
  readonly release?: Release;
  readonly rollbackId?: string;
}

/** Newest first. @param side name of a side or companion */
export function changesOf(side: string, releases: readonly Release[], rollbacks: readonly RollbackRecord[]): Change[] {
  const released = releases
    .filter((release) => release.side === side)
    .map((release): Change => ({ at: release.deployedAt, taskDefinition: release.taskDefinition, release }));
  const rolledBack = rollbacks.flatMap(({ startedAt, reverts, undid, rollbackId }): Change[] => {
    const taskDefinition = reverts?.[side];
    // One that was undone changed nothing: what runs since is the release that ran before it.
    return taskDefinition === undefined || undid?.[side] !== undefined
      ? []
      : [{ at: startedAt, taskDefinition, rollbackId }];
  });
  return [...released, ...rolledBack].sort((a, b) => b.at.localeCompare(a.at));
}

/** True for a deployment that this rollback started: RevertService, or Compensate to undo that. */
export function isOwnDeployment(
  rollback: RollbackRecord,
  side: string,
  taskDefinition: string,
  createdAt: string,
): boolean {
  if (![rollback.reverts?.[side], rollback.undid?.[side]].includes(taskDefinition)) return false;
  return rollback.startedAt <= createdAt && (rollback.endedAt === undefined || createdAt <= rollback.endedAt);
}

const no = (reason: string): Attribution => ({ attributed: false, reason });

const minutesBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 60_000;

/** Minutes of the clock that ended after the release began and before the alarm was on: those it can have spoilt. */
const wholeMinutes = (from: string, to: string): number =>
  Math.floor(Date.parse(to) / 60_000) - Math.floor(Date.parse(from) / 60_000);

/** `2 minutes`, `3 hours`, `12 days`: whole numbers, rounded down, in the largest unit that is at least 2. */
function words(minutes: number): string {
  if (minutes >= 2 * 1_440) return `${Math.floor(minutes / 1_440)} days`;
  if (minutes >= 120) return `${Math.floor(minutes / 60)} hours`;
  const whole = Math.floor(minutes);
  return `${whole} minute${whole === 1 ? '' : 's'}`;
}
