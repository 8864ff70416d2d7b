import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AcceptanceFacts, decideAcceptance } from '../../../lib/domain/approval/acceptance.ts';
import type { KillSwitch } from '../../../lib/domain/kill-switch.ts';
import { decidePlan } from '../../../lib/domain/plan.ts';
import { at, configuration, context, deployment, planFacts, rollback, rule, service, targetGroup } from '../worlds.ts';
import { answered, approval, planSha256 } from './fixture.ts';

const plan = decidePlan(planFacts({ context: { ...context(), asksBecause: 'Slower by 35 %.' } }));
const on = (changedAt: string): KillSwitch => ({
  state: 'on',
  switches: [{ name: 'switch', value: 'on', changedAt }],
  reason: 'The kill switch is on.',
});
const policy = (approvalDefault: 'approve' | 'decline') => ({ ...configuration().policy, approvalDefault });
const expired = { decision: 'expired' } as const;

const facts = (more: Partial<AcceptanceFacts> = {}): AcceptanceFacts => ({
  now: at('03:10:01'),
  context: context(),
  plan,
  planSha256,
  answer: answered(),
  approval: approval(),
  policy: policy('decline'),
  killSwitch: { state: 'off' },
  sides: [service(deployment(42, at('02:58:00')))],
  rules: [],
  rollbacks: [],
  ...more,
});

const { trigger: _alarm, ...withoutAlarm } = context().request;
const byHand = { ...context(), request: withoutAlarm };

describe('an answer', () => {
  test('yes: carried out, saying who and why', () => {
    expect(decideAcceptance(facts())).toEqual({
      decision: 'execute',
      reason:
        'Approved by arn:aws:sts::111122223333:assumed-role/oncall/ann at 2026-11-20T03:10:00.000Z: "the numbers are clear".',
    });
  });

  test('no: declined, saying who and why', () => {
    expect(decideAcceptance(facts({ answer: answered({ decision: 'decline', reason: 'a fix is coming' }) }))).toEqual({
      decision: 'end',
      outcome: 'declined',
      reason: expect.stringMatching(/^Declined by arn:.* at .*: "a fix is coming"\.$/),
    });
  });

  test('neither yes nor no: whoever sent it past Answer has approved nothing', () => {
    for (const decision of ['Approve', 'no', '', undefined])
      expect(() => decideAcceptance(facts({ answer: { ...answered(), decision: decision as never } }))).toThrow(
        /The answer's "decision" is .*allowed are approve, decline, expired/,
      );
  });

  test('none: what the policy says that means', () => {
    expect(decideAcceptance(facts({ answer: expired }))).toEqual({
      decision: 'end',
      outcome: 'declined',
      reason: 'Nobody answered until 2026-11-20T04:00:05.000Z. That means no (policy.approvalDefault is "decline").',
    });
    expect(decideAcceptance(facts({ answer: expired, policy: policy('approve') }))).toEqual({
      decision: 'execute',
      reason: 'Nobody answered until 2026-11-20T04:00:05.000Z. That means yes (policy.approvalDefault is "approve").',
    });
  });

  test('to another plan is no answer to this one', () => {
    const other = answered({ planSha256: 'cd'.repeat(32) });
    expect(() => decideAcceptance(facts({ answer: other }))).toThrow(
      expect.objectContaining({ name: 'PlanChanged', message: expect.stringContaining('cdcd') }),
    );
  });
});

describe('the kill switch', () => {
  const halted = (more: Partial<AcceptanceFacts>) => decideAcceptance(facts(more));
  test('on declines what an alarm started, whenever it was flipped', () => {
    expect(halted({ killSwitch: on(at('01:00:00')) })).toMatchObject({
      outcome: 'declined',
      reason: expect.stringMatching(/^Approved by .* The kill switch is on\.$/),
    });
  });

  test('declines what a person started only where it was flipped since', () => {
    expect(halted({ context: byHand, killSwitch: on(at('01:00:00')) })).toMatchObject({ decision: 'execute' });
    expect(halted({ context: byHand, killSwitch: on(at('03:05:00')) })).toMatchObject({ outcome: 'declined' });
  });

  test('unreadable stops what nobody decided, and no person', () => {
    const killSwitch: KillSwitch = { state: 'unreadable', reason: 'It cannot be read.' };
    expect(halted({ killSwitch })).toMatchObject({ decision: 'execute' });
    expect(halted({ killSwitch, answer: expired, policy: policy('approve') })).toMatchObject({
      outcome: 'declined',
      reason: expect.stringContaining('It cannot be read. Nothing rolls back by itself.'),
    });
  });
});

describe('what nobody decided', () => {
  const quiet = facts({ answer: expired, policy: policy('approve') });
  test('keeps to cooldown and budget; a person may go beyond', () => {
    const rollbacks = [rollback({ endedAt: at('03:05:00'), outcome: 'verified' })];
    expect(decideAcceptance({ ...quiet, rollbacks })).toMatchObject({
      outcome: 'observed',
      reason: expect.stringContaining('the cooldown is 60 minutes'),
    });
    expect(decideAcceptance(facts({ rollbacks }))).toMatchObject({ decision: 'execute' });
  });
});

describe('the service since the plan', () => {
  const changed = (more: Partial<AcceptanceFacts>): string => {
    const decision = decideAcceptance(facts(more));
    expect(decision).toMatchObject({ decision: 'end', outcome: 'observed' });
    return decision.reason;
  };

  test('on another task definition: observed, saying which', () => {
    expect(changed({ sides: [service(deployment(43, at('03:05:00')))] })).toContain(
      'The service is no longer as it was planned for: main runs checkout:43 since 2026-11-20T03:05:00.000Z, planned on checkout:42. Nothing is changed',
    );
  });

  test('gone, or draining: observed', () => {
    expect(changed({ sides: [] })).toContain('ECS no longer knows the service of main, which ran checkout:42');
    expect(changed({ sides: [service(deployment(42, at('02:58:00')), { status: 'DRAINING' })] })).toContain(
      'main is DRAINING',
    );
  });

  test('redeployed unchanged: as it was planned for', () => {
    expect(decideAcceptance(facts({ sides: [service(deployment(42, at('03:05:00')))] }))).toMatchObject({
      decision: 'execute',
    });
  });

  const weights = (blue: number, green: number, enabled = false) => ({
    rule,
    weights: { [targetGroup('blue')]: blue, [targetGroup('green')]: green },
    stickiness: { enabled },
  });
  const step = (id: string, from: ReturnType<typeof weights>, to: ReturnType<typeof weights>) =>
    ({
      id,
      type: 'ShiftTraffic',
      toSide: 'blue',
      description: '',
      reason: '',
      forward: [to],
      reverse: [from],
    }) as const;
  const steps = {
    ...plan,
    actions: [step('1', weights(0, 100), weights(50, 50)), step('2', weights(50, 50), weights(100, 0))],
  };

  test('with the weights that the first step found: carried out', () => {
    expect(decideAcceptance(facts({ plan: steps, rules: [weights(0, 100)] }))).toMatchObject({ decision: 'execute' });
  });

  test.each([
    ['other weights', [weights(50, 50)], 'rule 3 gives blue 50, green 50, planned on blue 0, green 100'],
    ['stickiness switched on', [weights(0, 100, true)], 'group stickiness changed, planned on'],
    ['a rule that is gone', [], 'rule 3 cannot be read, planned on blue 0, green 100'],
  ])('with %s: observed', (_name, rules, words) => {
    expect(changed({ plan: steps, rules })).toContain(words);
  });
});

test('nothing is carried out but the approved plan, on the service as it was, with the switch off', () => {
  const drawn = fc.record({
    decision: fc.constantFrom('approve', 'decline', 'expired' as const),
    samePlan: fc.boolean(),
    default: fc.constantFrom('approve', 'decline' as const),
    revision: fc.constantFrom(41, 42, 43),
    state: fc.constantFrom('on', 'off', 'unreadable' as const),
  });
  fc.assert(
    fc.property(drawn, (one) => {
      const answer =
        one.decision === 'expired'
          ? expired
          : answered({
              decision: one.decision as 'approve' | 'decline',
              planSha256: one.samePlan ? planSha256 : 'cd'.repeat(32),
            });
      const killSwitch: KillSwitch =
        one.state === 'on'
          ? on(at('01:00:00'))
          : one.state === 'off'
            ? { state: 'off' }
            : { state: 'unreadable', reason: '' };
      const sides = [service(deployment(one.revision, at('02:58:00')))];
      let executes = false;
      try {
        const decision = decideAcceptance(facts({ answer, killSwitch, sides, policy: policy(one.default) }));
        executes = decision.decision === 'execute';
      } catch (error) {
        expect(error).toMatchObject({ name: 'PlanChanged' });
        expect(one.decision === 'approve' && !one.samePlan).toBe(true);
      }
      const yes = one.decision === 'expired' ? one.default === 'approve' : one.decision === 'approve' && one.samePlan;
      const free = one.state === 'off' || (one.state === 'unreadable' && one.decision === 'approve');
      expect(executes).toBe(yes && free && one.revision === 42);
    }),
  );
});
