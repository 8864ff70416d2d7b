/** PublishBaselines as deployed: by its own schedule, under its own role, through the real SDK. */
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PublishedBaseline } from '../../lambdas/publish-baselines.ts';
import type { BaselineRecord } from '../../lib/domain/baseline-points.ts';
import { serviceParameter } from '../../lib/domain/names.ts';
import { clientConfig, drive } from '../../simulator/sdk.ts';
import { AwsError, type FaultPoint } from '../../simulator/service.ts';
import { deployRelease } from '../../simulator/world/events.ts';
import { Deployed, examples, executionArn } from './deployed.ts';

let deployed: Deployed;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
  await deployed.forget('LOCK');
});

const run = async (): Promise<PublishedBaseline | undefined> =>
  (await deployed.invoke<PublishedBaseline[]>('PublishBaselines', {}))[0];

const record = async (): Promise<BaselineRecord | undefined> => (await deployed.items<BaselineRecord>('BASELINE'))[0];

const behaves = (change: object): void => {
  const definition = deployed.account.ecs.definitions.find('checkout:41');
  if (!definition) throw new Error('The example has checkout:41.');
  deployed.account.ecs.setBehaviour('checkout:41', { ...definition.behaviour, ...change });
};

/** What an alarm would read of a metric, minute by minute from now on. */
async function published(MetricName: string): Promise<number[]> {
  const nowMs = Math.floor(deployed.account.clock.now() / 60_000) * 60_000;
  const Dimensions = [
    { Name: 'Environment', Value: 'production' },
    { Name: 'Service', Value: 'checkout' },
  ];
  const { MetricDataResults } = await drive(
    deployed.account,
    new CloudWatchClient(clientConfig(deployed.account)).send(
      new GetMetricDataCommand({
        StartTime: new Date(nowMs),
        EndTime: new Date(nowMs + 3_600_000),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [
          {
            Id: 'm',
            MetricStat: { Metric: { Namespace: 'Backstep', MetricName, Dimensions }, Period: 60, Stat: 'Average' },
          },
        ],
      }),
    ),
  );
  return MetricDataResults?.[0]?.Values ?? [];
}

describe('a service in its normal state', () => {
  test('has its baseline learned and published for this minute and twenty ahead', async () => {
    expect(await run()).toMatchObject({ service: 'checkout', decision: 'learn', points: 84 });
    expect(await published('BaselineErrorRate')).toEqual(Array(21).fill(expect.closeTo(0.2, 1)));
    expect(await published('BaselineP95ResponseTime')).toEqual(Array(21).fill(expect.closeTo(140, 0)));
    expect((await published('BaselineP99ResponseTime'))[0]).toBeGreaterThan(140);
    expect((await published('BaselineAvailability'))[0]).toBeCloseTo(0.998, 3);
    expect(await record()).toMatchObject({
      decision: 'learn',
      baseline: { minutes: expect.any(Number), values: { p95ResponseTimeMs: expect.closeTo(140, 0) } },
    });
  });

  test('is looked at every five minutes by the schedule, with no minute left out', async () => {
    await deployed.wait(3600);
    const runs = deployed.account.lambda.invocations.filter(({ functionName }) => functionName.includes('PublishB'));
    expect(runs.length).toBeGreaterThanOrEqual(11);
    expect(runs.filter(({ error }) => error)).toEqual([]);
    expect((await published('BaselineErrorRate')).length).toBeGreaterThanOrEqual(16);
    expect((await record())?.decision).toBe('learn');
  });

  test('gets nothing more from two runs in the same instant, and one more', async () => {
    const arn = deployed.arnOf('PublishBaselines');
    const both = [0, 1].map(() => deployed.account.lambda.invoke(arn, {}));
    const answers = await drive(deployed.account, Promise.all(both));
    expect(answers.map(({ functionError }) => functionError)).toEqual([undefined, undefined]);
    const metrics = ['BaselineErrorRate', 'BaselineP95ResponseTime', 'BaselineP99ResponseTime', 'BaselineAvailability'];
    const all = async () => ({ record: await record(), points: await Promise.all(metrics.map(published)) });
    const once = await all();
    expect(once.points.map((points) => points.length)).toEqual([21, 21, 21, 21]);
    await run();
    const again = await all();
    expect(again.points).toEqual(once.points);
    expect(again.record?.publishedUntil).toBe(once.record?.publishedUntil);
  });

  test('gets nothing more from a second run', async () => {
    await run();
    const calls = deployed.calls('PutMetricData');
    expect(await run()).toMatchObject({ decision: 'learn', points: 0 });
    expect(deployed.calls('PutMetricData')).toBe(calls + 1);
    expect(await published('BaselineErrorRate')).toHaveLength(21);
  });
});

describe('a service about which nothing may be learned', () => {
  test('with a young release keeps the last good values, and CloudWatch is not asked for others', async () => {
    await run();
    deployRelease(deployed.account, { cluster: 'shop', service: 'checkout', taskDefinition: 'checkout:42' });
    await deployed.wait(60);
    const asked = deployed.calls('GetMetricData');
    expect(await run()).toMatchObject({
      decision: 'freeze',
      reasons: [expect.stringContaining('The deployment of checkout:42 on main began 1 min ago')],
      points: 4,
    });
    expect(deployed.calls('GetMetricData')).toBe(asked);
    expect(await published('BaselineErrorRate')).toEqual(Array(21).fill(expect.closeTo(0.2, 1)));
  });

  test('while it is locked', async () => {
    await deployed.lock(executionArn);
    expect(await run()).toMatchObject({ decision: 'freeze', reasons: [expect.stringContaining('holds its lock')] });
  });

  test('while one of its alarms is on', async () => {
    const name = 'backstep/production/checkout/cpu_saturation';
    deployed.account.cloudwatch.setState(name, 'ALARM', 'a test');
    expect(await run()).toMatchObject({ decision: 'freeze', reasons: [`1 of its alarms on: ${name}.`] });
    expect(await record()).toEqual(expect.not.objectContaining({ baseline: expect.anything() }));
    expect(await published('BaselineErrorRate')).toEqual([]);
  });

  test('after an hour in which too many minutes failed, while no alarm is on any more', async () => {
    deployed.account.faults.push((point: FaultPoint) =>
      point.kind === 'event' && point.source === 'aws.cloudwatch' ? { deliveries: 0 } : undefined,
    );
    behaves({ errorRate: 0.3 });
    await deployed.wait(600);
    behaves({ errorRate: 0.002 });
    await deployed.wait(600);
    expect(await run()).toMatchObject({
      decision: 'refuse',
      reasons: [expect.stringMatching(/^Of 60 minutes .* (9|10|11) failed more than 5 % of their requests;/)],
    });
  });
});

describe('a run that fails', () => {
  const failures = (): number | undefined => {
    const { store, alarms } = deployed.account.cloudwatch;
    const metric = store.metrics().find(({ metricName }) => metricName === 'BaselineFailures');
    expect(alarms.map(({ name }) => name)).toContain('backstep-production-operations/baselines-silent');
    if (!metric) return undefined;
    const nowMs = deployed.account.clock.now();
    const range = { startMs: nowMs - 3_600_000, endMs: nowMs + 1, periodMs: 3_600_001 };
    return [...store.statistics(metric, 'Maximum', range).values()][0];
  };

  test('says why, and counts the service', async () => {
    deployed.account.faults.push((point: FaultPoint) =>
      point.kind === 'call' && point.operation === 'DescribeServices'
        ? { error: new AwsError('AccessDeniedException', 'not today') }
        : undefined,
    );
    await expect(run()).rejects.toThrow(
      '1 of 1 baselines were not published; their points end within 20 min, and the fallback steps in. ' +
        'checkout: AccessDeniedException: not today',
    );
    expect(failures()).toBe(1);
  });

  test('for one service does not stop the others', async () => {
    deployed.account.ssm.putParameter({
      name: serviceParameter('production', 'broken'),
      type: 'String',
      value: JSON.stringify({ key: 'configuration/broken/none.json', sha256: '0' }),
    });
    await expect(run()).rejects.toThrow(/^1 of 2 baselines were not published; .*broken: /);
    expect(await published('BaselineErrorRate')).toHaveLength(21);
    expect(failures()).toBe(1);
  });

  test('in between publishing and remembering publishes the same again, which changes no limit', async () => {
    deployed.account.faults.push((point: FaultPoint) =>
      point.kind === 'call' && point.operation === 'UpdateItem' ? { error: new AwsError('Broken', 'lost') } : undefined,
    );
    await expect(run()).rejects.toThrow('Broken: lost');
    const first = await published('BaselineErrorRate');
    deployed.account.faults.pop();
    expect(await run()).toMatchObject({ points: 84 });
    expect(await published('BaselineErrorRate')).toEqual(first);
  });

  test('may publish to no other namespace', async () => {
    const put = new CloudWatchClient(clientConfig(deployed.account, deployed.roleOf('PublishBaselines'))).send(
      new PutMetricDataCommand({
        Namespace: 'AWS/ApplicationELB',
        MetricData: [{ MetricName: 'RequestCount', Value: 1 }],
      }),
    );
    await expect(drive(deployed.account, put)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
