/**
 * VerifyHealth: one pass over probes, targets and metrics, and what it means for the rollback. Runs once a minute
 * during the bake, so it reads only what it judges.
 *
 * Calls: s3:GetObject, ecs:DescribeServices (companions, sides without target group or tasks, and where ECS or CodeDeploy moves the
 * traffic), ecs:DescribeServiceRevisions, elasticloadbalancing:DescribeTargetHealth,
 * cloudwatch:GetMetricData, cloudwatch:DescribeAlarms, rds:DescribeDBSnapshots, rds:DescribeDBClusterSnapshots,
 * dynamodb:PutItem, events:PutEvents
 */
import type {
  Measurement,
  Plan,
  ServiceConfiguration,
  Side,
  StartSnapshotAction,
  Verdict,
} from '../lib/domain/model.ts';
import { isOver, judgeSnapshot, type SnapshotProgress } from '../lib/domain/snapshot.ts';
import type { VerifyInput, VerifyResult } from '../lib/domain/states.ts';
import { requiredTargets } from '../lib/domain/traffic.ts';
import {
  measureCompanion,
  measureGauge,
  measureProbe,
  measureTargets,
  measureTasks,
  type Series,
} from '../lib/domain/verification/measure.ts';
import { questionsFor } from '../lib/domain/verification/queries.ts';
import { earliestSample } from '../lib/domain/verification/samples.ts';
import { withTargetGroups } from '../lib/domain/verification/serving-groups.ts';
import { snapshotNews, withSnapshot } from '../lib/domain/verification/snapshot.ts';
import { judgeWithoutTasks } from '../lib/domain/verification/without-tasks.ts';
import { bakeIsOver, judgeHealth, nextPass, servingSides, worthTelling } from '../lib/domain/verification.ts';
import { readConfiguration, readPlan } from './aws/documents.ts';
import { describeSide } from './aws/ecs.ts';
import { targetHealth } from './aws/elbv2.ts';
import { alarmIsOn, readSeries } from './aws/metrics.ts';
import { askProbe } from './aws/probes.ts';
import { readSnapshot } from './aws/rds.ts';
import { servingGroup } from './aws/serving.ts';
import { type NewEntry, record } from './aws/timeline.ts';

export async function handler(input: VerifyInput): Promise<VerifyResult> {
  const [plan, configuration] = await Promise.all([readPlan(input), readConfiguration(input.context)]);
  const action = plan.actions.find((candidate) => candidate.type === 'StartSnapshot');
  const [verdict, snapshot] = await Promise.all([
    measure(input, plan, configuration),
    action && lookAtSnapshot(input, action, configuration),
  ]);
  const facts = {
    previous: input.progress,
    verdict,
    now: input.now,
    mitigatedAt: input.mitigatedAt,
    deadline: input.deadline,
    bakeMinutes: configuration.policy.bakeMinutes,
  };
  const alarm = input.context.request.trigger?.alarmName;
  const alarmOn = alarm !== undefined && bakeIsOver(facts) && (await alarmIsOn(alarm)) ? alarm : undefined;
  const judged = nextPass({ ...facts, ...(alarmOn && { alarmOn }) });
  const result = action && snapshot ? withSnapshot(judged, snapshot, action, input.now) : judged;
  const entries: NewEntry[] = [];
  const news = action && snapshot && snapshotNews(input.progress, snapshot, action);
  if (news) entries.push({ ...news, data: { actionId: action.id, type: action.type, ...action.forward } });
  if (worthTelling(input.progress, result)) {
    const kind = result.status === 'waiting' ? `verdict.${verdict.result}` : `verify.${result.status}`;
    const { snapshot: _told, ...progress } = result.progress;
    entries.push({ kind, message: result.message, data: progress });
  }
  if (entries.length > 0) await record(input.context, 'VerifyHealth', entries, input.now);
  return result;
}

/** Once it is over, nothing more can become of it, and RDS is not asked again. */
async function lookAtSnapshot(
  { progress, now, mitigatedAt }: VerifyInput,
  action: StartSnapshotAction,
  { policy: { snapshotMinutes } }: ServiceConfiguration,
): Promise<SnapshotProgress> {
  if (progress?.snapshot && isOver(progress.snapshot)) return progress.snapshot;
  const { kind, source: id, snapshot } = action.forward;
  return judgeSnapshot(action, await readSnapshot({ kind, id }, snapshot), {
    since: mitigatedAt,
    now,
    snapshotMinutes,
  });
}

async function measure(input: VerifyInput, plan: Plan, configuration: ServiceConfiguration): Promise<Verdict> {
  const unserved = await wantsNoTasks(plan, configuration);
  if (unserved) return unserved;
  const live = await withServingGroups(plan, configuration);
  const sides = servingSides(plan, live);
  const [traffic, capacity, companions, probes] = await Promise.all([
    measureMetrics(input, live, sides),
    Promise.all(sides.map((side) => measureCapacity(side, plan))),
    measureCompanions(plan, configuration),
    Promise.all(configuration.health.probes.map(async (probe) => measureProbe(await askProbe(probe)))),
  ]);
  return judgeHealth(
    traffic.aboutRequests,
    [...probes, ...capacity, ...companions, ...traffic.others],
    traffic.problems,
  );
}

/** A service without tasks answers nobody: only that its definition is the target's can be said, and that proves nothing. */
async function wantsNoTasks(plan: Plan, configuration: ServiceConfiguration): Promise<Verdict | undefined> {
  const sides = servingSides(plan, configuration);
  const planned = (side: Side) => plan.current.find((state) => state.side === side.name)?.desiredCount;
  if (sides.length === 0 || !sides.every((side) => planned(side) === 0)) return undefined;
  const services = await Promise.all(sides.map(describeSide));
  return judgeWithoutTasks(services);
}

/** Where ECS or CodeDeploy moves the traffic, each deployment changes which target group serves, and is measured. */
async function withServingGroups(plan: Plan, configuration: ServiceConfiguration): Promise<ServiceConfiguration> {
  const moving = plan.actions.flatMap((action) =>
    action.type === 'RevertService' && action.ownsTraffic ? action.side : [],
  );
  if (moving.length === 0) return configuration;
  const groups = await Promise.all(
    configuration.sides.map(async (side) =>
      moving.includes(side.name) ? servingGroup(side, await describeSide(side)) : side.targetGroup,
    ),
  );
  return withTargetGroups(configuration, groups);
}

async function measureMetrics(input: VerifyInput, configuration: ServiceConfiguration, sides: readonly Side[]) {
  const { gauges, queries } = questionsFor(
    configuration,
    sides.map((side) => side.name),
  );
  const window = earliestSample(
    input.mitigatedAt,
    input.now,
    gauges.map((gauge) => gauge.alarm.periodSeconds),
  );
  const series: Record<string, Series> = window ? await readSeries(queries, window.from, window.to) : {};
  const facts = {
    mitigatedAt: input.mitigatedAt,
    now: input.now,
    minimumRequestsPerMinute: configuration.health.minimumRequestsPerMinute,
    series,
  };
  const measured = gauges.map((gauge) => ({
    about: gauge.requestIds.length > 0,
    measurement: measureGauge(gauge, facts),
  }));
  return {
    aboutRequests: measured.flatMap(({ about, measurement }) => (about ? measurement : [])),
    others: measured.flatMap(({ about, measurement }) => (about ? [] : measurement)),
    problems: Object.values(series).flatMap(({ problem }) => problem ?? []),
  };
}

/** Of each that ECS knew when the plan was made. */
function measureCompanions(plan: Plan, { companions = [] }: ServiceConfiguration): Promise<Measurement[]> {
  const known = companions.flatMap((companion) => {
    const { state } = plan.companions?.find((one) => one.companion === companion.name) ?? {};
    return state ? [{ companion, planned: state.desiredCount }] : [];
  });
  return Promise.all(
    known.map(async ({ companion, planned }) =>
      measureCompanion(companion.name, planned, await describeSide(companion)),
    ),
  );
}

/** Half of the tasks that the side had is the least that counts as serving; see `requiredTargets`. */
async function measureCapacity(side: Side, plan: Plan): Promise<Measurement> {
  const desired = plan.current.find((state) => state.side === side.name)?.desiredCount ?? 0;
  if (side.targetGroup)
    return measureTargets(side.name, await targetHealth(side.targetGroup), requiredTargets([desired]));
  const service = await describeSide(side);
  return measureTasks(side.name, service?.runningCount ?? 0, service?.desiredCount ?? desired);
}
