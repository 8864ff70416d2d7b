/**
 * What an alarm's start is judged by: which release is to blame, what it does to requests, and who else alarms. All of
 * it is asked side by side, because users wait.
 *
 * Calls: ecs:DescribeServices, cloudwatch:GetMetricData, dynamodb:Query
 */
import type { IncidentFacts } from '../../lib/domain/admission.ts';
import { type Attribution, attribute } from '../../lib/domain/attribution.ts';
import type { Backing } from '../../lib/domain/backing.ts';
import {
  alarmingTogether,
  externalCause,
  failingTogether,
  releaseMayBeTheCause,
  type TroubledServices,
} from '../../lib/domain/external-cause.ts';
import type { Release, RollbackRecord, ServiceConfiguration } from '../../lib/domain/model.ts';
import {
  type JudgedNeighbours,
  judgeNeighbours,
  neighbourQuestions,
  neighbourWindow,
  troubleSince,
  usualBadMinutes,
} from '../../lib/domain/neighbours.ts';
import { measureRelease } from '../../lib/domain/release-measures.ts';
import { releaseQuestions, releaseWindow } from '../../lib/domain/release-questions.ts';
import type { Series } from '../../lib/domain/verification/measure.ts';
import { describeSide } from './ecs.ts';
import { newestReleaseAt } from './ledger.ts';
import { readSeries } from './metrics.ts';

export interface Incident {
  readonly configuration: ServiceConfiguration;
  readonly alarm: Extract<Backing, { readonly backed: true }>;
  readonly releases: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
  /** Other services that alarm within minutes of this one. */
  readonly alarming: readonly string[];
  /** Services of the environment that have alarms. */
  readonly alarmedServices: number;
  readonly now: string;
}

export async function readIncident(incident: Incident): Promise<IncidentFacts> {
  const { configuration, alarm, alarming } = incident;
  const alarmed = alarmingTogether(alarming, incident.alarmedServices);
  const [views, series, judged, alarmedReleases] = await Promise.all([
    Promise.all(configuration.sides.map(describeSide)),
    readCounts(incident),
    alarmed ? undefined : readNeighbours(incident),
    alarmed && readReleased(incident, alarmed),
  ]);
  const attribution = attribute({
    alarmName: alarm.trigger.alarmName,
    alarmSince: alarm.since,
    ...(alarm.alarm.side && { alarmSide: alarm.alarm.side }),
    alsoOn: alarm.alsoOn,
    attributionMinutes: configuration.policy.attributionMinutes,
    ...(alarm.badMinutes !== undefined && { badMinutes: alarm.badMinutes }),
    sides: views.filter((view) => view !== undefined),
    releases: incident.releases,
    rollbacks: incident.rollbacks,
  });
  const together = alarmed ?? (judged && failingTogether(judged, alarming));
  // Who is in trouble with many others can wait for one more question: nothing will be done at once.
  const released = alarmedReleases ?? (together && (await readReleased(incident, together)));
  const cause = together && released && externalCause(together, released, attribution.attributed);
  const coincides = attribution.attributed && releaseMayBeTheCause(attribution.release.begunAt, beganAt(incident));
  return {
    ...(alarm.metric !== undefined && { metric: alarm.metric }),
    attribution,
    ...(alarm.offSince !== undefined && { offSince: alarm.offSince }),
    ...(cause !== undefined && { externalCause: cause, ...(coincides && { releaseMayBeTheCause: coincides }) }),
    ...measures(incident, attribution, series),
  };
}

/** Without an answer nothing is measured, and the runbook's word stands: the alarm is on all the same. */
async function readCounts({ configuration, alarm, now }: Incident): Promise<Record<string, Series> | undefined> {
  const questions = releaseQuestions(configuration);
  if (questions.length === 0) return undefined;
  const { from, to } = releaseWindow(alarm.since, configuration.policy.attributionMinutes, now);
  try {
    return await readSeries(questions, from, to);
  } catch {
    return undefined;
  }
}

/** Without an answer their alarms have to do. */
async function readNeighbours(incident: Incident): Promise<JudgedNeighbours | undefined> {
  const { neighbours = [] } = incident.configuration;
  if (neighbours.length === 0) return undefined;
  const since = beganAt(incident);
  const { from, to } = neighbourWindow(since, incident.now);
  try {
    return judgeNeighbours(neighbours, await readSeries(neighbourQuestions(neighbours), from, to), since);
  } catch {
    return undefined;
  }
}

const beganAt = ({ alarm }: Incident): string => troubleSince(alarm.since, alarm.badMinutes ?? usualBadMinutes);

/** Half of a crowd decides as well as all of it, and forty queries at once are no burden. */
const askedAtMost = 40;

async function readReleased({ configuration, alarm }: Incident, { others }: TroubledServices) {
  const earliest = Date.parse(alarm.since) - configuration.policy.attributionMinutes * 60_000;
  const asked = others.slice(0, askedAtMost);
  const newest = await Promise.all(asked.map(newestReleaseAt));
  const released = newest.filter((at) => at !== undefined && Date.parse(at) >= earliest);
  return { services: asked.length, released: released.length };
}

function measures(
  { configuration, alarm }: Incident,
  attribution: Attribution,
  series: Record<string, Series> | undefined,
): Pick<IncidentFacts, 'measures'> {
  if (!attribution.attributed || !series) return {};
  const { side, begunAt } = attribution.release;
  return {
    measures: measureRelease({
      configuration,
      series,
      side,
      begunAt,
      alarmSince: alarm.since,
      badMinutes: alarm.badMinutes ?? usualBadMinutes,
    }),
  };
}
