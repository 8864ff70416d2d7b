import { describe, expect, test } from 'vitest';
import type { DatabaseFacts } from '../../lib/domain/database.ts';
import type { Policy } from '../../lib/domain/model.ts';
import { decidePlan } from '../../lib/domain/plan.ts';
import { at, configuration, context, definition, deployment, planFacts, sideFacts } from './worlds.ts';

const available: DatabaseFacts = {
  source: { kind: 'instance', id: 'shop-db' },
  view: { status: 'available', engine: 'postgres', multiAz: true },
};

/** A plan of a service with a database whose migrations stop nobody. */
const plan = (database: DatabaseFacts, policy: Partial<Policy> = {}, request: { backup?: boolean } = {}) =>
  decidePlan(
    planFacts({
      context: context(request),
      configuration: configuration({
        database: { instance: 'shop-db' },
        policy: { ...configuration().policy, unknownMigrations: 'proceed', ...policy },
      }),
      database,
    }),
  );
const types = ({ actions }: ReturnType<typeof plan>) => actions.map(({ id, type }) => `${id} ${type}`);

describe('the plan of a service with a database', () => {
  test('begins with the snapshot, and numbers what follows', () => {
    const { actions, outcome } = plan(available);
    expect(outcome).toBeNull();
    expect(actions.map(({ id, type }) => `${id} ${type}`)).toEqual(['1 StartSnapshot', '2 RevertService']);
    expect(actions[0]).toMatchObject({
      required: true,
      awaits: false,
      forward: { kind: 'instance', source: 'shop-db' },
    });
  });

  test('takes one where RDS may yet accept it, and none where there is nothing to take it of', () => {
    const preferred = { backup: 'preferred' } as const;
    const busy = { ...available, view: { status: 'backing-up', engine: 'postgres', multiAz: true } };
    expect(types(plan(busy, preferred))).toEqual(['1 StartSnapshot', '2 RevertService']);
    expect(types(plan({ source: available.source, problem: 'down' }, preferred))).toContain('1 StartSnapshot');
    expect(types(plan({ source: available.source }, preferred))).toEqual(['1 RevertService']);
  });

  test('is blocked by a required one that RDS would refuse', () => {
    const full = { ...available, quota: { used: 100, limit: 100 } };
    expect(plan(full)).toMatchObject({ outcome: 'blocked', reason: expect.stringContaining('All 100 manual') });
    expect(plan({ source: available.source })).toMatchObject({ outcome: 'blocked' });
  });

  test('is not blocked by an RDS that does not answer: the snapshot itself will tell', () => {
    expect(plan({ source: available.source, problem: 'down' }).outcome).toBeNull();
  });

  test('takes none where policy or start say so', () => {
    expect(types(plan(available, { backup: 'off' }))).toEqual(['1 RevertService']);
    expect(types(plan(available, {}, { backup: false }))).toEqual(['1 RevertService']);
  });
});

test('a service that is at its target gets no snapshot', () => {
  const facts = planFacts({
    configuration: configuration({ database: { instance: 'shop-db' } }),
    database: available,
    sides: [sideFacts('main', deployment(41, at('02:58:00')))],
    targetDefinition: definition(41),
  });
  expect(decidePlan(facts)).toMatchObject({ outcome: 'already-at-target', actions: [] });
});
