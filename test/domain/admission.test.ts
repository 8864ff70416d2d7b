import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AdmissionFacts,
  admit,
  admitAtOnce,
  conclude,
  type Decision,
  decisions,
  type IncidentFacts,
  intention,
} from '../../lib/domain/admission.ts';
import type { Known } from '../../lib/domain/decision-matrix.ts';
import type { KillSwitch } from '../../lib/domain/kill-switch.ts';
import type { RollbackRecord } from '../../lib/domain/model.ts';
import type { SideComparison } from '../../lib/domain/release-measures.ts';
import { at, configuration, request, rollback, taskDefinition, trigger } from './worlds.ts';

describe('what a start may do', () => {
  test.each([
    ['dry run', request({ dryRun: true, confirmed: true }), 'plan'],
    ['automatic alarm', request({ trigger: trigger() }), 'change'],
    ['automatic alarm, dry run', request({ trigger: trigger(), dryRun: true }), 'plan'],
    ['alarm that asks', request({ trigger: trigger({ autoExecute: false }), confirmed: true }), 'ask'],
    ['by hand without the phrase', request(), 'plan'],
    ['by hand with the phrase', request({ confirmed: true }), 'change'],
  ])('%s in production', (_name, asked, may) => {
    expect(intention(asked, true).may).toBe(may);
  });

  test('by hand outside production needs no phrase', () => {
    expect(intention(request(), false).may).toBe('change');
  });
});

const known = (value: number): Known => ({ value, source: 'configured baseline' });
const normal = { errorRatePercent: known(1), p95ResponseTimeMs: known(100) };
const blamed = {
  attributed: true,
  release: { side: 'main', taskDefinition: taskDefinition(42), begunAt: at('02:58:00') },
  reason: 'A release is to blame.',
} as const;
const off: KillSwitch = { state: 'off' };
const on: KillSwitch = {
  state: 'on',
  switches: [{ name: '/backstep/production/kill-switch', value: 'on', changedAt: at('02:00:00') }],
  reason: 'The kill switch is on.',
};
const unreadable: KillSwitch = { state: 'unreadable', reason: 'The kill switch cannot be read.' };

const compared = (verdict: SideComparison['verdict'], meanwhile = true): SideComparison => ({
  verdict,
  reason: `Compared: ${verdict}.`,
  meanwhile,
});

const incident = (more: Partial<IncidentFacts> = {}): IncidentFacts => ({
  metric: 'error_rate',
  attribution: blamed,
  measures: { measured: { errorRatePercent: 30 }, normal },
  ...more,
});

const measured = (errorRatePercent: number, p95ResponseTimeMs = 100, more: object = {}): Partial<IncidentFacts> => ({
  measures: { measured: { errorRatePercent, p95ResponseTimeMs }, normal, ...more },
});

const facts = (more: Partial<AdmissionFacts> = {}): AdmissionFacts => ({
  now: at('03:00:00'),
  environment: 'production',
  request: request({ trigger: trigger() }),
  policy: configuration().policy,
  killSwitch: off,
  incident: incident(),
  rollbacks: [],
  ...more,
});

const decide = (more: Partial<IncidentFacts>, rest: Partial<AdmissionFacts> = {}): Decision =>
  admit(facts({ incident: incident(more), ...rest })).decision;

const said = (admission: { readonly reasons: readonly { readonly text: string }[] }): string =>
  admission.reasons.map(({ text }) => text).join(' ');

describe('the table of docs/admission.md', () => {
  const slow = (p95: number) => ({ metric: 'p95_response_time', ...measured(0.5, p95) });
  const asks = request({ trigger: trigger({ autoExecute: false }) });
  const rows: [string, Partial<IncidentFacts>, Decision, Decision][] = [
    // what is found, auto_execute: true, auto_execute: false
    ['no release to blame', { attribution: { attributed: false, reason: 'None.' } }, 'observe', 'observe'],
    ['an external cause', { externalCause: 'All alarm.' }, 'observe', 'observe'],
    [
      'an external cause, right after the release',
      { externalCause: 'All alarm.', releaseMayBeTheCause: 'But it began just before.' },
      'approve',
      'approve',
    ],
    [
      'an external cause, and the new side is worse',
      { externalCause: 'All alarm.', ...measured(30, 100, { errors: compared('worse') }) },
      'execute',
      'approve',
    ],
    [
      'an external cause, and worse than before the release',
      { externalCause: 'All alarm.', ...measured(30, 100, { errors: compared('worse', false) }) },
      'observe',
      'observe',
    ],
    ['old and new equally bad', measured(30, 100, { errors: compared('equally-bad') }), 'observe', 'observe'],
    [
      'old and new equally bad, critical',
      { metric: 'availability', ...measured(30, 100, { errors: compared('equally-bad') }) },
      'observe',
      'observe',
    ],
    ['the alarm is on for both sides', { attribution: { ...blamed, alsoBad: 'Both.' } }, 'observe', 'observe'],
    [
      'the alarm is on for both sides, and the new one is clearly worse',
      { attribution: { ...blamed, alsoBad: 'Both.' }, ...measured(30, 100, { errors: compared('worse') }) },
      'execute',
      'approve',
    ],
    [
      'the alarm is on for both sides, and worse than before the release',
      { attribution: { ...blamed, alsoBad: 'Both.' }, ...measured(30, 100, { errors: compared('worse', false) }) },
      'observe',
      'observe',
    ],
    ['traffic 4 times that before the release', measured(20, 100, { trafficTimes: 4 }), 'approve', 'approve'],
    [
      'traffic 4 times that before the release, critical',
      { metric: 'availability', ...measured(20, 100, { trafficTimes: 4 }) },
      'approve',
      'approve',
    ],
    ['traffic 3 times that before the release', measured(20, 100, { trafficTimes: 3 }), 'execute', 'approve'],
    [
      'traffic 4 times that before the release, in an outage',
      measured(70, 100, { trafficTimes: 4 }),
      'execute',
      'approve',
    ],
    [
      'traffic 4 times that before the release, and the new side is worse',
      measured(20, 100, { trafficTimes: 4, errors: compared('worse') }),
      'execute',
      'approve',
    ],
    ['the alarm is off again for 2 minutes', { offSince: at('02:58:00') }, 'approve', 'approve'],
    ['the alarm went off less than 2 minutes ago', { offSince: at('02:58:01') }, 'execute', 'approve'],
    [
      'no proof that the new one is worse',
      measured(30, 100, { errors: compared('inconclusive') }),
      'approve',
      'approve',
    ],
    [
      'no proof, critical',
      { metric: 'availability', ...measured(30, 100, { errors: compared('inconclusive') }) },
      'execute',
      'approve',
    ],
    ['the new side clearly worse', measured(30, 100, { errors: compared('worse') }), 'execute', 'approve'],
    ['an outage: 50 points over normal', measured(51), 'execute', 'approve'],
    ['more than 5 points over normal', measured(6.1), 'execute', 'approve'],
    ['5 points over normal', measured(6), 'approve', 'approve'],
    ['1 point over normal', measured(2), 'approve', 'approve'],
    ['less than 1 point over normal', measured(1.9), 'observe', 'observe'],
    ['slower by 80 %', slow(180), 'execute', 'approve'],
    ['slower by more than 50 %', slow(150.1), 'execute', 'approve'],
    ['slower by 50 %', slow(150), 'approve', 'approve'],
    ['slower by 35 %', slow(135), 'approve', 'approve'],
    ['slower by 20 %', slow(120), 'observe', 'observe'],
    ['slower by 15 %', slow(115), 'observe', 'observe'],
    ['few errors but much slower: the worse number decides', measured(1.2, 180), 'execute', 'approve'],
    ['few errors, of a critical trigger', { metric: 'availability', ...measured(1.2) }, 'execute', 'approve'],
    ['data that is wrong', { metric: 'data_validation_failures', ...measured(0.5) }, 'execute', 'approve'],
    ['a metric only the runbook understands', { metric: 'memory_growth_rate', ...measured(0.5) }, 'execute', 'approve'],
    ['an adopted alarm', { metric: undefined as never, ...measured(0.5) }, 'execute', 'approve'],
    ['nothing measured', { measures: undefined as never }, 'execute', 'approve'],
  ];

  test.each(rows)('%s', (_what, found, automatic, asked) => {
    expect(decide(found)).toBe(automatic);
    expect(decide(found, { request: asks })).toBe(asked);
  });

  test('is the one that is written there', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/admission.md'), 'utf8');
    const [, table = ''] = page.split('## The table');
    const written = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| (.+) \| (\w[\w ]*) \| (\w[\w ]*) \|$/gm)];
    const words: Record<Decision, string> = {
      execute: 'rolls back',
      approve: 'asks',
      observe: 'observes',
      declined: 'declines',
    };
    expect(written.map(([, found, automatic, asked]) => [found, automatic, asked])).toEqual(
      rows.map(([found, , automatic, asked]) => [found, words[automatic], words[asked]]),
    );
  });

  test('slowness is compared for triggers about slowness only, errors for those about errors', () => {
    const both = measured(30, 180, { errors: compared('worse'), slowness: compared('equally-bad') });
    expect(decide(both)).toBe('execute');
    expect(decide({ metric: 'p95_response_time', ...both })).toBe('observe');
  });

  test('every reason quotes what it is based on', () => {
    const admission = admit(facts());
    expect(said(admission)).toBe(
      'A release is to blame. Measured: errors 30 % where 1 % is normal (configured baseline), 29 points more: bad enough to roll back.',
    );
    expect(admission.severity).toBe('planned');
  });
});

describe('bounds on automatic rollbacks', () => {
  const judge = (rollbacks: RollbackRecord[], asked = request({ trigger: trigger() })) =>
    admit(facts({ request: asked, rollbacks }));
  const minutesAgo = (minutes: number) => new Date(Date.parse(at('03:00:00')) - minutes * 60_000).toISOString();

  test('the cooldown counts from the end of the last rollback', () => {
    const { decision, reasons } = judge([rollback({ startedAt: at('01:00:00'), endedAt: at('02:48:00') })]);
    expect(decision).toBe('observe');
    expect(reasons.at(-1)?.text).toBe(
      'The last rollback ended 12 minutes ago and the cooldown is 60 minutes: a person has to decide.',
    );
  });

  test.each([
    [59.9, 'observe'],
    [60, 'execute'],
  ])('%d minutes after it: %s', (minutes, decision) => {
    expect(judge([rollback({ startedAt: at('01:00:00'), endedAt: minutesAgo(minutes) })]).decision).toBe(decision);
  });

  test('the day’s budget is spent', () => {
    const { decision, reasons } = judge([
      rollback({ startedAt: at('00:10:00'), endedAt: at('00:50:00') }),
      rollback({ startedAt: '2026-11-19T04:00:00.000Z' }),
    ]);
    expect(decision).toBe('observe');
    expect(reasons.at(-1)?.text).toBe(
      '2 automatic rollbacks in the last 24 hours, 2 are allowed: a person has to decide.',
    );
  });

  test.each<[string, RollbackRecord[]]>([
    ['that changed nothing', [{ ...rollback({ endedAt: at('02:50:00') }), executes: false }]],
    ['that a refused snapshot blocked', [rollback({ outcome: 'blocked', endedAt: at('02:50:00') })]],
    ['of 24 hours ago', [rollback({ startedAt: minutesAgo(1_440) }), rollback({ startedAt: minutesAgo(1_440) })]],
    ['started by hand, after the cooldown', [rollback({ automatic: false }), rollback({ automatic: false })]],
  ])('do not count rollbacks %s', (_name, rollbacks) => {
    expect(judge(rollbacks).decision).toBe('execute');
  });

  test('hold only what nobody asks for', () => {
    const asks = request({ trigger: trigger({ autoExecute: false }) });
    expect(judge([rollback({ endedAt: at('02:59:00') })], asks).decision).toBe('approve');
    expect(judge([rollback({ endedAt: at('02:59:00') })], request()).decision).toBe('execute');
  });
});

describe('at once', () => {
  const { incident: _incident, ...without } = facts();

  test.each<[string, KillSwitch, RegExp]>([
    ['on', on, /^The kill switch is on\. Nothing rolls back by itself\. A person may still start one by hand\.$/],
    ['unreadable', unreadable, /--name \/backstep\/production\/kill-switch --value off --overwrite$/],
  ])('a kill switch that is %s declines an alarm, and warns a person', (_state, killSwitch, words) => {
    const declined = admitAtOnce({ ...without, killSwitch });
    expect(declined?.decision).toBe('declined');
    expect(declined && said(declined)).toMatch(words);
    const byHand = admitAtOnce({ ...without, killSwitch, request: request({ confirmed: true }) });
    expect(byHand?.decision).toBe('execute');
    expect(byHand && said(byHand)).toMatch(/^Warning: .* so this one goes on\.$/);
  });

  test.each([
    ['02:43:59', 'observe'],
    ['02:44:00', undefined],
  ])('an event of %s at 03:00: %s', (time, decision) => {
    const late = admitAtOnce({ ...without, request: request({ trigger: trigger({ time: at(time) }) }) });
    expect(late?.decision).toBe(decision);
    if (late) expect(said(late)).toMatch(/is of .*, 16 minutes ago, and after 15 minutes/);
  });

  test('a person is let through without a word', () => {
    expect(admitAtOnce({ ...without, request: request() })).toEqual({ decision: 'execute', reasons: [] });
  });

  test('an alarm that nothing speaks against has to be looked at', () => {
    expect(admitAtOnce(without)).toBeUndefined();
    expect(admit(without).decision).toBe('observe');
  });
});

describe('whatever is found', () => {
  const verdict = fc.constantFrom<SideComparison['verdict']>('worse', 'equally-bad', 'inconclusive');
  const comparison = fc.record({ verdict, reason: fc.constant('Compared.'), meanwhile: fc.boolean() });
  const numbers = fc.record(
    {
      measured: fc.record(
        {
          errorRatePercent: fc.double({ min: 0, max: 100, noNaN: true }),
          p95ResponseTimeMs: fc.integer({ min: 1, max: 9_999 }),
        },
        { requiredKeys: [] },
      ),
      normal: fc.constant(normal),
      errors: comparison,
      slowness: comparison,
    },
    { requiredKeys: ['measured', 'normal'] },
  );
  const incidents: fc.Arbitrary<IncidentFacts> = fc.record(
    {
      metric: fc.constantFrom(
        'error_rate',
        'p95_response_time',
        'availability',
        'data_validation_failures',
        'cpu_utilization',
      ),
      attribution: fc.oneof(
        fc.constant(blamed),
        fc.constant({ ...blamed, alsoBad: 'Both.' }),
        fc.constant({ attributed: false, reason: 'None.' } as const),
      ),
      externalCause: fc.constant('All alarm.'),
      offSince: fc.constantFrom(at('02:40:00'), at('02:59:30')),
      measures: numbers,
    },
    { requiredKeys: ['attribution'] },
  );
  const worlds: fc.Arbitrary<AdmissionFacts> = fc.record({
    now: fc.constant(at('03:00:00')),
    environment: fc.constant('production'),
    request: fc
      .record({ autoExecute: fc.boolean(), minutes: fc.integer({ min: 0, max: 40 }) })
      .map(({ autoExecute, minutes }) =>
        request({ trigger: trigger({ autoExecute, time: at(`02:${59 - minutes}:00`) }) }),
      ),
    policy: fc.constant(configuration().policy),
    killSwitch: fc.constantFrom(off, off, off, on, unreadable),
    incident: incidents,
    rollbacks: fc.array(
      fc.integer({ min: 0, max: 1_600 }).map((minutes) => {
        const endedAt = new Date(Date.parse(at('03:00:00')) - minutes * 60_000).toISOString();
        return rollback({ startedAt: endedAt, endedAt });
      }),
      { maxLength: 3 },
    ),
  });
  const rank = (decision: Decision): number => decisions.indexOf(decision);

  test('nothing executes without a release to blame', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        fc.pre(world.incident?.attribution.attributed === false);
        expect(rank(admit(world).decision)).toBeLessThanOrEqual(rank('observe'));
      }),
    );
  });

  test('the kill switch wins', () => {
    fc.assert(
      fc.property(worlds, fc.constantFrom(on, unreadable), (world, killSwitch) => {
        expect(admit({ ...world, killSwitch }).decision).toBe('declined');
      }),
    );
  });

  test('nothing executes that asks a person, or beyond the budget', () => {
    let executed = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        if (admit(world).decision !== 'execute') return;
        executed += 1;
        expect(world.request.trigger?.autoExecute).toBe(true);
        expect(world.rollbacks.length).toBeLessThan(world.policy.rollbacksPerDay + 2);
        expect(
          world.rollbacks.every(({ endedAt = '' }) => Date.parse(endedAt) <= Date.parse(world.now) - 3_600_000),
        ).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(executed).toBeGreaterThan(5);
  });

  test('one thing more that speaks against it makes no decision freer', () => {
    // Only the one thing is added: a default of `incident()` beside it, such as the metric, would be another.
    const against: ((world: AdmissionFacts) => AdmissionFacts)[] = [
      (world) => ({ ...world, killSwitch: on }),
      (world) => ({
        ...world,
        request: request({ trigger: trigger({ ...world.request.trigger, autoExecute: false }) }),
      }),
      (world) => ({
        ...world,
        incident: { ...(world.incident ?? incident()), attribution: { attributed: false, reason: 'None.' } },
      }),
      (world) => ({ ...world, incident: { ...(world.incident ?? incident()), externalCause: 'All alarm.' } }),
      (world) => ({ ...world, rollbacks: [...world.rollbacks, rollback({ startedAt: at('02:50:00') })] }),
      (world) => ({
        ...world,
        request: request({ trigger: trigger({ ...world.request.trigger, time: at('02:00:00') }) }),
      }),
    ];
    fc.assert(
      fc.property(worlds, fc.constantFrom(...against), (world, add) => {
        const before = admit(world).decision;
        const after = admit(add(world)).decision;
        // A person who is asked is beyond the bounds of automatic rollbacks, so asking may lift `observe` to `approve`.
        if (after !== 'approve') expect(rank(after)).toBeLessThanOrEqual(rank(before));
        expect(after === 'execute' && before !== 'execute').toBe(false);
      }),
    );
  });

  test('the strictest reason decides, and none at all is in nobody’s way', () => {
    const reason = fc.constantFrom(...decisions).map((allows) => ({ allows, text: allows }));
    fc.assert(
      fc.property(fc.array(reason), reason, (reasons, more) => {
        expect(rank(conclude([...reasons, more]).decision)).toBeLessThanOrEqual(rank(conclude(reasons).decision));
        expect(rank(conclude([...reasons, more]).decision)).toBeLessThanOrEqual(rank(more.allows));
      }),
    );
    expect(conclude([]).decision).toBe('execute');
  });
});
