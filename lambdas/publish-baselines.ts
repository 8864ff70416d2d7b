/**
 * PublishBaselines: every few minutes learns what is normal for each service, where it may, and publishes it for the
 * minutes ahead. Where it may not, the last good values go on; where there never were any, it publishes nothing, and the
 * alarms keep to the configured fallback.
 *
 * A second run publishes nothing more: the table knows up to which minute the first one did.
 *
 * Calls: ssm:GetParametersByPath, s3:GetObject, ecs:DescribeServices, dynamodb:GetItem, dynamodb:UpdateItem,
 * cloudwatch:DescribeAlarms, cloudwatch:GetMetricData, cloudwatch:PutMetricData
 */
import {
  decideBaseline,
  freezeReasons,
  type LearningFacts,
  learningWindow,
  type ServiceMinute,
} from '../lib/domain/baseline.ts';
import { aheadMinutes, baselineRunPoint, nextPublication } from '../lib/domain/baseline-points.ts';
import { baselineQuestions, minutesOf } from '../lib/domain/baseline-samples.ts';
import type { ServiceConfiguration } from '../lib/domain/model.ts';
import { alarmPrefix } from '../lib/domain/names.ts';
import { alarmsOn } from './aws/alarms.ts';
import { readBaseline, writeBaseline } from './aws/baseline.ts';
import { nowMs } from './aws/clock.ts';
import { readConfiguration } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { setting } from './aws/environment.ts';
import { readLock } from './aws/lock.ts';
import { publishPoints, readSeries } from './aws/metrics.ts';
import { type ConfigurationPointer, listPointers } from './aws/parameters.ts';

export interface PublishedBaseline {
  readonly service: string;
  readonly decision: 'learn' | 'freeze' | 'refuse' | 'failed';
  readonly reasons: readonly string[];
  /** How many points were published. */
  readonly points: number;
}

/** So many services are looked at together: more would only meet CloudWatch's and ECS's limits. */
const atOnce = 5;

/** Reads the clock itself: the time in an event that was delivered late lies in the past, and so would its points. */
export async function handler(): Promise<readonly PublishedBaseline[]> {
  const environment = setting('ENVIRONMENT');
  const now = new Date(nowMs()).toISOString();
  const pointers = await listPointers(environment);
  const results: PublishedBaseline[] = [];
  for (let at = 0; at < pointers.length; at += atOnce) {
    results.push(...(await Promise.all(pointers.slice(at, at + atOnce).map((pointer) => attempt(pointer, now)))));
  }
  for (const result of results) console.log(JSON.stringify(result));
  const failed = results.filter(({ decision }) => decision === 'failed');
  await publishPoints([baselineRunPoint(environment, failed.length, now)]);
  if (failed.length > 0) {
    const why = failed.map(({ service, reasons }) => `${service}: ${reasons.join(' ')}`).join('; ');
    throw new Error(
      `${failed.length} of ${results.length} baselines were not published; their points end within ${aheadMinutes} min, ` +
        `and the fallback steps in. ${why}`,
    );
  }
  return results;
}

/** What fails here is this service's alone, and told at the end of the run. */
async function attempt(pointer: ConfigurationPointer, now: string): Promise<PublishedBaseline> {
  const { service } = pointer;
  try {
    return await publish(pointer, now);
  } catch (error) {
    return { service, decision: 'failed', reasons: [String(error)], points: 0 };
  }
}

async function publish({ service, key, sha256 }: ConfigurationPointer, now: string): Promise<PublishedBaseline> {
  const configuration = await readConfiguration({ configurationKey: key, configurationSha256: sha256 });
  const [facts, previous] = await Promise.all([readFacts(configuration, now), readBaseline(service)]);
  const decided = decideBaseline(facts, await readMinutes(configuration, facts));
  const { record, points } = nextPublication(previous, decided, now, configuration);
  // Points first: a minute that the table calls published must be out there.
  await publishPoints(points);
  await writeBaseline(service, record);
  return { service, decision: decided.decision, reasons: decided.reasons, points: points.length };
}

async function readFacts(configuration: ServiceConfiguration, now: string): Promise<LearningFacts> {
  const { environment, service, adoptedAlarms = [], policy, health } = configuration;
  const [sides, on, lock] = await Promise.all([
    Promise.all(configuration.sides.map(describeSide)),
    alarmsOn(
      `${alarmPrefix(environment)}${service}/`,
      adoptedAlarms.map(({ name }) => name),
    ),
    readLock(service),
  ]);
  return {
    now,
    sides: sides.flatMap((side) => side ?? []),
    alarmsOn: on.map(({ name }) => name),
    lock,
    attributionMinutes: policy.attributionMinutes,
    minimumRequestsPerMinute: health.minimumRequestsPerMinute,
  };
}

/** CloudWatch bills each metric that is asked for: where nothing may be learned, nothing is asked. */
async function readMinutes(configuration: ServiceConfiguration, facts: LearningFacts): Promise<ServiceMinute[]> {
  const questions = baselineQuestions(configuration);
  const { from, to } = learningWindow(facts);
  if (questions.length === 0 || freezeReasons(facts).length > 0 || to <= from) return [];
  const series = await readSeries(questions, from, to);
  const problem = Object.values(series).flatMap((one) => one.problem ?? [])[0];
  if (problem !== undefined) throw new Error(`CloudWatch could not be read: ${problem}`);
  return minutesOf(series);
}
