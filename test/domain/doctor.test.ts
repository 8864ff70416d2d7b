import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AlarmState, type DoctorFacts, diagnose, stuckSeconds, worst } from '../../lib/domain/doctor.ts';
import { at, deployment, planFacts, rollback, sideFacts } from './worlds.ts';

const now = at('12:00:00');
const quiet = planFacts({ codeDeploy: { groups: [] } });
const good: DoctorFacts = {
  now,
  service: 'checkout',
  plan: { value: quiet },
  alarms: { value: { expected: ['a'], found: [alarm('a', 'OK')] } },
  operations: { value: [] },
  executions: { value: [] },
  rollbacks: { value: [] },
  killSwitch: { state: 'off' },
};

function alarm(name: string, state: string, since = at('08:00:00')): AlarmState {
  return { name, state, since, description: `what to do about ${name}` };
}

test('what the daily check found is not repeated', () => {
  const found = alarm('backstep-production-operations/readiness', 'ALARM');
  expect(told({ operations: { value: [found] } })).toEqual([]);
});

/** Above a note, without what the world of the plan itself is told for. */
const told = (change: Partial<DoctorFacts>) => {
  const before = diagnose(good).map(({ evidence }) => evidence);
  return diagnose({ ...good, ...change }).filter(({ evidence }) => !before.includes(evidence));
};

test('a service that could be rolled back has no blocker', () => {
  expect(diagnose(good).filter(({ severity }) => severity === 'blocker')).toEqual([]);
});

describe('each thing is found, with its evidence', () => {
  const ended = { name: 'e1', status: 'ABORTED', stoppedAt: at('09:00:00') };
  test.each<[string, Partial<DoctorFacts>, string, string, RegExp]>([
    [
      'a missing alarm',
      { alarms: { value: { expected: ['a', 'b'], found: [alarm('a', 'OK')] } } },
      'finding',
      'alarms missing',
      /^b: CloudWatch has no such alarm/,
    ],
    [
      'an alarm without data',
      { alarms: { value: { expected: ['a'], found: [alarm('a', 'INSUFFICIENT_DATA')] } } },
      'finding',
      'alarms without data',
      /a since .*\(4 h\)/,
    ],
    [
      'an alarm that is on',
      { alarms: { value: { expected: ['a'], found: [alarm('a', 'ALARM')] } } },
      'finding',
      'alarms on',
      /a since/,
    ],
    ['unreadable alarms', { alarms: { problem: 'AccessDenied: no' } }, 'finding', 'alarms', /AccessDenied: no/],
    [
      'dead letters',
      { operations: { value: [alarm('backstep-x-operations/dead-letters/Q', 'ALARM')] } },
      'finding',
      'dead letters',
      /dead-letters\/Q is on/,
    ],
    [
      'its own trouble',
      { operations: { value: [alarm('backstep-x-operations/sweep-silent', 'ALARM')] } },
      'finding',
      'backstep itself',
      /sweep-silent/,
    ],
    ['a broken execution', { executions: { value: [ended] } }, 'finding', 'executions', /e1 ended ABORTED/],
    ['Step Functions down', { executions: { problem: 'Down: no' } }, 'finding', 'Step Functions', /Down: no/],
    [
      'a rollback that needs somebody',
      { rollbacks: { value: [rollback({ outcome: 'halted' })] } },
      'finding',
      'rollbacks',
      /ended halted/,
    ],
    [
      'a kill switch',
      { killSwitch: { state: 'on', switches: [], reason: 'It is on.' } },
      'finding',
      'kill switch',
      /^It is on\./,
    ],
    [
      'an unreadable one',
      { killSwitch: { state: 'unreadable', reason: 'It is odd.' } },
      'finding',
      'kill switch',
      /^It is odd\./,
    ],
    [
      'a permission',
      { uninvocable: [{ name: 'Admit', problem: 'AccessDenied: no' }] },
      'note',
      'your permissions',
      /may not invoke Admit: AccessDenied: no/,
    ],
    ['an unreadable plan', { plan: { problem: 'AccessDenied: no' } }, 'finding', 'plan', /AccessDenied: no/],
    [
      'no target',
      { plan: { value: { ...quiet, choice: { kind: 'none', reason: 'No release is known to be good.' } } } },
      'blocker',
      'target',
      /No release is known to be good/,
    ],
    [
      'CodeDeploy unread',
      { plan: { value: { ...quiet, codeDeploy: { problem: 'late' } } } },
      'finding',
      'overlaps',
      /late/,
    ],
    [
      'two that roll back',
      {
        plan: {
          value: {
            ...quiet,
            sides: quiet.sides.map((side) => ({
              ...side,
              ...(side.service && {
                service: { ...side.service, deploymentAlarms: ['x'], deploymentAlarmsRollBack: true },
              }),
            })),
          },
        },
      },
      'finding',
      'overlaps of main',
      /ECS watches x/,
    ],
  ])('%s', (_what, change, severity, what, evidence) => {
    const found = told(change).filter((finding) => finding.what === what);
    expect(found).toEqual([
      { severity, what, evidence: expect.stringMatching(evidence), whatToDo: expect.stringMatching(/\w/) },
    ]);
  });

  test('an alarm that is young may still get its data', () => {
    const young = new Date(Date.parse(now) - (stuckSeconds - 1) * 1_000).toISOString();
    expect(told({ alarms: { value: { expected: ['a'], found: [alarm('a', 'INSUFFICIENT_DATA', young)] } } })).toEqual(
      [],
    );
  });

  test('a rollback that went well is no finding', () => {
    expect(
      told({ rollbacks: { value: [rollback({ outcome: 'verified' }), rollback({ outcome: 'blocked' })] } }),
    ).toEqual([]);
  });

  test('a deployment under way is told', () => {
    const moving = sideFacts('main', deployment(42, at('11:59:00'), { rolloutState: 'IN_PROGRESS' }));
    const found = told({ plan: { value: { ...quiet, sides: [moving] } } });
    expect(found.map(({ what }) => what)).toContain('deployment of main');
  });
});

test('the worst comes first, and decides', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom<DoctorFacts['killSwitch']>({ state: 'off' }, { state: 'unreadable', reason: 'odd' }),
      (blocked, unread, killSwitch) => {
        const plan = blocked
          ? { value: { ...quiet, choice: { kind: 'none' as const, reason: 'none' } } }
          : unread
            ? { problem: 'no' }
            : good.plan;
        const findings = diagnose({ ...good, plan, killSwitch });
        const order = findings.map(({ severity }) => ['blocker', 'finding', 'note'].indexOf(severity));
        expect(order).toEqual([...order].sort());
        expect(worst(findings)).toBe(2 - Math.min(2, ...order));
      },
    ),
  );
});
