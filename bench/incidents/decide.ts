/**
 * What Backstep would do at an alarm. Everything that decides is the real thing: the compiled alarms, CloudWatch's
 * evaluation as the simulated account has it, backing, attribution, measures, external cause and admission. Only what
 * Admit reads from AWS is put together here from the incident instead.
 */
import { renderAlarm } from '../../lib/constructs/alarms.ts';
import { type AdmissionFacts, admit, type Decision } from '../../lib/domain/admission.ts';
import { attribute } from '../../lib/domain/attribution.ts';
import { type AlarmView, backing } from '../../lib/domain/backing.ts';
import type { ServiceView } from '../../lib/domain/ecs.ts';
import {
  alarmingServices,
  alarmingTogether,
  externalCause,
  failingTogether,
  releaseMayBeTheCause,
} from '../../lib/domain/external-cause.ts';
import type { Release, ServiceConfiguration } from '../../lib/domain/model.ts';
import { judgeNeighbours, neighbourQuestions, neighbourWindow, troubleSince } from '../../lib/domain/neighbours.ts';
import { measureRelease } from '../../lib/domain/release-measures.ts';
import { releaseQuestions, releaseWindow } from '../../lib/domain/release-questions.ts';
import type { Series } from '../../lib/domain/verification/measure.ts';
import type { MetricQuestion } from '../../lib/domain/verification/queries.ts';
import { Alarm } from '../../simulator/services/cloudwatch/alarm.ts';
import type { MetricStore } from '../../simulator/services/cloudwatch/store.ts';

export interface Situation {
  readonly configuration: ServiceConfiguration;
  readonly store: MetricStore;
  readonly sides: readonly ServiceView[];
  readonly releases: readonly Release[];
  /** Alarms of other services that are on, and how many of those services have released lately; see `neighbours` of `configuration`. */
  readonly others: readonly AlarmView[];
  readonly otherReleases: number;
  /** Services of the environment that have alarms. */
  readonly services: number;
}

export function decide(situation: Situation, alarms: readonly AlarmView[], name: string, now: string): Decision {
  const { configuration, store, sides, releases, others } = situation;
  const { environment, service, policy } = configuration;
  const backed = backing(
    { alarmName: name, alarmArn: name, time: now, eventId: 'e' },
    configuration,
    alarms,
    undefined,
  );
  if (!backed.backed) throw new Error(backed.reason);
  const attribution = attribute({
    alarmName: name,
    alarmSince: backed.since,
    ...(backed.alarm.side && { alarmSide: backed.alarm.side }),
    alsoOn: backed.alsoOn,
    attributionMinutes: policy.attributionMinutes,
    ...(backed.badMinutes !== undefined && { badMinutes: backed.badMinutes }),
    sides,
    releases,
    rollbacks: [],
  });
  const alarming = alarmingServices(environment, service, backed.since, [...alarms, ...others]);
  const began = troubleSince(backed.since, backed.badMinutes ?? 5);
  const together =
    alarmingTogether(alarming, situation.services) ??
    failingTogether(
      judgeNeighbours(configuration.neighbours ?? [], neighbourSeries(situation, began, now), began),
      alarming,
    );
  const asked = { services: together?.others.length ?? 0, released: situation.otherReleases };
  const cause = together && externalCause(together, asked, attribution.attributed);
  const coincides = attribution.attributed && releaseMayBeTheCause(attribution.release.begunAt, began);
  const facts: AdmissionFacts = {
    now,
    environment,
    request: {
      service,
      version: 'previous',
      strategy: 'auto',
      scope: 'app',
      backup: true,
      dryRun: false,
      reason: '',
      confirmed: false,
      trigger: backed.trigger,
    },
    policy,
    killSwitch: { state: 'off' },
    rollbacks: [],
    incident: {
      ...(backed.metric !== undefined && { metric: backed.metric }),
      attribution,
      ...(cause !== undefined && { externalCause: cause, ...(coincides && { releaseMayBeTheCause: coincides }) }),
      ...(attribution.attributed && {
        measures: measureRelease({
          configuration,
          series: seriesOf(configuration, store, backed.since, now),
          side: attribution.release.side,
          begunAt: attribution.release.begunAt,
          alarmSince: backed.since,
          badMinutes: backed.badMinutes ?? 5,
        }),
      }),
    },
  };
  return admit(facts).decision;
}

/** What GetMetricData would answer. */
function seriesOf(
  configuration: ServiceConfiguration,
  store: MetricStore,
  since: string,
  now: string,
): Record<string, Series> {
  return answers(
    store,
    releaseQuestions(configuration),
    releaseWindow(since, configuration.policy.attributionMinutes, now),
  );
}

function neighbourSeries({ configuration, store }: Situation, since: string, now: string): Record<string, Series> {
  return answers(store, neighbourQuestions(configuration.neighbours ?? []), neighbourWindow(since, now));
}

function answers(
  store: MetricStore,
  questions: readonly MetricQuestion[],
  { from, to }: { readonly from: string; readonly to: string },
): Record<string, Series> {
  const range = { startMs: Date.parse(from), endMs: Date.parse(to), periodMs: 60_000 };
  return Object.fromEntries(
    questions.map(({ id, metric }) => {
      if (!metric) throw new Error(`${id} asks for no metric.`);
      const points = [...store.statistics(metric, metric.statistic, range)].sort(([a], [b]) => a - b);
      return [id, { points: points.map(([ms, value]) => ({ time: new Date(ms).toISOString(), value })) }];
    }),
  );
}

/** The alarms of a configuration, as CloudFormation would make them. */
export function alarmsOf(configuration: ServiceConfiguration, nowMs: number): Alarm[] {
  return configuration.triggers.flatMap(({ alarms }) =>
    alarms.map((definition) => new Alarm(definition.name, capitalized(renderAlarm(definition)) as never, nowMs)),
  );
}

/** `metricName` -> `MetricName`, all the way down: the template's names are the API's. */
function capitalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalized);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.charAt(0).toUpperCase() + key.slice(1), capitalized(inner)]),
  );
}
