/** The daily look: what counts as "could not be rolled back", and when people are told. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DoctorFacts, Finding } from '../../lib/domain/doctor.ts';
import { changeOf, identityOf, judgeReadiness, type ReadinessRecord, unreadable } from '../../lib/domain/readiness.ts';
import { at, planFacts } from './worlds.ts';

const environment = 'production';
const quiet = planFacts({ codeDeploy: { groups: [] } });
const facts = (change: Partial<DoctorFacts> = {}): DoctorFacts => ({
  now: at('12:00:00'),
  service: 'checkout',
  plan: { value: quiet },
  alarms: { value: { expected: [], found: [] } },
  operations: { value: [] },
  executions: { value: [] },
  rollbacks: { value: [] },
  killSwitch: { state: 'off' },
  ...change,
});
const blocker = (evidence: string, what = 'images'): Finding => ({
  severity: 'blocker',
  what,
  evidence,
  whatToDo: 'Keep them.',
});
const found = (...because: Finding[]) => ({ service: 'checkout', because });

describe('what counts', () => {
  test('nothing, where a rollback could be made', () => {
    expect(judgeReadiness(facts())).toEqual(found());
  });

  test('a failed check of the plan', () => {
    const none = { ...quiet, choice: { kind: 'none', reason: 'No release is known to be good.' } } as const;
    const { because } = judgeReadiness(facts({ plan: { value: none } }));
    expect(because).toMatchObject([{ what: 'target', evidence: expect.stringContaining('No release is known') }]);
  });

  test('a plan that cannot be read, which is a finding only where a person without permissions asks', () => {
    const { because } = judgeReadiness(facts({ plan: { problem: 'AccessDenied: no' } }));
    expect(because).toEqual(unreadable('checkout', 'AccessDenied: no').because);
    expect(because).toMatchObject([{ severity: 'blocker', evidence: expect.stringMatching(/AccessDenied: no$/) }]);
  });

  test('not a kill switch, an alarm that cannot be read, or Step Functions that do not answer', () => {
    const change: Partial<DoctorFacts> = {
      killSwitch: { state: 'unreadable', reason: 'It is odd.' },
      alarms: { problem: 'no' },
      executions: { problem: 'no' },
    };
    expect(judgeReadiness(facts(change)).because).toEqual([]);
  });
});

describe('what people are told', () => {
  const first = at('03:00:00');
  const later = at('12:00:00');
  const gone = blocker('v2.14.3, which is ARCHIVED');
  const look = (previous: ReadinessRecord | undefined, now: string, ...because: Finding[]) =>
    changeOf(previous, found(...because), { environment, now });

  test('nothing at first, where all is well', () => {
    const { record, change } = look(undefined, first);
    expect(change).toBeUndefined();
    expect(record).toEqual({ couldNotRollBack: false, identity: '', because: [], since: first, checkedAt: first });
  });

  test('trouble at first, with the reason, what to do, and where to look', () => {
    const { record, change } = look(undefined, first, gone);
    expect(record).toMatchObject({
      couldNotRollBack: true,
      since: first,
      because: ['images: v2.14.3, which is ARCHIVED'],
    });
    expect(change).toMatchObject({
      about: 'first',
      kind: 'readiness.lost',
      message: 'checkout could not be rolled back now. v2.14.3, which is ARCHIVED',
      subject: 'checkout: could not be rolled back now',
    });
    for (const words of [
      '- images: v2.14.3, which is ARCHIVED\n  What to do: Keep them.',
      'npx backstep doctor checkout',
      'backstep-production-operations/readiness',
    ])
      expect(change?.body).toContain(words);
  });

  test('the same never again, however late', () => {
    const { record } = look(undefined, first, gone);
    const again = look(record, later, gone);
    expect(again.change).toBeUndefined();
    expect(again.record).toEqual({ ...record, checkedAt: later });
  });

  test('another reason, and one that came on top', () => {
    const { record } = look(undefined, first, gone);
    expect(look(record, later, blocker('v2.14.2, which is ARCHIVED')).change?.about).toBe(first);
    expect(look(record, later, gone, blocker('ECS knows no service.', 'controller')).change?.kind).toBe(
      'readiness.lost',
    );
  });

  test('that it is over, once, and the same trouble when it is back', () => {
    const lost = look(undefined, first, gone).record;
    const over = look(lost, later);
    expect(over.change).toMatchObject({
      kind: 'readiness.regained',
      about: first,
      body: expect.stringContaining(`since the check at ${first}`),
    });
    expect(look(over.record, later).change).toBeUndefined();
    expect(look(over.record, at('13:00:00'), gone).change).toMatchObject({ kind: 'readiness.lost', about: later });
  });

  test('once per change, whatever is found in whatever order', () => {
    const finding = fc.constantFrom(gone, blocker('a', 'target'), blocker('b', 'database'));
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(finding)), (days) => {
        let record: ReadinessRecord | undefined;
        let told = '';
        for (const because of days) {
          const now = look(record, later, ...because);
          record = now.record;
          const identity = identityOf(because);
          expect(now.change !== undefined).toBe(identity !== told);
          told = identity;
        }
      }),
    );
  });
});

test.each([
  ['Snapshot has run for 3 min 5 s.', 'Snapshot has run for 1 h 2 min.', true],
  ['2 of 3 targets are healthy.', '1 of 3 targets are healthy.', true],
  ['on since 2026-11-20T03:04:05.000Z.', 'on since 2026-11-21T03:04:05.000Z.', true],
  [
    'Throttled (request 0f1e2d3c-0000-4000-8000-000000000001)',
    'Throttled (request 0f1e2d3c-0000-4000-8000-000000000002)',
    true,
  ],
  ['ECS knows no checkout:41.', 'ECS knows no checkout:40.', false],
  ['v2.14.3 is gone', 'v2.14.2 is gone', false],
  [`checkout@sha256:${'1'.repeat(64)}`, `checkout@sha256:${'2'.repeat(64)}`, false],
])('%s and %s are the same trouble: %s', (one, other, same) => {
  expect(identityOf([blocker(one)]) === identityOf([blocker(other)])).toBe(same);
});
