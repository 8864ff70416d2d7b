/** How rollbacks end that do not go as planned: undone, stopped, timed out, broken off, redriven. */
import { describe, expect, test } from 'vitest';
import { rollbacksOf } from '../../simulator/scenario/executions.ts';
import type { FinishedRun } from '../../simulator/scenario/run.ts';
import { variation } from '../variations.ts';
import { withDefinition } from './definition.ts';
import { behaves, confirm, inTwoSteps, play, release, type Story, start } from './shop.ts';

type Event = Story['events'][number];

const rule =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee';
const blue = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-blue/73e2d6bc24d8a067';
const green = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/checkout-green/09966783158cda59';
const on = (toBlue: number, toGreen: number) => ({
  [`weights.${rule}`]: { 'checkout-blue': toBlue, 'checkout-green': toGreen },
});

/** Green's v2.14.4 has all traffic, and a person goes back to blue in two steps: 10 % from PT4M3S, all a minute later. */
const inSteps = (name: string, events: readonly Event[], more: Partial<Story> = {}): Story => ({
  name,
  ...inTwoSteps,
  events: [
    release('PT1M', 'checkout:42', 'checkout-green'),
    {
      at: 'PT3M',
      type: 'weights',
      rule,
      weights: { [blue]: 0, [green]: 100 },
      stickiness: { enabled: true, durationSeconds: 3600 },
    },
    start('PT4M', { service: 'checkout', version: 'v2.14.3', confirm }),
    ...events,
  ],
  until: 'PT20M',
  expect: {},
  ...more,
});
const stopped = (at: string): Event => ({ at, type: 'stop', cause: 'I will do it', execution: 1 });
const redriven = (at: string): Event => ({ at, type: 'redrive', execution: 1 });

const kinds = ({ document }: FinishedRun, kind: string) => document.timeline.filter((entry) => entry.kind === kind);
const stickiness = ({ account }: FinishedRun): boolean | undefined =>
  account.elbv2.rule(rule).actions[0]?.ForwardConfig?.TargetGroupStickinessConfig?.Enabled;

function lockOf({ account, stack }: FinishedRun) {
  const table = Object.values(stack.resources).find(({ type }) => type === 'AWS::DynamoDB::Table');
  return account.dynamodb.items(table?.physicalId ?? '').find(({ sk }) => sk?.S === 'LOCK');
}

/** What the report of the first rollback says. */
function reportOf({ account, stack, document }: FinishedRun): {
  outcome: string;
  reason: string;
  verification: object;
} {
  const bucket = Object.values(stack.resources).find(({ type }) => type === 'AWS::S3::Bucket')?.physicalId ?? '';
  const table = Object.values(stack.resources).find(({ type }) => type === 'AWS::DynamoDB::Table')?.physicalId ?? '';
  const rollback = account.dynamodb
    .items(table)
    .find((item) => item.sk?.S?.startsWith('ROLLBACK#') && item.executionArn?.S === document.executions[0]?.arn);
  const found = account.s3.get(bucket, `reports/${rollback?.rollbackId?.S}/report.json`);
  if (!found) throw new Error('There is no report.');
  return JSON.parse(Buffer.from(found.body).toString()).execution;
}

describe('undone', () => {
  /** Enough for an alarm as well, whose start then joins or leaves it. */
  const joined = { status: 'SUCCEEDED' } as const;
  const worse = behaves('PT4M10S', 'checkout:41', { errorRate: 0.045 });

  test('given a canary, when its gate measures the target worse, then the traffic goes back, and so does stickiness', async () => {
    const run = await play(
      inSteps('a worse target', [worse], {
        expect: {
          executions: [
            { status: 'FAILED', outcome: 'halted', reason: 'All traffic is on side green, as before the rollback' },
            joined,
          ],
          account: on(0, 100),
          timeline: [
            { kind: 'action.applied', message: 'checkout-blue 10' },
            { kind: 'check.failed' },
            { kind: 'undo.begun', message: 'goes back to checkout-blue 0, checkout-green 100' },
            { kind: 'compensated', message: 'The traffic was put back.' },
            { kind: 'owed.given-back' },
            { kind: 'reported' },
          ],
          calls: { 'elasticloadbalancing:ModifyRule': 3 },
        },
      }),
    );
    expect(run.document.failures).toEqual([]);
    expect(stickiness(run)).toBe(true);
  });

  test('given a gate that fails, when undoing fails too, then it needs a person, and tells both errors', async () => {
    const refused = {
      type: 'removePermission',
      function: 'Compensate',
      action: 'elasticloadbalancing:ModifyRule',
    } as const;
    const run = await play(
      inSteps('undoing fails', [{ at: 'PT4M10S', ...refused }, worse], {
        expect: {
          executions: [
            {
              status: 'FAILED',
              outcome: 'needs-attention',
              reason: 'Undoing it failed too: Compensate failed with AccessDenied',
            },
            joined,
          ],
          account: on(10, 90),
        },
      }),
    );
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run).reason).toMatch(
      /not healthy enough to get more.*not authorized to perform: elasticloadbalancing:ModifyRule/,
    );
    // The call that IAM refuses is not repeated.
    expect(
      run.account.calls.filter(
        ({ principal, operation }) => operation === 'ModifyRule' && principal.includes('Compensate'),
      ),
    ).toHaveLength(1);
  });

  test('given a rollback between two steps, when somebody flips the kill switch, then it halts there and says who serves', async () => {
    const flipped = {
      at: 'PT4M30S',
      type: 'parameter',
      name: '/backstep/production/kill-switch',
      value: 'on: wait for Ann',
    } as const;
    const run = await play(
      inSteps('kill switch', [flipped], {
        expect: { executions: [{ status: 'FAILED', outcome: 'halted' }], account: on(10, 90) },
      }),
    );
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run).reason).toMatch(
      /Halted before ShiftTraffic\. Nothing was undone\. Done: Step 1 of 2.*Not begun: Step 2 of 2.*The traffic is split: 10 % on side blue, which runs checkout:41.*wait for Ann/,
    );
    expect(lockOf(run)?.owner).toBeUndefined();
  });
});

describe('stopped between two steps', () => {
  test('and left: the weights stay, the report names them, and stickiness comes back when its cookies have expired', async () => {
    const run = await play(
      inSteps('left', [stopped('PT4M30S')], {
        until: 'PT1H20M',
        expect: {
          executions: [{ status: 'ABORTED', reason: 'I will do it' }],
          account: on(10, 90),
          timeline: [{ kind: 'reaped' }, { kind: 'owed.waiting' }, { kind: 'reported' }, { kind: 'owed.given-back' }],
        },
      }),
    );
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'halted',
      reason: expect.stringMatching(
        /^Somebody stopped the execution in the state WaitForTraffic: "I will do it"\..*The traffic is split: 10 % on side blue, which runs checkout:41/,
      ),
    });
    expect(stickiness(run)).toBe(true);
    expect(lockOf(run)?.owner).toBeUndefined();
  });

  const goneOn = { status: 'SUCCEEDED', outcome: 'verified' } as const;

  test('and redriven at once: it goes on, and nothing takes it up', async () => {
    const events = [stopped('PT4M30S'), redriven('PT4M40S')];
    const run = await play(inSteps('at once', events, { expect: { executions: [goneOn], account: on(100, 0) } }));
    expect(run.document.failures).toEqual([]);
    expect(kinds(run, 'reaped')).toEqual([]);
    expect(kinds(run, 'resumed')).toEqual([]);
  });

  test('and redriven when its time is long over: it has as much again from then on', async () => {
    const events = [stopped('PT4M30S'), redriven('PT40M')];
    const run = await play(
      inSteps('much later', events, { until: 'PT1H', expect: { executions: [goneOn], account: on(100, 0) } }),
    );
    expect(run.document.failures).toEqual([]);
  });

  variation(
    'and redriven in a state that does not begin anew for it: its Lambda is told the time of the redrive',
    async () => {
      const slow = {
        at: 'PT4M',
        type: 'fault',
        on: { invocation: 'CheckTraffic' },
        effect: { latency: 'PT20S' },
      } as const;
      const events = [{ ...slow, for: 'PT10M' }, stopped('PT4M20S'), redriven('PT40M')];
      const run = await play(
        inSteps('in a task', events, { until: 'PT1H', expect: { executions: [goneOn], account: on(100, 0) } }),
      );
      expect(run.document.failures).toEqual([]);
      const checks = run.document.timeline.filter(({ kind }) => /^check\./.test(kind)).map(({ time }) => time);
      expect(checks).toContain('2026-01-15T10:40:00.000Z');
    },
  );

  test('and redriven after it was taken up: it has its lock again, goes on, and people hear of both ends', async () => {
    const events = [stopped('PT4M30S'), redriven('PT8M')];
    const run = await play(inSteps('later', events, { expect: { executions: [goneOn], account: on(100, 0) } }));
    expect(run.document.failures).toEqual([]);
    expect(kinds(run, 'resumed')).toHaveLength(1);
    expect(reportOf(run).outcome).toBe('verified');
    const told = run.account.sns.published.flatMap(
      ({ subject }) => /^\[(Halted|Verified)\] checkout/.exec(subject ?? '')?.[1] ?? [],
    );
    expect(new Set(told)).toEqual(new Set(['Halted', 'Verified']));
    expect(lockOf(run)?.owner).toBeUndefined();
    expect(lockOf(run)?.token).toEqual({ N: '1' });
  });

  variation('redriven and stopped once more: it is taken up once more', async () => {
    const events = [stopped('PT4M30S'), redriven('PT8M'), stopped('PT8M40S')];
    const run = await play(inSteps('twice', events, { expect: { executions: [{ status: 'ABORTED' }] } }));
    expect(run.document.failures).toEqual([]);
    expect(kinds(run, 'reaped')).toHaveLength(2);
    expect(lockOf(run)?.owner).toBeUndefined();
  });

  test('and redriven while another rollback has the lock: it changes nothing more', async () => {
    const other = start('PT7M', { service: 'checkout', version: 'v2.14.3', confirm });
    const events = [stopped('PT4M30S'), other, redriven('PT7M30S')];
    const run = await play(
      inSteps('another', events, {
        expect: { executions: [{ status: 'FAILED', outcome: 'halted' }, goneOn], account: on(100, 0) },
      }),
    );
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run).reason).toMatch(/Somebody else changed the weights to checkout-blue 100/);
    // One step before the stop, one of the other rollback.
    expect(run.document.calls['elasticloadbalancing:ModifyRule']).toBe(2);
    expect(lockOf(run)?.token).toEqual({ N: '2' });
  });

  variation('and told of twice: it is taken up once', async () => {
    const twice = {
      type: 'fault',
      on: { event: 'Step Functions Execution Status Change' },
      effect: { duplicate: 2 },
    } as const;
    const run = await play(inSteps('told twice', [{ at: 'PT4M20S', ...twice }, stopped('PT4M30S')]));
    expect(run.account.states.executions.length - rollbacksOf(run).length).toBe(2);
    expect(kinds(run, 'reaped')).toHaveLength(1);
    expect(kinds(run, 'reported')).toHaveLength(1);
    expect(kinds(run, 'notification.sent')).toHaveLength(3);
  });
});

describe('stopped after its change, and started again by a person', () => {
  /** No alarm joins in. */
  const alone = { type: 'fault', on: { event: 'CloudWatch Alarm State Change' }, effect: { lost: true } } as const;
  const silent = { type: 'fault', on: { invocation: 'Sweep' }, effect: { error: { code: 'Broken' } } } as const;
  const stopAt = (name: string, at: string, again: string): Story => ({
    name,
    account: (account) => {
      for (const definition of account.taskDefinitions ?? [])
        Object.assign(definition.behaviour ?? {}, { startSeconds: 90 });
    },
    events: [
      { at: 'PT0S', ...alone },
      { at: 'PT0S', ...silent },
      release('PT1M'),
      start('PT4M', { service: 'checkout', confirm, timeout: 1800 }),
      stopped(at),
      start(again, { service: 'checkout', confirm, timeout: 1800 }),
    ],
    until: 'PT50M',
    expect: { account: { 'services.shop/checkout.taskDefinition': 'checkout:41' }, calls: { 'ecs:UpdateService': 1 } },
  });

  test('while its tasks start: the second awaits and proves what the first was bringing', async () => {
    const run = await play(stopAt('going on', 'PT4M5S', 'PT5M30S'));
    expect(run.document.failures).toEqual([]);
    expect(run.document.executions.at(-1)).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'verified' } });
  });

  test('once they run: there it stays, and nothing older is gone to', async () => {
    const run = await play(stopAt('there', 'PT4M5S', 'PT15M'));
    expect(run.document.failures).toEqual([]);
    expect(run.document.executions.at(-1)).toMatchObject({
      status: 'SUCCEEDED',
      output: { outcome: 'already-at-target' },
    });
  });
});

describe('broken off', () => {
  test('by the time-out of the execution: it needs a person, and says where it was', async () => {
    const timedOut = withDefinition((definition) => {
      definition.TimeoutSeconds = 45;
    });
    const run = await play(
      inSteps('time-out', [], { expect: { executions: [{ status: 'TIMED_OUT' }], account: on(10, 90) } }),
      1,
      timedOut,
    );
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'needs-attention',
      reason: expect.stringMatching(
        /ran into its time-out in the state WaitForTraffic\..*Begun and not finished: Step 1 of 2.*10 % on side blue/,
      ),
    });
    expect(lockOf(run)?.owner).toBeUndefined();
  });

  variation('while ECS cannot be read: the lock is given back all the same, and the report says so', async () => {
    const silent = {
      type: 'fault',
      on: { call: 'ecs:DescribeServices', by: 'Reap' },
      effect: { error: { code: 'Broken' } },
    } as const;
    const run = await play(inSteps('unreadable', [{ at: 'PT4M20S', ...silent }, stopped('PT4M30S')]));
    expect(reportOf(run).reason).toMatch(
      /Begun and not finished: Step 1 of 2.*How the service stands now could not be read: Injected/,
    );
    expect(lockOf(run)?.owner).toBeUndefined();
  });

  test('by an error that no state catches: it needs a person, and says which', async () => {
    const broken = withDefinition(({ States }) => {
      Object.assign(States.TrafficJudged as never, {
        Choices: [{ Condition: '{% $nobody.knows %}', Next: 'ActionDone' }],
      });
    });
    const run = await play(
      inSteps('uncaught', [], { expect: { executions: [{ status: 'FAILED' }], account: on(10, 90) } }),
      1,
      broken,
    );
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'needs-attention',
      reason: expect.stringMatching(/failed in the state TrafficJudged with States\./),
    });
    expect(lockOf(run)?.owner).toBeUndefined();
  });

  test('by a report that fails: the reap machine writes it', async () => {
    const failing = {
      type: 'fault',
      on: { invocation: 'Report' },
      effect: { error: { code: 'Broken' } },
      count: 5,
    } as const;
    const run = await play(
      inSteps('not reported', [{ at: 'PT4M10S', ...failing }], {
        expect: {
          executions: [{ status: 'FAILED', error: 'needs-attention', outcome: 'needs-attention' }],
          account: on(100, 0),
        },
      }),
    );
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'needs-attention',
      reason: expect.stringMatching(/^The rollback itself ended verified: .*Report failed/),
    });
    expect(lockOf(run)?.owner).toBeUndefined();
  });

  variation('by a start that could not be admitted, with the lock in hand: it is given back', async () => {
    const failing = {
      type: 'fault',
      on: { call: 'dynamodb:UpdateItem', by: 'Admit' },
      effect: { error: { code: 'Broken' } },
    } as const;
    const run = await play(
      inSteps('not admitted', [{ at: 'PT3M50S', ...failing }], {
        expect: { executions: [{ status: 'FAILED', error: 'needs-attention' }], account: on(0, 100) },
      }),
    );
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'needs-attention',
      reason: expect.stringContaining('Nothing was changed'),
    });
    expect(lockOf(run)).toMatchObject({ token: { N: '1' } });
    expect(lockOf(run)?.owner).toBeUndefined();
  });

  test('by an input of 256 KiB, which no state can carry: it is reported all the same', async () => {
    const frame = JSON.stringify({ service: 'checkout', reason: '' });
    const inputText = frame.replace('""', JSON.stringify('x'.repeat(262_144 - frame.length)));
    const run = await play({
      ...inSteps('too large', []),
      events: [{ at: 'PT4M', type: 'start', inputText }],
      expect: { executions: [{ status: 'FAILED', error: 'States.DataLimitExceeded' }] },
    });
    expect(run.document.failures).toEqual([]);
    expect(reportOf(run)).toMatchObject({
      outcome: 'needs-attention',
      reason: expect.stringMatching(/in the state Admit with States.DataLimitExceeded.*Nothing was changed/),
    });
  });

  test('by a Lambda that dies after its change: the next attempt finds it done, and nothing is moved twice', async () => {
    const dies = { type: 'fault', on: { invocation: 'ShiftTraffic' }, effect: { lost: true }, count: 1 } as const;
    const run = await play(
      inSteps('killed', [{ at: 'PT3M50S', ...dies }], {
        expect: {
          executions: [{ status: 'SUCCEEDED', outcome: 'verified' }],
          account: on(100, 0),
          calls: { 'elasticloadbalancing:ModifyRule': 2 },
        },
      }),
    );
    expect(run.document.failures).toEqual([]);
  });
});
