import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideBaseline,
  freezeReasons,
  type LearningFacts,
  learningWindow,
  median,
  minimumMinutes,
  type ServiceMinute,
} from '../../lib/domain/baseline.ts';
import type { ServiceView } from '../../lib/domain/ecs.ts';

const minuteMs = 60_000;
const nowMs = Date.UTC(2026, 10, 20, 3, 0, 30);
const ago = (minutes: number): string => new Date(nowMs - minutes * minuteMs).toISOString();
/** Start of the whole minute that began so many minutes before 03:00. */
const minute = (minutes: number): string => new Date(Date.UTC(2026, 10, 20, 3) - minutes * minuteMs).toISOString();

const side = (name: string, ...createdAt: string[]): ServiceView => ({
  side: name,
  serviceArn: `arn:aws:ecs:eu-west-1:111122223333:service/shop/${name}`,
  status: 'ACTIVE',
  taskDefinition: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:42',
  desiredCount: 3,
  runningCount: 3,
  pendingCount: 0,
  controller: 'ECS',
  strategy: 'ROLLING',
  scheduling: 'REPLICA',
  pauses: [],
  movingSeconds: 0,
  containers: [],
  deployments: createdAt.map((created, index) => ({
    id: `ecs-svc/${index}`,
    status: 'PRIMARY',
    taskDefinition: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:42',
    desiredCount: 3,
    runningCount: 3,
    pendingCount: 0,
    failedTasks: 0,
    createdAt: created,
    updatedAt: created,
  })),
  circuitBreaker: { enabled: false, rollback: false },
  deploymentAlarms: [],
  healthCheckGraceSeconds: 0,
  percent: { minimumHealthy: 100, maximum: 200 },
  targetGroups: [],
  currentRevisions: [],
  document: {},
});

const facts = (changes: Partial<LearningFacts> = {}): LearningFacts => ({
  now: new Date(nowMs).toISOString(),
  sides: [side('main', ago(6 * 1440))],
  alarmsOn: [],
  lock: { token: 3 },
  attributionMinutes: 120,
  minimumRequestsPerMinute: 20,
  ...changes,
});

const served = (time: string, changes: Partial<ServiceMinute> = {}): ServiceMinute => ({
  time,
  requests: 1000,
  errors: 2,
  p95Ms: 140,
  p99Ms: 300,
  ...changes,
});

/** The minutes 02:00 to 02:59, oldest first; `change` says what is special about the n-th. */
const hour = (change: (index: number) => Partial<ServiceMinute> = () => ({})): ServiceMinute[] =>
  Array.from({ length: 60 }, (_, index) => served(minute(60 - index), change(index)));

describe('learning', () => {
  test('takes the median of the minutes, and says from which', () => {
    const decided = decideBaseline(
      facts(),
      hour((index) => ({ errors: index % 10, p95Ms: 100 + index, p99Ms: 200 + 2 * index })),
    );
    expect(decided).toEqual({
      decision: 'learn',
      reasons: ['Learned from 58 minutes between 2026-11-20T01:58:00.000Z and 2026-11-20T02:58:00.000Z.'],
      baseline: {
        values: { errorRatePercent: 0.4, p95ResponseTimeMs: 128.5, p99ResponseTimeMs: 257, availability: 0.996 },
        window: { from: minute(62), to: minute(2) },
        minutes: 58,
        learnedAt: '2026-11-20T03:00:30.000Z',
      },
    });
  });

  test('is not moved by a minute that is out of all proportion', () => {
    const wild = decideBaseline(
      facts(),
      hour((index) => (index === 30 ? { errors: 900, p95Ms: 9000 } : {})),
    );
    expect(wild).toMatchObject({ baseline: { values: { errorRatePercent: 0.2, p95ResponseTimeMs: 140 } } });
  });

  test('takes a service that never fails for what it is', () => {
    const decided = decideBaseline(
      facts(),
      hour(() => ({ errors: 0 })),
    );
    expect(decided).toMatchObject({ baseline: { values: { errorRatePercent: 0, availability: 1 } } });
  });

  test('begins when the trial of the release is over, not with the release', () => {
    const young = facts({ sides: [side('main', ago(120 + 30))] });
    expect(learningWindow(young)).toEqual({ from: minute(29), to: minute(2) });
    expect(decideBaseline(young, hour())).toMatchObject({ decision: 'learn', baseline: { minutes: 27 } });
    const younger = facts({ sides: [side('main', ago(120 + 21))] });
    expect(decideBaseline(younger, hour())).toMatchObject({ decision: 'refuse' });
  });
});

describe('freezing', () => {
  const trial = 'a release is on trial for 120 min.';
  test.each<[string, Partial<LearningFacts>, string[]]>([
    [
      'a release of three minutes ago',
      { sides: [side('main', ago(3))] },
      [`The deployment of checkout:42 on main began 3 min ago, at ${ago(3)}: ${trial}`],
    ],
    [
      'one of exactly the attribution window ago, which an alarm still blames',
      { sides: [side('main', ago(120))] },
      [`The deployment of checkout:42 on main began 120 min ago, at ${ago(120)}: ${trial}`],
    ],
    ['one of a second more', { sides: [side('main', ago(120 + 1 / 60))] }, []],
    [
      'one on the other side',
      { sides: [side('blue', ago(9999)), side('green', ago(9999), ago(7))] },
      [`The deployment of checkout:42 on green began 7 min ago, at ${ago(7)}: ${trial}`],
    ],
    [
      'one that begins in the same second',
      { sides: [side('main', ago(-0.25))] },
      [`The deployment of checkout:42 on main began 0 min ago, at ${ago(-0.25)}: ${trial}`],
    ],
    [
      'a service that ECS knows no deployment of',
      { sides: [] },
      ['ECS reports no deployment of any side, so nothing tells how old the release is.'],
    ],
    ['an alarm that is on', { alarmsOn: ['b', 'a'] }, ['2 of its alarms on: a, b.']],
    [
      'a rollback that holds the lock',
      { lock: { token: 4, owner: { executionArn: 'arn', rollbackId: 'checkout-1', acquiredAt: ago(5) } } },
      [`Rollback checkout-1 holds its lock since ${ago(5)}.`],
    ],
    ['a lock that was given back', { lock: { token: 4 } }, []],
    ['a service that was never locked', { lock: undefined }, []],
  ])('%s', (_what, changes, reasons) => {
    expect(freezeReasons(facts(changes))).toEqual(reasons);
    const decided = decideBaseline(facts(changes), hour());
    if (reasons.length > 0) expect(decided).toEqual({ decision: 'freeze', reasons });
    else expect(decided.decision).not.toBe('freeze');
  });
});

describe('refusing', () => {
  const span = `between ${minute(62)} and ${minute(2)}`;
  test.each<[string, (index: number) => Partial<ServiceMinute>, string | undefined]>([
    ['a quiet hour', () => ({ requests: 19, errors: 0 }), `0 minutes ${span} had the 20 requests`],
    ['one busy minute too few', (index) => (index < 19 ? {} : { requests: 5, errors: 0 }), `19 minutes ${span} had`],
    ['just enough of them', (index) => (index < 20 ? {} : { requests: 5, errors: 0 }), undefined],
    [
      'six failing minutes of 58',
      (index) => (index < 6 ? { errors: 60 } : {}),
      '6 failed more than 5 % of their requests',
    ],
    ['five of them', (index) => (index < 5 ? { errors: 60 } : {}), undefined],
    ['minutes that fail exactly 5 %', () => ({ errors: 50 }), undefined],
    ['an hour that fails', () => ({ errors: 300 }), 'Of 58 minutes'],
    ['six slow minutes', (index) => (index < 6 ? { p95Ms: 421 } : {}), '6 had a p95 above 420 ms, 3 x the median'],
    [
      'three failing and three slow ones',
      (index) => (index < 3 ? { errors: 500 } : index < 6 ? { p95Ms: 999 } : {}),
      '3 failed more than 5 % of their requests and 3 had a p95 above 420 ms, 3 x the median; more than 10 % make',
    ],
    ['a slow hour, which is what is normal there', () => ({ p95Ms: 5000, p99Ms: 9000 }), undefined],
  ])('%s', (_what, change, reason) => {
    const decided = decideBaseline(facts(), hour(change));
    if (reason === undefined) expect(decided.decision).toBe('learn');
    else expect(decided).toEqual({ decision: 'refuse', reasons: [expect.stringContaining(reason)] });
  });

  test('no minutes at all, as of a worker', () => {
    expect(decideBaseline(facts(), [])).toMatchObject({ decision: 'refuse' });
  });
});

describe('whatever is read', () => {
  const anyMinute = fc.record({
    requests: fc.integer({ min: 10, max: 2000 }),
    errors: fc.oneof({ weight: 40, arbitrary: fc.constantFrom(0, 1) }, { weight: 1, arbitrary: fc.constant(500) }),
    p95Ms: fc.oneof(
      { weight: 40, arbitrary: fc.integer({ min: 100, max: 200 }) },
      { weight: 1, arbitrary: fc.constant(900) },
    ),
    p99Ms: fc.integer({ min: 1, max: 5000 }),
  });
  const anyHours = fc
    .array(anyMinute, { minLength: 70, maxLength: 150 })
    .map((all) => all.map((one, index): ServiceMinute => ({ ...one, time: minute(index) })));
  const anyFacts = fc
    .record({
      ages: fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 3 }),
      attributionMinutes: fc.integer({ min: 1, max: 120 }),
      alarmsOn: fc.constantFrom([], [], [], ['a']),
      locked: fc.constantFrom(false, false, false, true),
    })
    .map(({ ages, attributionMinutes, alarmsOn, locked }) => ({
      ages,
      facts: facts({
        sides: ages.map((age, index) => side(`side${index}`, ago(age))),
        attributionMinutes,
        alarmsOn,
        ...(locked && { lock: { token: 1, owner: { executionArn: '', rollbackId: 'r', acquiredAt: ago(1) } } }),
      }),
    }));

  test('nothing is learned of a minute that any release could still be blamed for, nor in an incident', () => {
    let learned = 0;
    fc.assert(
      fc.property(anyFacts, anyHours, (given, minutes) => {
        const decided = decideBaseline(given.facts, minutes);
        if (decided.decision !== 'learn') return;
        learned += 1;
        const { window } = decided.baseline;
        expect(given.facts.alarmsOn).toEqual([]);
        expect(given.facts.lock?.owner).toBeUndefined();
        for (const age of given.ages) {
          const trialOver = Date.parse(ago(age)) + given.facts.attributionMinutes * minuteMs;
          expect(Date.parse(window.from)).toBeGreaterThanOrEqual(trialOver);
        }
        const outside = minutes.filter(({ time }) => time < window.from || time >= window.to);
        const changed = minutes.map((one) => (outside.includes(one) ? { ...one, errors: 1, p95Ms: 1 } : one));
        expect(decideBaseline(given.facts, changed)).toEqual(decided);
        expect(decided.baseline.minutes).toBeGreaterThanOrEqual(minimumMinutes);
      }),
      { numRuns: 500 },
    );
    expect(learned).toBeGreaterThan(50);
  });

  test('a value lies between the smallest and the largest of its minutes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9999 }), { minLength: 1, maxLength: 60 }), (values) => {
        expect(median(values)).toBeGreaterThanOrEqual(Math.min(...values));
        expect(median(values)).toBeLessThanOrEqual(Math.max(...values));
        expect(values.filter((value) => value < median(values)).length * 2).toBeLessThanOrEqual(values.length);
        expect(values.filter((value) => value > median(values)).length * 2).toBeLessThanOrEqual(values.length);
      }),
    );
  });
});
