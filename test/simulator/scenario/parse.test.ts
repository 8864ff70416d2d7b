import { describe, expect, test } from 'vitest';
import { isDuration, milliseconds } from '../../../simulator/scenario/duration.ts';
import { type Issue, ScenarioError } from '../../../simulator/scenario/issues.ts';
import { parseScenario } from '../../../simulator/scenario/parse.ts';

const minimal = { name: 'nothing happens', config: 'backstep.json', account: {} };

describe('a scenario', () => {
  test('needs a name, a configuration and an account; the rest has defaults', () => {
    expect(parseScenario(minimal, 's.json')).toEqual({
      ...minimal,
      seed: 1,
      startTime: '2026-01-15T10:00:00Z',
      events: [],
      until: 'PT2H',
      expect: {},
    });
  });

  test('lists everything that is wrong, not only the first', () => {
    const found = issues({ name: '', config: 7, account: {}, until: '2 hours' });
    expect(found.map(({ path }) => path).sort()).toEqual(['config', 'name', 'until']);
  });

  test.each<[string, object, Issue]>([
    [
      'an unknown key',
      { ...minimal, expects: {} },
      {
        path: 'expects',
        found: 'a key that is not known',
        allowed: '$schema, name, description, config, environment, seed, startTime, account, events, until, expect',
        suggestion: 'expect',
      },
    ],
    [
      'an unknown key in an expectation',
      { ...minimal, expect: { executions: [{ outcome: 'halted', staus: 'FAILED' }] } },
      {
        path: 'expect.executions[0].staus',
        found: 'a key that is not known',
        allowed: 'service, status, outcome, error, reason',
        suggestion: 'status',
      },
    ],
    [
      'an unknown key in an event, among the keys of its own type',
      { ...minimal, events: [{ at: 'PT1M', type: 'stop', executoin: 1 }] },
      {
        path: 'events[0].executoin',
        found: 'a key that is not known',
        allowed: 'at, type, execution, error, cause',
        suggestion: 'execution',
      },
    ],
    [
      'an unknown type of event',
      { ...minimal, events: [{ at: 'PT1M', type: 'deply' }] },
      {
        path: 'events[0].type',
        found: '"deply"',
        allowed:
          'deploy, alarm, start, stop, redrive, fault, removePermission, weights, metric, register, behaviour, database, parameter, approve, decline, codeDeploy, stopDeployment, continueDeployment, scale, deregister, image',
        suggestion: 'deploy',
      },
    ],
    [
      'an unknown outcome',
      { ...minimal, expect: { executions: [{ outcome: 'verifed' }] } },
      {
        path: 'expect.executions[0].outcome',
        found: '"verifed"',
        allowed: 'verified, ready, already-at-target, duplicate, observed, declined, blocked, halted, needs-attention',
        suggestion: 'verified',
      },
    ],
    ['a key of the wrong type', { ...minimal, seed: '12' }, { path: 'seed', found: '"12"', allowed: 'a number' }],
    [
      'a time that is no duration',
      { ...minimal, events: [{ at: '5m', type: 'stop' }] },
      { path: 'events[0].at', found: '"5m"', allowed: 'an ISO 8601 duration such as PT5M or PT1H30M' },
    ],
    [
      'an event after the end',
      { ...minimal, until: 'PT10M', events: [{ at: 'PT10M', type: 'stop' }] },
      { path: 'events[0].at', found: '"PT10M"', allowed: 'less than until, PT10M' },
    ],
    [
      'an approval of nothing',
      { ...minimal, events: [{ at: 'PT1M', type: 'approve', reason: 'x' }] },
      {
        path: 'events[0]',
        found: '{"at":"PT1M","type":"approve","reason":"x"}',
        allowed: 'either rollback or service',
      },
    ],
    [
      'a fault that does nothing',
      { ...minimal, events: [{ at: 'PT1M', type: 'fault', on: { call: 'ecs:UpdateService' }, effect: {} }] },
      { path: 'events[0].effect', found: '{}', allowed: 'at least one of error, lost, latency and duplicate' },
    ],
    [
      'a fault on two things',
      {
        ...minimal,
        events: [{ at: 'PT1M', type: 'fault', on: { call: 'ecs:*', invocation: 'Plan' }, effect: { lost: true } }],
      },
      {
        path: 'events[0].on',
        found: '{"call":"ecs:*","invocation":"Plan"}',
        allowed: 'exactly one of call, invocation and event',
      },
    ],
    [
      'an event that fails, which events cannot',
      { ...minimal, events: [{ at: 'PT1M', type: 'fault', on: { event: 'X' }, effect: { error: { code: 'E' } } }] },
      {
        path: 'events[0]',
        found: '{"at":"PT1M","type":"fault","on":{"event":"X"},"effect":{"error":{"code":"E"}}}',
        allowed: 'an event cannot fail with an error; use lost, latency or duplicate',
      },
    ],
  ])('is refused for %s', (_what, input, issue) => {
    const found = issues(input);
    expect(found).toHaveLength(1);
    expect(found[0]).toEqual({ ...issue, ...(found[0]?.found.endsWith('...') ? { found: found[0].found } : {}) });
  });

  test('the message names the file, the place and the suggestion', () => {
    expect(() => parseScenario({ ...minimal, expects: {} }, 'shop.json')).toThrow(
      /^shop\.json is not a usable scenario:\n {2}expects: found a key that is not known; allowed: .*\. Did you mean "expect"\?$/,
    );
  });
});

describe('durations', () => {
  test.each([
    ['PT5M', 300_000],
    ['PT1H30M', 5_400_000],
    ['P1DT1S', 86_401_000],
    ['PT0.5S', 500],
  ])('%s is %d ms', (text, ms) => {
    expect(isDuration(text)).toBe(true);
    expect(milliseconds(text)).toBe(ms);
  });

  test.each(['', 'P', 'PT', 'P1DT', '5M', 'PT5', 'PT-5M', '-PT5M', 'P1Y'])('"%s" is none', (text) => {
    expect(isDuration(text)).toBe(false);
  });
});

function issues(input: object): readonly Issue[] {
  try {
    parseScenario(input, 's.json');
  } catch (error) {
    if (error instanceof ScenarioError) return error.issues;
    throw error;
  }
  return [];
}
