/** Whole rollbacks of services that are deployed together: checkout, its worker, and the API that both call. */
import { expect, test } from 'vitest';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import { variation } from '../variations.ts';
import { behaves, confirm, examples, play, release, type Story, start } from './shop.ts';

const companions = {
  worker: { cluster: 'shop', service: 'worker', dependsOn: ['api'] },
  api: { cluster: 'shop', service: 'api' },
};

/** Worker and API count their own versions: worker:6 and api:3 ran beside v2.14.3 of checkout. */
const world: Pick<Story, 'config' | 'account'> = {
  config: (config) => {
    Object.assign(config.environments.production.services.checkout, { companions, policy: { bakeMinutes: 1 } });
  },
  account: (account) => {
    for (const name of ['worker:6', 'worker:7', 'api:3', 'api:4']) {
      const [family = '', revision] = name.split(':');
      const image = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/${family}:r${revision}`;
      const behaviour = { startSeconds: 20 };
      account.taskDefinitions?.push({ family, revision: Number(revision), image, registeredAt: '-P6D', behaviour });
    }
    const since = { cluster: 'shop', desiredCount: 2, deployedAt: '-P6D' };
    account.services?.push(
      { ...since, name: 'worker', taskDefinition: 'worker:6', scaling: { min: 2, max: 6 } },
      { ...since, name: 'api', taskDefinition: 'api:3' },
    );
  },
};

const rollsBack = (at: string) => start(at, { service: 'checkout', confirm, reason: 'a test' });

/** Deployed in this order: what is called goes first. */
const released = [
  release('PT2M', 'api:4', 'api'),
  release('PT4M', 'worker:7', 'worker'),
  release('PT6M', 'checkout:42'),
];
const twice = (invocation: string) =>
  ({ at: 'PT0S', type: 'fault', on: { invocation }, effect: { duplicate: 2 } }) as const;

/** How the rollback that a person started ended. */
function endOf({ document }: FinishedRun): { readonly outcome: string; readonly reason: string } {
  const execution = document.executions.find(({ input }) => JSON.stringify(input).includes('a test'));
  return (execution?.output ?? execution?.cause) as never;
}

/** What was begun and what had arrived, in order: `Companion worker goes from worker:7 …`. */
const steps = ({ document }: FinishedRun): string[] =>
  document.timeline.flatMap(({ kind, message }) =>
    ['action.applied', 'check.done', 'check.failed'].includes(kind) ? [`${kind}: ${message}`] : [],
  );
const running = ({ document }: FinishedRun) =>
  Object.fromEntries(
    Object.entries(document.account.services).map(([name, { taskDefinition }]) => [name, taskDefinition]),
  );
const told = ({ document }: FinishedRun): string => document.timeline.map(({ message }) => message).join('\n');
const statuses = ({ account }: FinishedRun): Record<string, string | undefined> => {
  const items = account.dynamodb.tables.flatMap((table) => account.dynamodb.items(table));
  const releases = items.filter(({ sk }) => sk?.S?.startsWith('RELEASE#'));
  return Object.fromEntries(
    releases.map(({ taskDefinition, status }) => [taskDefinition?.S?.split('/').at(-1) ?? '', status?.S]),
  );
};

test('given three services of one release, when it is rolled back, then each goes back, dependents first, and each is awaited', async () => {
  const run = await play({
    ...world,
    name: 'three services',
    // Every step is done twice, which changes nothing more.
    events: [...released, twice('RevertService'), twice('CheckService'), rollsBack('PT8M')],
    until: 'PT20M',
    expect: { calls: { 'ecs:UpdateService': 3 } },
  });
  expect(run.document.failures).toEqual([]);
  expect(endOf(run).outcome).toBe('verified');
  expect(steps(run)).toEqual([
    expect.stringMatching(/^action.applied: Side main goes from checkout:42 to checkout:41/),
    expect.stringMatching(/^check.done: checkout:41 runs 3 of 3 tasks, rollout COMPLETED/),
    expect.stringMatching(/^action.applied: Companion worker goes from worker:7 to worker:6/),
    expect.stringMatching(/^check.done: worker:6 runs 2 of 2 tasks, rollout COMPLETED/),
    expect.stringMatching(/^action.applied: Companion api goes from api:4 to api:3/),
    expect.stringMatching(/^check.done: api:3 runs 2 of 2 tasks, rollout COMPLETED/),
  ]);
  expect(told(run)).toContain('Scaling of service/shop/worker is as it was before the rollback');
  expect(told(run)).toContain('companion worker is on worker:6, and worker:7 is declared in all likelihood');
  const ledger = statuses(run);
  expect(ledger).toMatchObject({ 'checkout:41': 'good', 'worker:6': 'good', 'api:3': 'good' });
  expect(ledger).toMatchObject({ 'checkout:42': 'bad', 'worker:7': 'bad', 'api:4': 'bad' });
});

variation(
  'given a rollback that a person stopped half way, when the version is named again, then only what is left goes back',
  async () => {
    const run = await play({
      ...world,
      name: 'stopped half way',
      events: [
        ...released,
        start('PT8M', { service: 'checkout', confirm }),
        // The side has arrived, the worker is on its way, the API has not been touched.
        { at: 'PT9M40S', type: 'stop', cause: 'I will do it', execution: 1 },
        start('PT20M', { service: 'checkout', confirm, version: 'v2.14.3', reason: 'a test' }),
      ],
      until: 'PT32M',
      expect: { calls: { 'ecs:UpdateService': 3 } },
    });
    expect(run.document.failures).toEqual([]);
    expect(endOf(run)).toMatchObject({ outcome: 'verified' });
    expect(told(run)).toContain('Only companions follow: api.');
    expect(running(run)).toEqual({ 'shop/checkout': 'checkout:41', 'shop/worker': 'worker:6', 'shop/api': 'api:3' });
    expect(statuses(run)).toMatchObject({ 'checkout:41': 'good', 'api:3': 'good', 'api:4': 'bad' });
    const pinned = run.account.events.received.findLast((event) => event['detail-type'] === 'Backstep Drift')?.detail;
    expect(pinned).toMatchObject({ pinned: [{ side: 'main' }, { side: 'worker' }, { side: 'api', companion: true }] });
  },
);

test('given a companion whose earlier image is gone by then, when its turn comes, then it goes back to what serves, the others stay, and the rollback halts there', async () => {
  const run = await play({
    ...world,
    name: 'a companion does not come up',
    events: [
      ...released,
      rollsBack('PT8M'),
      // Found by no check of the plan.
      behaves('PT8M30S', 'api:3', { imageMissing: true }),
    ],
    until: 'PT25M',
    expect: {},
  });
  expect(endOf(run).outcome).toBe('halted');
  expect(running(run)).toEqual({ 'shop/checkout': 'checkout:41', 'shop/worker': 'worker:6', 'shop/api': 'api:4' });
  expect(endOf(run).reason).toContain('Companion api was put back on api:4.');
  expect(endOf(run).reason).toContain('Companion worker runs worker:6 with 2 of 2 tasks.');
  expect(told(run)).toContain('Scaling of service/shop/worker is as it was before the rollback');
});

test('given two sides and a companion of the release, when it is rolled back, then the traffic goes first, and a companion that stayed is left alone', async () => {
  const scenario = { ...world, example: examples.twoSides };
  const rule =
    'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee';
  const group = (name: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${name}`;
  const run = await play({
    ...scenario,
    name: 'two sides',
    events: [
      release('PT1M', 'worker:7', 'worker'),
      release('PT2M', 'checkout:42', 'checkout-green'),
      {
        at: 'PT5M',
        type: 'weights',
        rule,
        weights: { [group('checkout-blue/73e2d6bc24d8a067')]: 0, [group('checkout-green/09966783158cda59')]: 100 },
      },
      rollsBack('PT6M'),
    ],
    until: 'PT20M',
    expect: { calls: { 'ecs:UpdateService': 1 } },
  });
  expect(run.document.failures).toEqual([]);
  expect(endOf(run).outcome).toBe('verified');
  const applied = steps(run).filter((step) => step.startsWith('action.applied'));
  expect(applied.slice(0, -1)).toEqual(applied.slice(0, -1).map(() => expect.stringContaining('Weights set')));
  expect(applied.at(-2)).toContain('to checkout-blue 100, checkout-green 0');
  expect(applied.at(-1)).toContain('Companion worker goes from worker:7 to worker:6');
  expect(running(run)).toMatchObject({ 'shop/worker': 'worker:6', 'shop/api': 'api:3' });
});
