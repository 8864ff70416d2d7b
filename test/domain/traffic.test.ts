import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RuleWeights } from '../../lib/domain/model.ts';
import type { LiveAction } from '../../lib/domain/traffic.ts';
import {
  changeWeights,
  describeWeights,
  holds,
  receivingGroups,
  requiredTargets,
  weightsOf,
} from '../../lib/domain/traffic.ts';

const group = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/${name}/0123456789abcdef`;
const rule = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/1/2/3';
const plan = (weights: Record<string, number>): RuleWeights => ({ rule, weights, stickiness: { enabled: false } });

const forward = (weights: Record<string, number>, sticky?: number): LiveAction => ({
  Type: 'forward',
  Order: 2,
  ForwardConfig: {
    TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
    TargetGroupStickinessConfig: sticky ? { Enabled: true, DurationSeconds: sticky } : { Enabled: false },
  },
});

const oidc = {
  Type: 'authenticate-oidc',
  Order: 1,
  AuthenticateOidcConfig: {
    Issuer: 'https://id.example.com',
    ClientId: 'shop',
    SessionTimeout: 604_800,
  } as { Issuer: string; ClientId: string; SessionTimeout: number; ClientSecret?: string },
};

describe('weightsOf', () => {
  test('a rule with one group reads the same whether AWS wrote it short or long', () => {
    const short: LiveAction = { Type: 'forward', TargetGroupArn: group('blue') };
    const long: LiveAction = { ...short, ForwardConfig: { TargetGroups: [{ TargetGroupArn: group('blue') }] } };
    expect(weightsOf(rule, [short])?.weights).toEqual({ [group('blue')]: 1 });
    expect(weightsOf(rule, [long])?.weights).toEqual({ [group('blue')]: 1 });
  });

  test('a redirect has no weights', () => {
    expect(weightsOf(rule, [{ Type: 'redirect', Order: 1 }])).toBeUndefined();
  });

  test('stickiness is read with its duration', () => {
    expect(weightsOf(rule, [forward({ [group('blue')]: 1 }, 3600)])?.stickiness).toEqual({
      enabled: true,
      durationSeconds: 3600,
    });
  });
});

describe('changeWeights', () => {
  const blueToGreen = plan({ [group('blue')]: 0, [group('green')]: 100 });

  test('nothing to do where the weights hold and no cookie can beat them', () => {
    expect(changeWeights([forward(blueToGreen.weights)], blueToGreen).kind).toBe('unchanged');
  });

  test('right weights with group stickiness on are not there yet', () => {
    const change = changeWeights([forward(blueToGreen.weights, 600)], blueToGreen);
    expect(change.kind).toBe('change');
    if (change.kind !== 'change') return;
    expect(change.actions[0]?.ForwardConfig?.TargetGroupStickinessConfig).toEqual({ Enabled: false });
  });

  test('OIDC is sent back whole, told to keep its secret and without one', () => {
    const live = [
      { ...oidc, AuthenticateOidcConfig: { ...oidc.AuthenticateOidcConfig, ClientSecret: 'x' } },
      forward({ [group('blue')]: 100 }),
    ];
    const change = changeWeights<LiveAction>(live, blueToGreen);
    expect(change.kind === 'change' && change.actions[0]).toEqual({
      ...oidc,
      AuthenticateOidcConfig: { ...oidc.AuthenticateOidcConfig, UseExistingClientSecret: true },
    });
    expect(JSON.stringify(change)).not.toContain('ClientSecret":"');
  });

  test('a single group given twice loses its TargetGroupArn when a second joins', () => {
    const live: LiveAction = { ...forward({ [group('blue')]: 1 }), TargetGroupArn: group('blue') };
    const change = changeWeights([live], blueToGreen);
    expect(change.kind === 'change' && change.actions[0]).toEqual(forward(blueToGreen.weights));
  });

  test.each([
    ['all weights zero', plan({ [group('blue')]: 0, [group('green')]: 0 }), /all 0/],
    ['a weight above 999', plan({ [group('green')]: 1000 }), /0 to 999/],
    ['a sixth group', plan(Object.fromEntries('abcdef'.split('').map((name) => [group(name), 1]))), /7 target groups/],
  ])('refuses %s', (_what, planned, reason) => {
    const change = changeWeights([forward({ [group('blue')]: 100 })], planned);
    expect(change.kind === 'refused' && change.reason).toMatch(reason);
  });

  test('refuses a rule that forwards nowhere', () => {
    expect(changeWeights([{ Type: 'fixed-response', Order: 1 }], blueToGreen).kind).toBe('refused');
  });

  test('whatever the rule: only the planned groups change, the rest returns in order, and again is unchanged', () => {
    const names = ['blue', 'green', 'third', 'fourth'];
    const weights = fc.dictionary(fc.constantFrom(...names.map(group)), fc.integer({ min: 0, max: 999 }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(
        weights,
        weights,
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 604_800 })),
        (live, wanted, withOidc, sticky) => {
          fc.pre(Object.values(wanted).some((weight) => weight > 0));
          const actions = [...(withOidc ? [oidc] : []), forward(live, sticky ?? undefined)];
          const change = changeWeights<LiveAction>(actions, plan(wanted));
          if (change.kind === 'unchanged') {
            expect(holds(change.before, plan(wanted))).toBe(true);
            return;
          }
          if (change.kind === 'refused') throw new Error(change.reason);
          expect(change.actions.map(({ Type, Order }) => [Type, Order])).toEqual(
            actions.map(({ Type, Order }) => [Type, Order]),
          );
          expect(weightsOf(rule, change.actions)).toEqual({
            rule,
            weights: { ...live, ...wanted },
            stickiness: { enabled: false },
          });
          expect(changeWeights(change.actions, plan(wanted)).kind).toBe('unchanged');
        },
      ),
    );
  });
});

test('the receiving groups are those with weight, once each', () => {
  const planned = [plan({ [group('blue')]: 0, [group('green')]: 100 }), plan({ [group('green')]: 1 })];
  expect(receivingGroups(planned)).toEqual([group('green')]);
});

test.each([
  [[], 1],
  [[0, 0], 1],
  [[1, 4], 2],
  [[5, 2], 3],
])('with desired counts %j, %i healthy targets are required', (counts, required) => {
  expect(requiredTargets(counts)).toBe(required);
});

test('weights read by the names of their groups', () => {
  expect(describeWeights({ [group('blue')]: 100, [group('green')]: 0 })).toBe('blue 100, green 0');
});
