/** Sweep as deployed: what it starts and tells, once. */
import { beforeEach, expect, test } from 'vitest';
import type { Json } from '../../lib/domain/model.ts';
import { serviceParameter } from '../../lib/domain/names.ts';
import { reapSeconds } from '../../lib/domain/sweep.ts';
import { drive } from '../../simulator/sdk.ts';
import { AwsError } from '../../simulator/service.ts';
import { Deployed, examples } from './deployed.ts';

const alarmName = 'backstep/production/checkout/error_rate_spike';

let deployed: Deployed;

beforeEach(async () => {
  deployed = await Deployed.from(examples.oneSide);
  await deployed.forget('LOCK');
  // Neither alarms nor the schedule are heard: only this test starts anything.
  deployed.account.faults.push((point) => (point.kind === 'event' ? { deliveries: 0 } : undefined));
});

type Swept = { started: string[]; reported: string[] };
const sweep = () => deployed.invoke<Swept>('Sweep', {});
/** Two invocations that neither waits for the other. */
const twice = async () => {
  const arn = deployed.arnOf('Sweep');
  const both = [0, 1].map(() => deployed.account.lambda.invoke(arn, {}));
  const [first, second] = await drive(deployed.account, Promise.all(both));
  expect([first?.functionError, second?.functionError]).toEqual([undefined, undefined]);
  return [first?.payload, second?.payload] as unknown as [Swept, Swept];
};
/** What a look could change. */
const everything = async () => ({
  items: await deployed.items(''),
  executions: executions().map(({ name, status }) => [name, status]),
  told: deployed.account.sns.published.length,
});
const executions = () => deployed.account.states.executions;

/** The alarm stays on although nothing fails: its evaluations keep the state of a metric without data. */
async function alarmOn(): Promise<void> {
  const { account } = deployed;
  account.cloudwatch.putAlarm({
    AlarmName: alarmName,
    Namespace: 'Shop',
    MetricName: 'Nothing',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'ignore',
  });
  account.cloudwatch.setState(alarmName, 'ALARM', 'a test');
}

test('starts an alarm that nothing was started for, once, however often it looks', async () => {
  await alarmOn();
  expect(await sweep()).toEqual({ started: [], reported: [] });
  await deployed.wait(120);
  const { started } = await sweep();
  expect(started).toEqual([expect.stringMatching(/^sweep-checkout-/)]);
  // Before Admit has written anything, the name keeps it from starting twice.
  expect((await sweep()).started).toEqual(started);
  await deployed.wait(60);
  // From then on the timeline does; its execution is over, and its name is in use.
  expect((await sweep()).started).toEqual([]);
  expect(executions().map(({ name }) => name)).toEqual(started);
  const kinds = (await deployed.items<{ kind: string }>('TIMELINE#')).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'sweep.started')).toHaveLength(1);
  expect(JSON.parse(executions()[0]?.input ?? '') as Json).toMatchObject({ trigger: { alarmName, state: 'ALARM' } });
});

test('tells once of an alarm that is on for too long, and starts nothing', async () => {
  await alarmOn();
  await deployed.wait(16 * 60);
  const { reported } = await sweep();
  expect(reported).toEqual([expect.stringContaining('A person has to decide')]);
  expect((await sweep()).reported).toEqual([]);
  expect(executions()).toEqual([]);
  expect(deployed.account.sns.published.filter(({ subject }) => subject?.includes('nothing was started'))).toHaveLength(
    1,
  );
});

test('tells once of a lock whose owner is no more, and that was not taken up in time', async () => {
  await deployed.lock('arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:gone', 7);
  expect(await sweep()).toEqual({ started: [], reported: [] });
  await deployed.wait(reapSeconds - 60);
  expect((await sweep()).reported).toEqual([]);
  await deployed.wait(60);
  expect((await sweep()).reported).toEqual([expect.stringContaining('never given back: taking it up failed too')]);
  expect((await sweep()).reported).toEqual([]);
});

test('run twice in the same instant starts once, and tells once', async () => {
  await alarmOn();
  await deployed.wait(120);
  const both = await twice();
  expect(both[0].started).toHaveLength(1);
  expect(both[1]).toEqual(both[0]);
  expect(executions()).toHaveLength(1);
  await deployed.wait(60);
  const after = await everything();
  await twice();
  expect(await everything()).toEqual(after);
});

test('run twice in the same instant tells once of an alarm that is on for too long', async () => {
  await alarmOn();
  await deployed.wait(16 * 60);
  const told = (await twice()).flatMap(({ reported }) => reported);
  expect(told).toHaveLength(1);
  expect(deployed.account.sns.published).toHaveLength(1);
  const after = await everything();
  await twice();
  expect(await everything()).toEqual(after);
});

test('looks at the alarms of every service whose configuration can be read, and fails afterwards', async () => {
  await alarmOn();
  await deployed.wait(120);
  const broken = { summary: {}, key: 'configuration/search/gone', sha256: '0'.repeat(64) };
  deployed.account.ssm.putParameter({
    name: serviceParameter('production', 'search'),
    value: JSON.stringify(broken),
  });
  await expect(sweep()).rejects.toThrow(/1 of \d looks failed/);
  expect(executions()).toHaveLength(1);
});

test('looks at everything else when one look fails, and fails afterwards', async () => {
  await alarmOn();
  await deployed.wait(120);
  deployed.account.faults.push((point) =>
    point.kind === 'call' && point.operation === 'GetItem'
      ? { error: new AwsError('AccessDeniedException', 'no', { status: 403 }) }
      : undefined,
  );
  await expect(sweep()).rejects.toThrow('1 of 2 looks failed');
  expect(executions()).toHaveLength(1);
});
