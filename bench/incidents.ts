/**
 * False and missed decisions over seeded incidents with a known cause, by kind. The alarms are the compiled ones, their
 * evaluation is the simulated CloudWatch's, and attribution, measures, external cause and admission are the real
 * functions; the metrics are drawn, and Admit's own reading of AWS is replaced by the incident. Every trigger rolls back
 * by itself here, so that nothing is right merely because a person was asked.
 *
 * Run with `npm run bench:incidents -- [per kind] [first seed]`. The same seeds give the same table everywhere.
 */
import { resolve } from 'node:path';
import { loadConfiguration } from '../lib/config/load.ts';
import type { Decision } from '../lib/domain/admission.ts';
import type { AlarmView } from '../lib/domain/backing.ts';
import type { ServiceView } from '../lib/domain/ecs.ts';
import type { ServiceConfiguration } from '../lib/domain/model.ts';
import { Random } from '../simulator/random.ts';
import type { Alarm } from '../simulator/services/cloudwatch/alarm.ts';
import { MetricStore } from '../simulator/services/cloudwatch/store.ts';
import { alarmsOf, decide, type Situation } from './incidents/decide.ts';
import { type Answer, environmentSize, type Incident, type Kind, kinds, length } from './incidents/kinds.ts';
import { minuteMs, putMinute } from './incidents/metrics.ts';
import { drawNeighbours, neighbourOf, putNeighbours } from './incidents/neighbours.ts';

interface Ending {
  readonly answer: Answer;
  /** From the trouble to the first answer that is not nothing. */
  readonly minutes?: number;
}

const configurations = { 1: configurationOf('01-checkout'), 2: configurationOf('02-two-sides') } as const;
const startMs = Date.UTC(2026, 10, 20, 3);
/** A minute's metrics can be read this long after its end. */
const publicationMs = 40_000;
/** Before that the alarms have nothing to see. */
const firstLook = 10;

const perKind = Number(process.argv[2] ?? 150);
const firstSeed = Number(process.argv[3] ?? 1);
const began = performance.now();
console.log(
  'incidents whose cause is a release     count  rolled back  asked  missed          minutes to the answer, median',
);
table(kinds.filter(({ release }) => release));
console.log('\nincidents whose cause is something else count  nothing      asked  false rollback');
table(kinds.filter(({ release }) => !release));
const seconds = (performance.now() - began) / 1_000;
console.log(
  `\n${kinds.length * perKind} incidents, seeds ${firstSeed} to ${firstSeed + perKind - 1} of each kind, in ${seconds.toFixed(0)} s`,
);

function table(which: readonly Kind[]): void {
  const sum = { right: 0, asked: 0, wrong: 0 };
  for (const kind of which) {
    const endings = Array.from({ length: perKind }, (_, index) => play(kind, firstSeed + index));
    const of = (answer: Answer): number => endings.filter((ending) => ending.answer === answer).length;
    const [right, wrong] = kind.release ? [of('rolled back'), of('nothing')] : [of('nothing'), of('rolled back')];
    const asked = of('asked a person');
    sum.right += right;
    sum.asked += asked;
    sum.wrong += wrong;
    const minutes = median(endings.flatMap((ending) => ending.minutes ?? []));
    row(kind.name, perKind, right, asked, wrong, kind.release && minutes !== undefined ? minutes.toFixed(1) : '');
  }
  row('all', which.length * perKind, sum.right, sum.asked, sum.wrong, '');
}

function row(name: string, count: number, right: number, asked: number, wrong: number, minutes: string): void {
  const share = `${wrong} (${((100 * wrong) / count).toFixed(1)} %)`;
  console.log(
    `${name.padEnd(42)} ${String(count).padStart(5)} ${String(right).padStart(9)} ${String(asked).padStart(8)}  ${share.padEnd(14)}  ${minutes}`,
  );
}

// ---------------------------------------------------------------- one incident

function play(kind: Kind, seed: number): Ending {
  const random = new Random(seed).fork(kind.name);
  const incident = kind.draw(random);
  const chance = new Random(seed).fork(`${kind.name}, the others`);
  const courses = drawNeighbours(chance, incident, environmentSize - 1);
  const configuration = configurations[incident.sides];
  const store = new MetricStore();
  const alarms = alarmsOf(configuration, startMs);
  let asked: number | undefined;
  /** When the first of our alarms went on. */
  let firstMs: number | undefined;
  for (let minute = 0; minute < length; minute += 1) {
    const timeMs = startMs + minute * minuteMs;
    putMinute(store, configuration, incident.minute(minute), incident.published, timeMs, random);
    putNeighbours(store, courses, minute, timeMs, chance);
    if (minute < firstLook) continue;
    const nowMs = timeMs + minuteMs + publicationMs;
    for (const alarm of wentOn(alarms, store, nowMs)) {
      const minutes = (nowMs - startMs) / minuteMs - incident.troubleAt;
      if (minutes >= 0) firstMs ??= nowMs;
      const others = othersOn(incident.others, firstMs, nowMs);
      const decision = decisionAt(incident, configuration, store, alarms, others, alarm.name, nowMs);
      if (decision === 'execute') return { answer: 'rolled back', minutes };
      if (decision === 'approve') asked ??= minutes;
    }
  }
  return asked === undefined ? { answer: 'nothing' } : { answer: 'asked a person', minutes: asked };
}

/** Evaluates every alarm once; those that have gone into ALARM. */
function wentOn(alarms: readonly Alarm[], store: MetricStore, nowMs: number): Alarm[] {
  return alarms.filter((alarm) => {
    const next = alarm.evaluate(store, nowMs);
    if (next) alarm.enter(next);
    return next?.value === 'ALARM';
  });
}

function decisionAt(
  incident: Incident,
  configuration: ServiceConfiguration,
  store: MetricStore,
  alarms: readonly Alarm[],
  others: readonly AlarmView[],
  name: string,
  nowMs: number,
): Decision {
  const now = new Date(nowMs).toISOString();
  const views = alarms.map(
    (alarm): AlarmView => ({
      name: alarm.name,
      arn: alarm.arn,
      state: alarm.state.value,
      since: new Date(alarm.state.timeMs).toISOString(),
    }),
  );
  const situation: Situation = {
    configuration,
    store,
    sides: sidesAt(incident, configuration, nowMs),
    releases: [],
    others,
    otherReleases: incident.others?.released ?? 0,
    services: environmentSize,
  };
  return decide(situation, views, name, now);
}

/** Alarms of other services that are on by now: spread over a minute, of which this service's first alarm has its own second. */
function othersOn(others: Incident['others'], firstMs: number | undefined, nowMs: number): AlarmView[] {
  if (!others || firstMs === undefined) return [];
  return Array.from({ length: others.alarming }, (_, index): AlarmView => {
    const sinceMs = firstMs + ((index + 0.5) / others.alarming - others.ahead) * minuteMs;
    return {
      name: `backstep/production/service-${index + 1}/error_rate_spike`,
      arn: 'alarm',
      state: sinceMs <= nowMs ? 'ALARM' : 'OK',
      since: new Date(sinceMs).toISOString(),
    };
  });
}

/** What ECS would say of each side: the release is on the last one. */
function sidesAt(incident: Incident, { sides }: ServiceConfiguration, nowMs: number): ServiceView[] {
  const longAgo = new Date(startMs - 6 * 86_400_000).toISOString();
  const { releasedAt } = incident;
  const releasedMs = releasedAt === undefined ? undefined : startMs + releasedAt * minuteMs;
  return sides.map(({ name }, index) => {
    const isNew = index === sides.length - 1 && releasedMs !== undefined && nowMs >= releasedMs;
    const taskDefinition = `arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:${isNew ? 42 : 41}`;
    const createdAt = isNew ? new Date(releasedMs).toISOString() : longAgo;
    return {
      side: name,
      serviceArn: `arn:aws:ecs:eu-west-1:111122223333:service/shop/${name}`,
      status: 'ACTIVE',
      taskDefinition,
      desiredCount: 3,
      runningCount: 3,
      pendingCount: 0,
      controller: 'ECS',
      strategy: 'ROLLING',
      scheduling: 'REPLICA',
      containers: [],
      deployments: [
        {
          id: `ecs-svc/${index}`,
          status: 'PRIMARY',
          taskDefinition,
          desiredCount: 3,
          runningCount: 3,
          pendingCount: 0,
          failedTasks: 0,
          rolloutState: 'COMPLETED',
          createdAt,
          updatedAt: createdAt,
        },
      ],
      pauses: [],
      circuitBreaker: { enabled: false, rollback: false },
      deploymentAlarms: [],
      movingSeconds: 0,
      healthCheckGraceSeconds: 0,
      percent: { minimumHealthy: 100, maximum: 200 },
      targetGroups: [],
      currentRevisions: [],
      document: {},
    };
  });
}

function configurationOf(example: string): ServiceConfiguration {
  const path = resolve(import.meta.dirname, `../examples/${example}/backstep.json`);
  const configuration = loadConfiguration(path).environments.production?.services.checkout;
  if (!configuration) throw new Error(`${path} has no checkout in production.`);
  const triggers = configuration.triggers.map((trigger) => ({ ...trigger, autoExecute: true }));
  return {
    ...configuration,
    triggers,
    neighbours: Array.from({ length: environmentSize - 1 }, (_, index) => neighbourOf(index)),
  };
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
