/** CheckReadiness as deployed: under its own role, through the real SDK. */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { beforeEach, expect, test } from 'vitest';
import type { CheckedReadiness } from '../../lambdas/check-readiness.ts';
import type { TimelineEntry } from '../../lib/domain/model.ts';
import { serviceParameter } from '../../lib/domain/names.ts';
import type { ReadinessRecord } from '../../lib/domain/readiness.ts';
import { clientConfig, drive } from '../../simulator/sdk.ts';
import { AwsError, type FaultPoint } from '../../simulator/service.ts';
import { Deployed, examples } from './deployed.ts';

let deployed: Deployed;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
  await deployed.forget('LOCK');
});

const check = () => deployed.invoke<CheckedReadiness[]>('CheckReadiness', {});
const record = async () => (await deployed.items<ReadinessRecord>('READINESS'))[0];
const timeline = () => deployed.items<TimelineEntry>('TIMELINE#checkout-readiness#');
const told = () =>
  deployed.account.sns.published.flatMap(({ subject, message }) =>
    subject?.includes('rolled back') && !subject.startsWith('ALARM') ? [{ subject, message }] : [],
  );
const alarm = () =>
  deployed.account.cloudwatch.alarms.find(({ name }) => name === 'backstep-production-operations/readiness');

/** What the metric has of a service within the last five minutes. */
function published(service: string): number[] {
  const { store } = deployed.account.cloudwatch;
  const metric = store
    .metrics()
    .find(
      ({ metricName, dimensions }) =>
        metricName === 'CouldNotRollBack' && JSON.stringify(dimensions).includes(`"${service}"`),
    );
  const nowMs = deployed.account.clock.now();
  return metric
    ? [...store.statistics(metric, 'Maximum', { startMs: nowMs - 299_000, endMs: nowMs + 1, periodMs: 1_000 }).values()]
    : [];
}

const failing = (operation: string, by = 'CheckReadiness') => {
  const fault = (point: FaultPoint) =>
    point.kind === 'call' && point.operation === operation && point.principal?.includes(by)
      ? { error: new AwsError('AccessDeniedException', 'not today') }
      : undefined;
  deployed.account.faults.push(fault);
  return () => deployed.account.faults.splice(deployed.account.faults.indexOf(fault), 1);
};

test('a service that could be rolled back: a 0, nobody is told, nothing is changed', async () => {
  const before = deployed.account.calls.length;
  const begun = deployed.account.clock.iso();
  expect(await check()).toEqual([{ service: 'checkout', couldNotRollBack: false, because: [], told: false }]);
  expect(published('checkout')).toEqual([0]);
  expect(await record()).toMatchObject({ couldNotRollBack: false, because: [] });
  expect((await record())?.since.localeCompare(begun)).not.toBe(-1);
  expect([await timeline(), told()]).toEqual([[], []]);
  const calls = new Set(deployed.account.calls.slice(before).map(({ operation }) => operation));
  expect([...calls].filter((name) => !/^(?:Get|List|Describe|BatchGet|Query)/.test(name)).sort()).toEqual([
    'PutItem',
    'PutMetricData',
  ]);
  expect(deployed.account.states.executions).toEqual([]);
});

test('one that could not: a 1, its alarm, and people told once with the reason until that changes', async () => {
  const restore = failing('DescribeServices');
  const [first] = await check();
  expect(first).toMatchObject({ couldNotRollBack: true, told: true });
  expect(first?.because).toEqual([expect.stringMatching(/^plan: What a rollback .* could not be read: .*not today/)]);
  expect(published('checkout')).toEqual([1]);
  await deployed.wait(600);
  expect(alarm()?.state.value).toBe('ALARM');

  // Days later it is on still, and nobody is told again.
  expect(await check()).toMatchObject([{ couldNotRollBack: true, told: false }]);
  expect(told()).toMatchObject([{ subject: 'checkout: could not be rolled back now' }]);
  expect(told()[0]?.message).toContain('not today');

  restore();
  await deployed.wait(600);
  expect(await check()).toEqual([{ service: 'checkout', couldNotRollBack: false, because: [], told: true }]);
  expect(published('checkout')).toEqual([0]);
  await deployed.wait(600);
  expect(alarm()?.state.value).toBe('OK');
  expect(told().map(({ subject }) => subject)).toEqual([
    'checkout: could not be rolled back now',
    'checkout: could be rolled back again',
  ]);
  expect((await timeline()).map(({ kind }) => kind).sort()).toEqual(['readiness.lost', 'readiness.regained']);
});

test('two looks in the same instant tell once', async () => {
  failing('DescribeServices');
  const arn = deployed.arnOf('CheckReadiness');
  const both = [0, 1].map(() => deployed.account.lambda.invoke(arn, {}));
  const answers = await drive(deployed.account, Promise.all(both));
  expect(answers.map(({ functionError }) => functionError)).toEqual([undefined, undefined]);
  expect(told()).toHaveLength(1);
  expect(await timeline()).toHaveLength(1);
});

test('a service whose configuration cannot be read counts, and keeps nobody from looking at the others', async () => {
  deployed.account.ssm.putParameter({
    name: serviceParameter('production', 'broken'),
    type: 'String',
    value: JSON.stringify({ key: 'configuration/broken/none.json', sha256: '0' }),
  });
  expect(await check()).toMatchObject([
    { service: 'broken', couldNotRollBack: true, told: true },
    { service: 'checkout', couldNotRollBack: false },
  ]);
  expect([published('broken'), published('checkout')]).toEqual([[1], [0]]);
  await deployed.wait(600);
  expect(alarm()?.state.value).toBe('ALARM');
});

test('what cannot be told of fails the run, after the metric, and is told by none of the later looks twice', async () => {
  failing('DescribeServices');
  const restore = failing('PutItem');
  await expect(check()).rejects.toThrow(/^1 of 1 checks were not told of: AccessDeniedException: not today/);
  expect(published('checkout')).toEqual([1]);
  await deployed.wait(600);
  expect(alarm()?.state.value).toBe('ALARM');
  restore();
  expect(await check()).toMatchObject([{ told: true }]);
  expect(await check()).toMatchObject([{ told: false }]);
  expect(told()).toHaveLength(1);
});

test('may publish to no other namespace', async () => {
  const put = new CloudWatchClient(clientConfig(deployed.account, deployed.roleOf('CheckReadiness'))).send(
    new PutMetricDataCommand({ Namespace: 'AWS/ECS', MetricData: [{ MetricName: 'CPUUtilization', Value: 1 }] }),
  );
  await expect(drive(deployed.account, put)).rejects.toMatchObject({ name: 'AccessDenied' });
});
