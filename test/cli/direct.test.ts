/** `rollback --direct`: the same plan, carried out by the command, on an account whose Step Functions answers nobody. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, expect, test } from 'vitest';
import type { Ending } from '../../bin/commands/follow/ending.ts';
import type { DirectRun } from '../../lib/domain/direct.ts';
import { variation } from '../variations.ts';
import { changed, Served, until } from './served.ts';

const root = join(import.meta.dirname, '../..');
const scenario = join(root, 'examples/01-checkout/scenario.json');
/** Real milliseconds that a busy machine takes for a call are seconds of the account: with more, its time limits are over. */
const speed = 40;
const direct = ['rollback', 'checkout', '--direct', '--confirm', 'ROLLBACK PRODUCTION', '--timeout', '1800'];

const down = {
  at: 'PT1M',
  type: 'fault',
  on: { call: 'states:*' },
  effect: { error: { code: 'InternalServerException', message: 'Step Functions is down', status: 500 } },
};

interface Change {
  readonly service?: object;
  readonly account?: object;
  readonly events?: readonly object[];
}

/** The release is bad, and no alarm starts anything: Step Functions is down. */
const broken = ({ service = {}, account = {}, events = [down] }: Change = {}): string =>
  changed(
    scenario,
    (text) => {
      const parsed = JSON.parse(text);
      Object.assign(parsed.account, account);
      return JSON.stringify({ ...parsed, events: [...parsed.events, ...events] });
    },
    (text) => {
      const config = JSON.parse(text);
      Object.assign(config.environments.production.services.checkout, { policy: { bakeMinutes: 2 } }, service);
      return JSON.stringify(config);
    },
  );

let served: Served;
afterEach(() => served.stop());

/** What is in the table, under sort keys that begin so. */
function items<T>(prefix: string): T[] {
  const { dynamodb } = served.run.account;
  return dynamodb.tables
    .flatMap((table) => dynamodb.items(table))
    .map((item) => unmarshall(item as Record<string, AttributeValue>) as T & { sk: string })
    .filter(({ sk }) => sk.startsWith(prefix));
}
const runs = (): DirectRun[] => items<{ run: DirectRun }>('DIRECT#').map(({ run }) => run);
const owner = (): unknown => items<{ owner?: object }>('LOCK')[0]?.owner;

function policyOfTheDocumentation(): object {
  const { account } = served.run;
  const text = /```json\n(.*?)\n```/s.exec(readFileSync(join(root, 'docs/direct.md'), 'utf8'))?.[1] ?? '';
  const values: Record<string, string> = {
    REGION: account.region,
    ACCOUNT: account.id,
    ENVIRONMENT: 'production',
    SERVICE_NAME: 'checkout',
    STACK: 'Backstep-production',
    TABLE: account.dynamodb.tables[0] ?? '',
    BUCKET: account.s3.buckets.find((name) => name.includes('storage')) ?? '',
  };
  return JSON.parse(
    text.replace(/\b(?:REGION|ACCOUNT|ENVIRONMENT|SERVICE_NAME|STACK|TABLE|BUCKET)\b/g, (name) => values[name] ?? name),
  );
}

test('with Step Functions down it ends verified: same report, timeline and ledger, and the documented permissions are enough', async () => {
  served = await Served.from(broken(), 'PT5M', speed);
  const as = 'arn:aws:iam::111122223333:role/oncall';
  served.run.account.iam.addRole({ arn: as, policies: [policyOfTheDocumentation() as never] });
  const scaled = served.run.account.autoscaling.register({
    ResourceId: 'service/shop/checkout',
    MinCapacity: 2,
    MaxCapacity: 6,
    SuspendedState: { DynamicScalingOutSuspended: true },
  } as never);
  const before = { ...scaled.suspended };
  const under = served.begin([...direct, '--reason', 'Step Functions is down', '--json'], { as });
  await until(under.err, '[1/1] RevertService');
  const { code, out, err } = await under.ended;
  expect(err()).toContain('The installed state machine cannot be read');
  expect(err().replace(/\s+/g, ' ')).toContain('keep the terminal open');
  const ending: Ending = JSON.parse(out());
  expect(ending).toMatchObject({ status: 'SUCCEEDED', outcome: 'verified', target: 'v2.14.3' });
  expect(ending.executionArn).toMatch(/:execution:backstep-production-rollback:direct-checkout-/);
  expect(code).toBe(0);
  expect(owner()).toBeUndefined();
  expect(runs()).toMatchObject([{ status: 'SUCCEEDED', by: 'arn:aws:sts::111122223333:assumed-role/oncall/ann' }]);
  const kinds = items<{ kind: string }>('TIMELINE#').map(({ kind }) => kind);
  expect(kinds).toEqual(
    expect.arrayContaining(['admitted', 'plan.ready', 'action.applied', 'verify.verified', 'reported']),
  );
  expect(kinds).toContain('owed.given-back');
  expect(scaled.suspended).toEqual(before);
  const denied = served.run.account.calls.filter(
    ({ principal, error }) => principal === as && error?.startsWith('AccessDenied'),
  );
  expect(denied).toEqual([]);
}, 60_000);

variation(
  'two direct starts at once: one wins, the other belongs to it; status, watch and history show it as direct',
  async () => {
    served = await Served.from(broken(), 'PT5M', speed);
    const both = [served.begin([...direct, '--json']), served.begin([...direct, '--json'])];
    const winner = await Promise.race(both.map((one) => until(one.err, '[1/1] RevertService').then(() => one)));
    const other = both.find((one) => one !== winner);
    const loser: Ending = JSON.parse((await other?.ended)?.out() ?? '');
    expect(loser).toMatchObject({ status: 'SUCCEEDED', outcome: 'duplicate' });

    const status = await served.command(['status', 'checkout', '--json']);
    const [{ running, problems }] = JSON.parse(status.out()).services;
    expect(running).toMatchObject({ status: 'RUNNING', direct: { by: 'arn:aws:iam::111122223333:user/operator' } });
    expect(problems).toEqual([]);
    expect((await served.command(['status'])).out().replace(/\s+/g, ' ')).toContain('directly, by arn:aws:iam::');
    const watching = served.begin(['watch', 'checkout', '--json']);
    const [won, watched] = await Promise.all([winner.ended, watching.ended]);
    expect(won.code).toBe(0);
    const { rollbackId, outcome, target } = JSON.parse(won.out()) as Ending;
    expect(JSON.parse(watched.out())).toMatchObject({ rollbackId, outcome, target, status: 'SUCCEEDED' });
    expect(watched.err()).toContain('Carried out directly, without Step Functions');
    expect(watched.err()).toContain('[1/1] RevertService');
    expect(watched.code).toBe(0);
    expect((await served.command(['history', 'checkout'])).out()).toContain(`person  ${rollbackId} (direct)`);
    expect(served.updates()).toBe(1);
  },
  90_000,
);

variation(
  'killed in the middle: its lock is held until it is taken for dead, then taken over, and the change it made is found',
  async () => {
    served = await Served.from(broken(), 'PT5M', speed);
    // With the flags that it would start itself again for: the process that is killed is the one at work.
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, join(root, 'bin/backstep.mjs'), ...direct, '--json'], {
      env: { ...process.env, ...served.environment(), NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    await until(() => said, 'waiting, ');
    child.kill('SIGKILL');
    expect(runs()).toMatchObject([
      { status: 'RUNNING', variables: { plan: { planKey: expect.stringMatching(/^plans/) } } },
    ]);
    const early: Ending = JSON.parse((await served.command([...direct, '--json'])).out());
    expect(['duplicate', 'observed']).toContain(early.outcome);
    expect(items('LOCK')).toMatchObject([{ token: 1 }]);
    await wait(170);
    const late = await served.command([...direct, '--to', 'v2.14.3', '--json']);
    const ending: Ending = JSON.parse(late.out());
    // ECS went on with what it was told, so that the target may be reached by now.
    expect(['verified', 'already-at-target']).toContain(ending.outcome);
    expect(items('LOCK')).toMatchObject([{ token: 2 }]);
    expect(owner()).toBeUndefined();
  },
  90_000,
);

test('Ctrl-C ends it between two calls, says where it stands, and leaves a lock that is free soon', async () => {
  served = await Served.from(broken(), 'PT5M', speed);
  const under = served.begin(direct, { tty: true });
  await until(under.out, 'waiting, ');
  under.interrupt();
  const { code, out } = await under.ended;
  expect(code).toBe(2);
  const text = out().replace(/\s+/g, ' ');
  expect(text).toContain('with its end nothing goes on in AWS');
  expect(text).toMatch(/Changed: RevertService: .*checkout:41/);
  expect(text).toContain("The lock of checkout is still this rollback's");
  expect(text).toContain('for 75 s at most');
  expect(text).toContain('npx backstep rollback checkout --direct');
  expect(runs()).toMatchObject([{ status: 'ABORTED', cause: expect.stringContaining('Ctrl-C') }]);
  expect(owner()).toBeDefined();
}, 60_000);

test('a permission that Lambda refuses is not asked for again, and it is said how things stand', async () => {
  const refusing = {
    at: 'PT1M',
    type: 'fault',
    on: { call: 'lambda:Invoke' },
    effect: {
      error: {
        code: 'AccessDeniedException',
        message: 'not authorized to perform: lambda:InvokeFunction',
        status: 403,
      },
    },
  };
  served = await Served.from(broken({ events: [down, refusing] }), 'PT5M', speed);
  const { code, err } = await served.command([...direct, '--json']);
  expect(code).toBe(2);
  const text = err().replace(/\s+/g, ' ');
  expect(text).toContain('not authorized to perform: lambda:InvokeFunction');
  expect(text).toContain('Nothing was changed. Nobody holds the lock of checkout.');
  expect(served.run.account.calls.filter(({ operation }) => operation === 'Invoke')).toHaveLength(1);
});

const withDatabase = {
  service: { database: { instance: 'shop-db' }, policy: { bakeMinutes: 2, backup: 'preferred' } },
  account: { databases: { instances: [{ id: 'shop-db', engine: 'postgres', multiAz: true, snapshotSeconds: 60 }] } },
};

test('where a person is asked, the one at the terminal is; a yes is carried out, and the timeline names who gave it', async () => {
  served = await Served.from(broken(withDatabase), 'PT5M', speed);
  const under = served.begin(direct, { tty: true });
  await until(under.out, 'Type approve to carry this plan out');
  expect(under.out()).toContain('[2/2] RevertService');
  under.type('aprove\n');
  await until(() => under.out().slice(under.out().indexOf('Type approve') + 10), 'Type approve');
  const elsewhere = await served.command(['approve', 'checkout', '--reason', 'me']);
  expect(elsewhere.err()).toContain('asks at the terminal of arn:aws:iam::111122223333:user/operator');
  under.type('approve\n');
  await until(under.out, 'Why? (for the report)');
  under.type('nothing was migrated\n');
  await until(under.out, 'RevertService');
  await until(() => JSON.stringify(items('TIMELINE#')), 'approval.approved');
  const [approved] = items<{ kind: string; message: string }>('TIMELINE#').filter(
    ({ kind }) => kind === 'approval.approved',
  );
  expect(approved?.message).toMatch(
    /^Approved by arn:aws:iam::111122223333:user\/operator \(at the terminal .*\) at .*: "nothing was migrated"\.$/,
  );
  under.interrupt();
  under.interrupt();
  expect((await under.ended).code).toBe(2);
}, 60_000);

test('without a terminal nobody can be asked: declined, or answered with --approve and --reason', async () => {
  served = await Served.from(broken(withDatabase), 'PT5M', speed);
  const declined = await served.command([...direct, '--json']);
  expect(JSON.parse(declined.out())).toMatchObject({ outcome: 'declined' });
  expect(JSON.parse(declined.out()).reason).toContain('nobody could be asked');
  expect(declined.code).toBe(1);
  const under = served.begin([...direct, '--approve', '--reason', 'nothing was migrated', '--json']);
  await until(under.err, '[2/2] RevertService');
  under.interrupt();
  expect((await under.ended).code).toBe(2);

  const lonely = await served.command(['rollback', 'checkout', '--approve']);
  expect([lonely.code, lonely.err()]).toEqual([64, expect.stringContaining('--approve goes with --direct only')]);
  const over = await served.command(['rollback', 'checkout', '--take-over', 'checkout-1']);
  expect([over.code, over.err()]).toEqual([64, expect.stringContaining('--take-over goes with --direct only')]);
  const silent = await served.command(['rollback', 'checkout', '--direct', '--approve']);
  expect([silent.code, silent.err()]).toEqual([64, expect.stringContaining('--approve needs a --reason')]);
}, 60_000);

/** Seconds of the account. */
async function wait(seconds: number): Promise<void> {
  const { clock } = served.run.account;
  const until = clock.now() + seconds * 1_000;
  while (clock.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
}
