/** What a target's tasks need beside it, as Plan and the daily check find it under their own roles. */
import { beforeAll, expect, test } from 'vitest';
import type { CheckedReadiness } from '../../lambdas/check-readiness.ts';
import type { Check, Plan } from '../../lib/domain/model.ts';
import { planKey } from '../../lib/domain/names.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { AwsError, type FaultPoint } from '../../simulator/service.ts';
import { Deployed, examples } from './deployed.ts';

const taskRole = 'arn:aws:iam::111122223333:role/shop/task';
const executionRole = 'arn:aws:iam::111122223333:role/execution';
const file = 'arn:aws:s3:::shop-settings/checkout/app.env';
const group = '/shop/checkout';
const parameters = 'arn:aws:ssm:eu-west-1:111122223333:parameter';

let deployed: Deployed;
let plans = 0;

beforeAll(async () => {
  const { account } = loadScenario(`${examples.oneSide}/scenario.json`);
  const secrets = { KEY: `${parameters}/checkout-key`, AMI: '/aws/service/bottlerocket/latest' };
  const taskDefinitions = account.taskDefinitions?.map((definition) => ({
    ...definition,
    taskRoleArn: taskRole,
    executionRoleArn: executionRole,
    containers: [
      {
        name: 'app',
        image: definition.image ?? '',
        secrets,
        environmentFiles: [file],
        log: { group, region: 'eu-west-1' },
      },
      { name: 'proxy', image: 'proxy:1', log: { group: '/made/by/the/agent', create: true } },
      { name: 'agent', image: 'agent:1', log: { group: '/shop/far', region: 'us-east-1' } },
    ],
  }));
  deployed = await Deployed.from(examples.oneSide, {
    account: {
      taskDefinitions,
      roles: [taskRole, executionRole],
      logGroups: [group, `${group}-2`],
      files: [file, `${file}.old`],
      parameters: [{ name: '/checkout-key', value: 'x' }],
    },
  });
});

/** The check of a plan that is made now. */
async function check(): Promise<Check | undefined> {
  plans += 1;
  const rollbackId = `checkout-20261120-03040${plans}-1f2e3d`;
  const { context, account } = deployed;
  await deployed.invoke('Plan', {
    now: account.clock.iso(),
    context: { ...context, rollbackId, request: { ...context.request, dryRun: true } },
  });
  const { checks } = JSON.parse(deployed.read(planKey(rollbackId))) as Plan;
  return checks.find(({ name }) => name === 'configuration');
}

test('all of it is there: named, and what lies elsewhere is not checked', async () => {
  const { status, evidence } = (await check()) ?? {};
  expect(status).toBe('not checked');
  for (const name of [
    `parameter ${parameters}/checkout-key`,
    `file ${file}`,
    `log group ${group}`,
    `role ${taskRole}`,
    `role ${executionRole}`,
  ])
    expect(evidence).toContain(name);
  expect(evidence).toContain('Not checked: log group /shop/far. It lies in another account or region.');
  expect(evidence).toContain(
    'Not checked: parameter /aws/service/bottlerocket/latest. Parameter Store lists none of what AWS itself keeps there.',
  );
  expect(evidence).not.toContain('/made/by/the/agent');
  // Names only: the file was not read.
  expect(deployed.account.calls.filter(({ resources }) => resources.some((one) => one.startsWith(file)))).toEqual([]);
});

test('who may not look says so, and hinders nothing', async () => {
  const denied = (point: FaultPoint) =>
    point.kind === 'call' && ['GetRole', 'DescribeLogGroups', 'ListObjectsV2'].includes(point.operation)
      ? { error: new AwsError('AccessDenied', `not authorized to perform: ${point.operation}`, { status: 403 }) }
      : undefined;
  deployed.account.faults.push(denied);
  const { status, evidence } = (await check()) ?? {};
  deployed.account.faults.splice(deployed.account.faults.indexOf(denied), 1);
  expect(status).toBe('not checked');
  expect(evidence).toMatch(
    /Not checked: role .*\. IAM did not answer: AccessDenied\w*: not authorized to perform: GetRole/,
  );
  expect(evidence).toMatch(/CloudWatch Logs did not answer: .*DescribeLogGroups/);
  expect(evidence).toMatch(/S3 did not answer: .*ListObjectsV2/);
});

// One after the other: what is lost stays lost.
const losses: [string, () => unknown, string][] = [
  [
    'the task role',
    () => deployed.account.iam.deleteRole(taskRole),
    `The role ${taskRole}, which the target needs, is gone: IAM knows no such role.`,
  ],
  [
    'a role that was made again elsewhere',
    () => deployed.account.iam.addRole({ arn: taskRole.replace('/shop/', '/'), policies: [] }),
    `The role ${taskRole}, which the target needs, is gone: IAM knows a role of that name as arn:aws:iam::111122223333:role/task only.`,
  ],
  [
    'the log group',
    () => deployed.account.logs.groups.delete(group),
    `The log group ${group}, which the target needs, is gone: CloudWatch Logs knows no such log group.`,
  ],
  [
    'the environment file',
    () => deployed.account.s3.delete('shop-settings', 'checkout/app.env'),
    `The file ${file}, which the target needs, is gone: its bucket holds no such object.`,
  ],
];
test.each(losses)('%s is gone: a failed check that names it', async (_what, lose, sentence) => {
  lose();
  const { status, evidence } = (await check()) ?? {};
  expect(status).toBe('failed');
  expect(evidence).toContain(sentence);
});

test('the daily check says of it that nothing could be rolled back now', async () => {
  const [found] = await deployed.invoke<CheckedReadiness[]>('CheckReadiness', {});
  expect(found).toMatchObject({ couldNotRollBack: true, told: true });
  expect(found?.because.join()).toContain(`The log group ${group}, which the target needs, is gone`);
});
