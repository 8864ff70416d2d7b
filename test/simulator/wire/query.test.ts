/** CloudWatch over the Query protocol, as older clients speak it; the SDK for JavaScript speaks JSON. */
import { describe, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { drive } from '../../../simulator/sdk.ts';
import { addRole, newAccount } from '../account.ts';

async function ask(account: SimulatedAccount, form: Record<string, string>, principal = 'operator') {
  const { accessKeyId } = account.iam.credentialsFor(principal);
  const answer = await drive(
    account,
    account.handle({
      method: 'POST',
      hostname: '127.0.0.1',
      path: '/',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        Authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261120/eu-west-1/monitoring/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: new URLSearchParams({ Version: '2010-08-01', ...form }).toString(),
    }),
  );
  return { status: answer.status, type: answer.headers['content-type'], text: Buffer.from(answer.body).toString() };
}

const alarm = {
  Action: 'PutMetricAlarm',
  AlarmName: 'errors',
  Namespace: 'Shop',
  MetricName: 'Errors',
  Statistic: 'Sum',
  Period: '60',
  EvaluationPeriods: '1',
  Threshold: '1',
  ComparisonOperator: 'GreaterThanThreshold',
  'Dimensions.member.1.Name': 'Service',
  'Dimensions.member.1.Value': 'checkout & more',
};

describe('CloudWatch by form and XML', () => {
  test('an alarm is put, set and described', async () => {
    const account = newAccount();
    expect(await ask(account, alarm)).toMatchObject({ status: 200, type: 'text/xml' });
    const state = { Action: 'SetAlarmState', AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'a drill' };
    expect((await ask(account, state)).text).toContain('<SetAlarmStateResponse');
    const { text } = await ask(account, { Action: 'DescribeAlarms', 'AlarmNames.member.1': 'errors' });
    expect(text).toContain('<MetricAlarms><member><AlarmName>errors</AlarmName>');
    expect(text).toContain('<StateValue>ALARM</StateValue>');
    expect(text).toContain('<StateReason>a drill</StateReason>');
    expect(text).toContain('<Value>checkout &amp; more</Value>');
    expect(text).toContain('<Threshold>1</Threshold>');
    expect(text).toMatch(/<StateUpdatedTimestamp>2026-11-20T03:00:00(\.\d+)?Z<\/StateUpdatedTimestamp>/);
  });

  test('data are put and read', async () => {
    const account = newAccount();
    const put = { Action: 'PutMetricData', Namespace: 'Shop', 'MetricData.member.1.MetricName': 'Errors' };
    await ask(account, {
      ...put,
      'MetricData.member.1.Value': '3',
      'MetricData.member.1.Timestamp': '2026-11-20T02:58:00Z',
    });
    const query = 'MetricDataQueries.member.1';
    const { text } = await ask(account, {
      Action: 'GetMetricData',
      StartTime: '2026-11-20T02:50:00Z',
      EndTime: '2026-11-20T03:00:00Z',
      [`${query}.Id`]: 'e',
      [`${query}.MetricStat.Metric.Namespace`]: 'Shop',
      [`${query}.MetricStat.Metric.MetricName`]: 'Errors',
      [`${query}.MetricStat.Period`]: '60',
      [`${query}.MetricStat.Stat`]: 'Sum',
    });
    expect(text).toContain('<Timestamps><member>2026-11-20T02:58:00Z</member></Timestamps>');
    expect(text).toContain('<Values><member>3</member></Values>');
  });

  test('errors are worded as the protocol has them', async () => {
    const account = newAccount();
    const missing = await ask(account, {
      Action: 'SetAlarmState',
      AlarmName: 'no',
      StateValue: 'OK',
      StateReason: 'x',
    });
    expect(missing).toMatchObject({ status: 404, text: expect.stringContaining('<Code>ResourceNotFound</Code>') });
    const denied = await ask(account, { Action: 'DescribeAlarms' }, addRole(account, 'nobody'));
    expect(denied).toMatchObject({ status: 403, text: expect.stringContaining('<Code>AccessDenied</Code>') });
    const unknown = await ask(account, { Action: 'ListDashboards' });
    expect(unknown).toMatchObject({ status: 400, text: expect.stringContaining('<Code>InvalidAction</Code>') });
    expect(account.unknownOperations).toEqual(['cloudwatch:ListDashboards']);
  });
});
