import { describe, expect, test } from 'vitest';
import { chooseStrategy, requestedStrategy, type StrategyFacts, strategiesOf } from '../../lib/domain/strategy.ts';

/** All traffic on the other side, and a side whose tasks have served the target before. */
const facts: StrategyFacts = {
  requested: 'auto',
  side: 'blue',
  target: 'v41 (checkout:41)',
  standing: 'good',
  sharePercent: 0,
  startsTasks: false,
  answeredRequests: 12_000,
  minimumRequests: 20,
  targets: 4,
  servingTargets: 4,
};
const { answeredRequests: _answered, ...untold } = facts;
const { standing: _standing, ...unknown } = facts;

describe('auto', () => {
  test.each<[string, StrategyFacts, string, RegExp]>([
    [
      'a verified release on tasks that served it',
      facts,
      'instant',
      /was verified in service, and side blue answered 12000 requests/,
    ],
    [
      'a release that served for the whole bake',
      { ...facts, standing: 'served' },
      'instant',
      /served without a rollback/,
    ],
    [
      'a side that shares the traffic already',
      { ...facts, standing: 'unproven', sharePercent: 20 },
      'instant',
      /already serves 20 %/,
    ],
    [
      'a bad side with a small share',
      { ...facts, standing: 'assumed-good', sharePercent: 90 },
      'instant',
      /^Canary removed, 100 % to stable: side blue already has 90 %/,
    ],
    [
      'a release that was only assumed good',
      { ...facts, standing: 'assumed-good' },
      'canary',
      /assumed good at the installation/,
    ],
    ['a release that ECS only deployed', { ...facts, standing: 'deployed' }, 'canary', /how it served is not known/],
    [
      'a release that never proved itself',
      { ...facts, standing: 'unproven' },
      'canary',
      /never served for the whole bake/,
    ],
    ['a release that was rolled back and is named', { ...facts, standing: 'bad' }, 'canary', /rolled back before/],
    ['a release that nobody knows', unknown, 'canary', /nothing is known/],
    ['tasks that this rollback starts', { ...facts, startsTasks: true }, 'blue-green', /start with this rollback/],
    [
      'tasks that never answered anybody',
      { ...facts, answeredRequests: 0 },
      'blue-green',
      /answered nobody since they started/,
    ],
    ['tasks that answered hardly anybody', { ...facts, answeredRequests: 19 }, 'blue-green', /19 requests only/],
    ['tasks of which CloudWatch says nothing', untold, 'blue-green', /CloudWatch could not tell/],
    ['a side with fewer targets than serve now', { ...facts, targets: 3 }, 'blue-green', /3 targets where 4 serve now/],
    ['a small side with a small share', { ...facts, targets: 3, sharePercent: 20 }, 'blue-green', /3 targets/],
  ])('for %s', (_what, given, strategy, reason) => {
    expect(chooseStrategy(given)).toEqual({ strategy, reason: expect.stringMatching(reason) });
  });
});

test.each(['instant', 'blue-green', 'canary'] as const)('%s is taken as asked for', (requested) => {
  expect(chooseStrategy({ ...unknown, requested }).strategy).toBe(requested);
});

test('a canary asked for against a canary removes that', () => {
  expect(chooseStrategy({ ...facts, requested: 'canary', sharePercent: 90 })).toMatchObject({ strategy: 'instant' });
  expect(chooseStrategy({ ...facts, requested: 'blue-green', sharePercent: 90 })).toMatchObject({
    strategy: 'blue-green',
  });
});

test('a start overrules the policy', () => {
  expect(requestedStrategy({ strategy: 'auto' }, 'canary')).toBe('canary');
  expect(requestedStrategy({ strategy: 'instant' }, 'canary')).toBe('instant');
});

test('one side can only roll, two only move traffic', () => {
  expect(strategiesOf(1)).toEqual(['auto', 'rolling']);
  expect(strategiesOf(2)).not.toContain('rolling');
});
