import { describe, expect, test } from 'vitest';
import { migrationsSince } from '../../lib/domain/migrations.ts';
import type { Migration, Release } from '../../lib/domain/model.ts';
import { decidePlan } from '../../lib/domain/plan.ts';
import type { SideFacts } from '../../lib/domain/plan-facts.ts';
import { type Registration, readLedger } from '../../lib/domain/registration.ts';
import { policy } from '../policy.ts';
import { at, configuration, deployment, planFacts, release, service, side, taskDefinition } from './worlds.ts';

const told = (
  revision: number,
  kinds: readonly Migration['kind'][],
  more: Partial<Registration> = {},
): Registration => ({
  side: 'main',
  taskDefinition: taskDefinition(revision),
  registeredAt: at('02:30:00'),
  by: 'arn:aws:sts::111122223333:assumed-role/pipeline/7',
  migrations: kinds.map((kind, index) => ({ name: `00${revision}_${index}`, kind })),
  ...more,
});

const running = (revision: number, begun: string, name = 'main'): SideFacts => ({
  side: side(name),
  service: service(deployment(revision, begun)),
});

const target = release(41, at('00:00:00'));
const next = release(42, at('01:00:00'));
const newest = release(43, at('02:00:00'));

/** Of a rollback to release 41. */
const judge = (
  registrations: readonly Registration[],
  { ledger = [newest, next, target], sides = [running(43, at('02:00:00'))] } = {} as {
    ledger?: readonly Release[];
    sides?: readonly SideFacts[];
  },
) => migrationsSince(target, sides, { releases: readLedger(ledger, registrations), registrations });

describe('migrations since the target', () => {
  test.each([
    ['nobody told anything', [], 'unknown', /^No pipeline told which migrations came with v43 \(checkout:43\), v42/],
    ['one release did not tell', [told(43, [])], 'unknown', /came with v42 \(checkout:42\), since v41/],
    ['all told that there were none', [told(43, []), told(42, [])], 'told', /^No migrations since v41/],
    [
      'additive ones, and one without a change of the schema',
      [told(43, ['additive']), told(42, ['none'])],
      'told',
      /0043_0 \(additive\), 0042_0 \(no schema\)/,
    ],
    [
      'a destructive one with the newest',
      [told(43, ['additive', 'destructive']), told(42, [])],
      'destructive',
      /0043_1, which came with v43/,
    ],
    ['a destructive one between, while another did not tell', [told(42, ['destructive'])], 'destructive', /0042_0/],
    [
      'a destructive one with the target itself, which its code knows',
      [told(41, ['destructive']), told(42, []), told(43, [])],
      'told',
      /^No migrations/,
    ],
    [
      'a destructive one that was registered, and whose deployment nobody saw',
      [told(44, ['destructive']), told(42, []), told(43, [])],
      'destructive',
      /0044_0, which came with checkout:44/,
    ],
  ] as const)('%s', (_story, registrations, kind, evidence) => {
    expect(judge(registrations)).toMatchObject({ kind, evidence: expect.stringMatching(evidence) });
  });

  test('those of a release that was rolled back count: nothing reversed them', () => {
    const ledger = [newest, release(42, at('01:00:00'), { status: 'bad' }), target];
    expect(judge([told(42, ['destructive']), told(43, [])], { ledger }).kind).toBe('destructive');
  });

  test('those of a deployment under way count, which the ledger does not have yet', () => {
    const sides = [running(44, at('02:40:00'))];
    const known = [told(42, []), told(43, [])];
    expect(judge(known, { sides }).evidence).toContain('came with checkout:44');
    expect(judge([...known, told(44, ['destructive'])], { sides }).kind).toBe('destructive');
  });

  test('told once for a commit, they are told for its other side', () => {
    const sides = [running(43, at('02:00:00')), running(43, at('02:10:00'), 'green')];
    const ledger = [release(43, at('02:10:00'), { side: 'green', commit: 'abcdef1' }), newest, target];
    expect(judge([told(43, [], { commit: 'abcdef1' })], { ledger, sides }).kind).toBe('told');
    expect(judge([told(43, [])], { ledger, sides }).kind).toBe('unknown');
  });

  test('the same release on another side is not since the target', () => {
    const other = release(7, at('00:10:00'), {
      side: 'green',
      version: 'v41',
      taskDefinition: taskDefinition(7, 'checkout-green'),
    });
    const primary = { ...deployment(7, at('00:10:00')), taskDefinition: other.taskDefinition };
    const sides = [running(43, at('02:00:00')), { side: side('green'), service: service(primary) }];
    expect(judge([told(43, [])], { ledger: [newest, other, target], sides }).kind).toBe('told');
  });

  test('a target that the ledger does not have leaves it open, however much was told', () => {
    const found = judge([told(42, []), told(43, ['additive'])], { ledger: [newest, next] });
    expect(found).toMatchObject({ kind: 'unknown', evidence: expect.stringContaining('The ledger does not have v41') });
  });
});

describe('the plan', () => {
  const plan = (registrations: readonly Registration[], unknownMigrations: 'ask' | 'proceed' | 'block' = 'ask') => {
    const releases = readLedger([release(42, at('02:00:00')), release(41, at('00:00:00'))], registrations);
    const facts = planFacts({
      configuration: configuration({
        database: { instance: 'shop-db' },
        policy: { ...policy, backup: 'off', unknownMigrations },
      }),
      choice: { kind: 'found', release: target, reason: 'It is the newest good one.' },
      ledger: { releases, registrations },
      database: { source: { kind: 'instance', id: 'shop-db' } },
    });
    const { checks, outcome, asksBecause } = decidePlan(facts);
    return {
      status: checks.find(({ name }) => name === 'migrations')?.status,
      outcome,
      asks: asksBecause !== undefined,
    };
  };

  test.each([
    [
      'blocks at a destructive one, whatever the policy says of unknown ones',
      [told(42, ['destructive'])],
      'proceed',
      { status: 'failed', outcome: 'blocked', asks: false },
    ],
    [
      'goes on, and asks nobody, where all are additive',
      [told(42, ['additive'])],
      'ask',
      { status: 'ok', outcome: null, asks: false },
    ],
    ['goes on where there were none', [told(42, [])], 'block', { status: 'ok', outcome: null, asks: false }],
    ['asks where nobody told', [], 'ask', { status: 'not checked', outcome: null, asks: true }],
    [
      'is blocked where nobody told and the policy says so',
      [],
      'block',
      { status: 'failed', outcome: 'blocked', asks: false },
    ],
  ] as const)('%s', (_story, registrations, unknown, expected) => {
    expect(plan(registrations, unknown)).toEqual(expected);
  });
});
