/**
 * The served account for clients that are not the SDK for JavaScript: boto3 in every version at hand, and the AWS CLI.
 * Skipped where there is none. Debian's are years older than the SDK, and speak older protocols.
 */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedAccount } from '../../simulator/account.ts';
import { type RunningServer, serve } from '../../simulator/server.ts';
import { accountId, newAccount, region } from './account.ts';
import { addFunction } from './functions.ts';
import { addMachine, machineArn } from './machines.ts';

const run = promisify(execFile);

const boto3 = ['python3', '/usr/bin/python3'].filter((python) => works(python, ['-c', 'import boto3']));
const cli = ['aws', '/usr/bin/aws'].filter((program) => works(program, ['--version']));

/** Prints what a round of calls answered, as JSON. */
const script = `
import datetime, json, sys, boto3
endpoint, function, machine, key = sys.argv[1:]
client = lambda name: boto3.client(name, endpoint_url=endpoint, region_name='${region}')
out = {}
out['arn'] = client('sts').get_caller_identity()['Arn']

watch = client('cloudwatch')
watch.put_metric_alarm(AlarmName='errors', Namespace='Shop', MetricName='Errors', Statistic='Sum', Period=60,
  EvaluationPeriods=1, Threshold=1.5, ComparisonOperator='GreaterThanThreshold', Dimensions=[{'Name': 's', 'Value': 'a&b'}])
watch.set_alarm_state(AlarmName='errors', StateValue='ALARM', StateReason='a drill')
alarm = watch.describe_alarms(AlarmNames=['errors'])['MetricAlarms'][0]
out['alarm'] = [alarm['StateReason'], alarm['Threshold'], alarm['Dimensions'][0]['Value']]
at = datetime.datetime(2026, 11, 20, 2, 58, tzinfo=datetime.timezone.utc)
watch.put_metric_data(Namespace='Shop', MetricData=[{'MetricName': 'Errors', 'Value': 3, 'Timestamp': at}])
stat = {'Metric': {'Namespace': 'Shop', 'MetricName': 'Errors'}, 'Period': 60, 'Stat': 'Sum'}
data = watch.get_metric_data(MetricDataQueries=[{'Id': 'e', 'MetricStat': stat}],
  StartTime=at - datetime.timedelta(minutes=5), EndTime=at + datetime.timedelta(minutes=1))
out['data'] = [[moment.isoformat() for moment in data['MetricDataResults'][0]['Timestamps']], data['MetricDataResults'][0]['Values']]
try:
  watch.set_alarm_state(AlarmName='none', StateValue='OK', StateReason='x')
except Exception as error:
  out['missing'] = type(error).__name__

states = client('stepfunctions')
execution = states.start_execution(stateMachineArn=machine, input='{"a":1}')['executionArn']
out['execution'] = states.describe_execution(executionArn=execution)['input']
out['event'] = states.get_execution_history(executionArn=execution)['events'][0]['type']
out['machines'] = len(states.list_state_machines()['stateMachines'])
try:
  states.send_task_success(taskToken='none', output='{}')
except Exception as error:
  out['token'] = type(error).__name__

invoked = client('lambda').invoke(FunctionName=function, Payload=b'{"n":2}')
out['invoked'] = [invoked['StatusCode'], json.loads(invoked['Payload'].read())]

kms = client('kms')
sealed = kms.encrypt(KeyId=key, Plaintext=b'token', EncryptionContext={'service': 'checkout'})['CiphertextBlob']
out['opened'] = kms.decrypt(CiphertextBlob=sealed, EncryptionContext={'service': 'checkout'})['Plaintext'].decode()
try:
  kms.decrypt(CiphertextBlob=sealed)
except Exception as error:
  out['closed'] = type(error).__name__

s3 = client('s3')
s3.put_object(Bucket='reports', Key='a/b.json', Body=b'{}')
out['object'] = s3.get_object(Bucket='reports', Key='a/b.json')['Body'].read().decode()
table = client('dynamodb')
table.put_item(TableName='orders', Item={'pk': {'S': 'a'}})
out['item'] = table.get_item(TableName='orders', Key={'pk': {'S': 'a'}})['Item']
out['topics'] = client('sns').list_topics()['Topics']
print(json.dumps(out))
`;

let account: SimulatedAccount;
let server: RunningServer;
const keyArn = `arn:aws:kms:${region}:${accountId}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

beforeAll(async () => {
  account = newAccount();
  addFunction(account, 'double', 'export const handler = async ({ n }) => n * 2;');
  addMachine(account, { Rest: { Type: 'Wait', Seconds: 60, End: true } });
  const Principal = { AWS: `arn:aws:iam::${accountId}:root` };
  const statement = { Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal };
  account.kms.createKey({ arn: keyArn, policy: { Statement: [statement] as never } });
  account.s3.createBucket({ name: 'reports', versioned: true });
  account.dynamodb.createTable({ name: 'orders', partitionKey: { name: 'pk', type: 'S' } });
  server = await serve(account);
});

afterAll(() => server.stop());

function works(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Only what a person has who was given the URL and the keys. */
function environment(): NodeJS.ProcessEnv {
  const { accessKeyId, secretAccessKey, sessionToken } = account.iam.credentialsFor('operator');
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_DEFAULT_REGION: region,
    AWS_PAGER: '',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}

describe.skipIf(boto3.length === 0)('boto3', () => {
  it.each(boto3)('of %s reaches every protocol', async (python) => {
    const args = ['-W', 'ignore', '-c', script, server.url, 'double', machineArn, keyArn];
    const { stdout } = await run(python, args, { env: environment() });
    expect(JSON.parse(stdout)).toEqual({
      arn: `arn:aws:iam::${accountId}:user/operator`,
      alarm: ['a drill', 1.5, 'a&b'],
      data: [['2026-11-20T02:58:00+00:00'], [expect.any(Number)]],
      missing: expect.stringMatching(/^ResourceNotFound/),
      execution: '{"a":1}',
      event: 'ExecutionStarted',
      machines: 1,
      token: 'InvalidToken',
      invoked: [200, 4],
      opened: 'token',
      closed: 'InvalidCiphertextException',
      object: '{}',
      item: { pk: { S: 'a' } },
      topics: [],
    });
    expect(account.unknownOperations).toEqual([]);
  });
});

describe.skipIf(cli.length === 0)('the AWS CLI', () => {
  const aws = async (program: string, ...args: string[]) => {
    const all = ['--endpoint-url', server.url, '--output', 'json', ...args];
    const { stdout } = await run(program, all, { env: environment() });
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  };

  it.each(cli)('%s asks who it is, lists executions and sets an alarm off', async (program) => {
    expect(await aws(program, 'sts', 'get-caller-identity')).toMatchObject({ Account: accountId });
    const list = ['stepfunctions', 'list-executions', '--state-machine-arn', machineArn];
    expect(await aws(program, ...list)).toMatchObject({ executions: expect.any(Array) });
    const alarm = ['--alarm-name', 'cli', '--namespace', 'Shop', '--metric-name', 'E', '--statistic', 'Sum'];
    const rule = ['--period', '60', '--evaluation-periods', '1', '--threshold', '1'];
    const comparison = ['--comparison-operator', 'GreaterThanThreshold'];
    await aws(program, 'cloudwatch', 'put-metric-alarm', ...alarm, ...rule, ...comparison);
    const state = ['--alarm-name', 'cli', '--state-value', 'ALARM', '--state-reason', 'a drill'];
    await aws(program, 'cloudwatch', 'set-alarm-state', ...state);
    const { MetricAlarms } = await aws(program, 'cloudwatch', 'describe-alarms', '--alarm-names', 'cli');
    expect(MetricAlarms).toMatchObject([{ StateValue: 'ALARM', StateReason: 'a drill' }]);
  });
});
