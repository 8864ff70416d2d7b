/** `backstep doctor`, with real clients on a served account: what it finds, and with which exit code. */
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Finding } from '../../lib/domain/doctor.ts';
import { changed, Served } from './served.ts';

const scenario = join(import.meta.dirname, '../../examples/01-checkout/scenario.json');
const speed = 20;

type Account = { services: object[]; targetGroups: object[] };

interface Change {
  readonly service?: object;
  readonly account?: (account: Account) => void;
  readonly events?: readonly object[];
}

const with_ = ({ service = {}, account = () => {}, events = [] }: Change): string =>
  changed(
    scenario,
    (text) => {
      const parsed = JSON.parse(text);
      account(parsed.account);
      return JSON.stringify({ ...parsed, events: [...parsed.events, ...events] });
    },
    (text) => {
      const config = JSON.parse(text);
      Object.assign(config.environments.production.services.checkout, service);
      return JSON.stringify(config);
    },
  );

let served: Served;
// The readers' clients belong to a process, and have the endpoint and the credentials of its beginning.
afterEach(async () => {
  await served.stop();
  vi.resetModules();
});

async function findings(): Promise<{ code: number; found: readonly Finding[]; verdict: string }> {
  const { code, out, err } = await served.command(['doctor', 'checkout', '--json']);
  if (out() === '') throw new Error(err());
  const [{ findings: found, verdict }] = JSON.parse(out()).services;
  return { code, found, verdict };
}

const what = (found: readonly Finding[], severity: string): string[] =>
  found.filter((one) => one.severity === severity).map((one) => one.what);
const one = (found: readonly Finding[], name: string): string =>
  found
    .filter((each) => each.what === name)
    .map(({ evidence }) => evidence)
    .join(' ');

test('a service that could be rolled back is good; what stands in the way is found as it comes', async () => {
  served = await Served.from(with_({}), 'PT2M', speed);
  const { account } = served.run;
  const good = await served.command(['doctor']);
  expect(good.out()).toMatch(/^checkout: good\n/);
  expect([good.code, good.err()]).toEqual([0, '']);

  const changed = account.calls.length;
  expect(await findings()).toMatchObject({ code: 0, verdict: 'good' });
  // It asks whether functions may be invoked, and invokes none.
  const asked = account.calls.slice(changed).filter(({ principal }) => principal === 'operator');
  expect(
    asked
      .map(({ operation }) => operation)
      .filter((name) => !/^(?:Get|List|Describe|BatchGet|Query|Invoke)/.test(name)),
  ).toEqual([]);
  expect(account.states.executions).toEqual([]);

  await served.command(['pause', 'checkout', '--reason', 'a freeze']);
  const names = account.cloudwatch.alarms.map(({ input }) => input.AlarmName ?? '');
  const [first = '', second = ''] = names.filter((name) => name.startsWith('backstep/'));
  const letters = names.find((name) => name.includes('/dead-letters/')) ?? '';
  account.cloudwatch.deleteAlarm(first);
  account.cloudwatch.setState(letters, 'ALARM', 'a test');
  const { code, found, verdict } = await findings();
  expect([code, verdict]).toEqual([1, 'findings']);
  expect(what(found, 'finding')).toEqual(expect.arrayContaining(['alarms missing', 'dead letters', 'kill switch']));
  expect(one(found, 'alarms missing')).toContain(first);
  expect(one(found, 'alarms missing')).not.toContain(second);
  expect(one(found, 'kill switch')).toContain('a freeze');
}, 60_000);

test('a service without a release to go back to could not be rolled back: 2', async () => {
  const first = with_({ account: ({ services: [service = {}] }) => Object.assign(service, { history: [] }) });
  served = await Served.from(first, 'PT2M', speed);
  const { code, found, verdict } = await findings();
  expect([code, verdict]).toEqual([2, 'could not roll back now']);
  expect(found[0]).toMatchObject({ severity: 'blocker', what: 'target', whatToDo: expect.stringContaining('--to') });
  const told = await served.command(['doctor', 'checkout']);
  expect(told.out()).toMatch(/^checkout: could not roll back now\n {2}\[BLOCKER\] target: /);
  expect(told.code).toBe(2);
}, 60_000);

test('who else would act is named: deployment alarms and circuit breaker of ECS, and the groups of CodeDeploy', async () => {
  const ecs = with_({
    account: ({ services: [service = {}] }) =>
      Object.assign(service, {
        circuitBreaker: { enable: true, rollback: true },
        deploymentAlarms: { names: ['checkout-5xx'], rollback: true },
      }),
  });
  served = await Served.from(ecs, 'PT2M', speed);
  const { code, found } = await findings();
  expect(code).toBe(1);
  const overlaps = found.filter((each) => each.what === 'overlaps of main');
  expect(overlaps).toMatchObject([
    { severity: 'finding', evidence: expect.stringContaining('ECS watches checkout-5xx') },
    { severity: 'note', evidence: expect.stringContaining('circuit breaker goes back by itself') },
  ]);
  // The plan that a rollback would have says the same.
  const plan = JSON.parse((await served.command(['plan', 'checkout', '--json'])).out());
  expect(plan.checks).toContainEqual({
    name: 'overlaps of main',
    status: 'warning',
    evidence: overlaps.map(({ evidence }) => evidence).join(' '),
  });
}, 60_000);

test('of CodeDeploy too, whatever the role may read of it', async () => {
  const [blue, green] = ['checkout/943f017f100becff', 'checkout-2/0011223344556677'].map(
    (name) => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${name}`,
  );
  const codeDeploy = with_({
    account: (account) => {
      Object.assign(account.services[0] ?? {}, { controller: 'CODE_DEPLOY', history: undefined });
      account.targetGroups.push({ ...account.targetGroups[0], arn: green });
      Object.assign(account, {
        deploymentGroups: [
          {
            application: 'shop',
            name: 'checkout',
            cluster: 'shop',
            service: 'checkout',
            productionListeners: [
              'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2',
            ],
            targetGroups: [blue, green],
            alarms: ['checkout-5xx'],
            autoRollback: ['DEPLOYMENT_FAILURE'],
          },
        ],
      });
    },
  });
  served = await Served.from(codeDeploy, 'PT1M', speed);
  const { found } = await findings();
  expect(one(found, 'overlaps of main')).toContain(
    "CodeDeploy's deployment group checkout of shop names this service: it rolls back by itself on DEPLOYMENT_FAILURE, and stops a deployment when checkout-5xx is on.",
  );
  const as = 'arn:aws:iam::111122223333:role/reader';
  served.run.account.iam.addRole({
    arn: as,
    policies: [
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['ssm:*', 's3:GetObject', 'dynamodb:*', 'ecs:*', 'elasticloadbalancing:*', 'rds:*'],
            Resource: '*',
          },
        ],
      } as never,
    ],
  });
  vi.resetModules();
  const { code, out } = await served.command(['doctor', 'checkout', '--json'], { as });
  const [{ findings: unread }] = JSON.parse(out()).services;
  expect(one(unread, 'overlaps')).toContain('not authorized to perform: codedeploy:ListApplications');
  expect(one(unread, 'alarms')).toContain('not authorized to perform: cloudwatch:DescribeAlarms');
  expect(one(unread, 'Step Functions')).toContain('not authorized to perform: states:ListExecutions');
  expect(one(unread, 'your permissions')).toMatch(/^You may not invoke Admit, Plan, .*lambda:InvokeFunction/);
  expect(code).toBeGreaterThan(0);
}, 60_000);
