import { describe, expect, test } from 'vitest';
import { checkPattern, matches } from '../../../../simulator/services/events/pattern.ts';

const event = {
  source: 'aws.cloudwatch',
  'detail-type': 'CloudWatch Alarm State Change',
  resources: ['arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/production/checkout/error_rate_spike'],
  detail: {
    alarmName: 'backstep/production/checkout/error_rate_spike',
    state: { value: 'ALARM', count: 5, ratio: 0.5, muted: false, note: null },
    configuration: {
      metrics: [
        { id: 'm1', returnData: true },
        { id: 'm2', returnData: false },
      ],
    },
    tags: ['a', 'b'],
  },
};

describe('a pattern matches', () => {
  test.each<[string, object, boolean]>([
    [
      'the rule of an environment',
      {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        resources: [{ prefix: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/production/' }],
        detail: { state: { value: ['ALARM'] } },
      },
      true,
    ],
    [
      'another environment',
      { resources: [{ prefix: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:backstep/staging/' }] },
      false,
    ],
    ['one of several values', { detail: { state: { value: ['OK', 'ALARM'] } } }, true],
    ['exact letters only', { detail: { state: { value: ['alarm'] } } }, false],
    ['equals-ignore-case', { detail: { state: { value: [{ 'equals-ignore-case': 'alarm' }] } } }, true],
    ['suffix', { detail: { alarmName: [{ suffix: '/error_rate_spike' }] } }, true],
    ['prefix in any letters', { detail: { alarmName: [{ prefix: { 'equals-ignore-case': 'BACKSTEP/' } }] } }, true],
    ['wildcard', { detail: { alarmName: [{ wildcard: 'backstep/*/checkout/*' }] } }, true],
    ['wildcard, not anchored loosely', { detail: { alarmName: [{ wildcard: 'production/*' }] } }, false],
    ['numeric range', { detail: { state: { count: [{ numeric: ['>', 0, '<=', 5] }] } } }, true],
    ['numeric outside', { detail: { state: { count: [{ numeric: ['<', 5] }] } } }, false],
    ['a number exactly', { detail: { state: { ratio: [0.5] } } }, true],
    ['a number is not its text', { detail: { state: { count: ['5'] } } }, false],
    ['false and null', { detail: { state: { muted: [false], note: [null] } } }, true],
    ['anything-but', { detail: { state: { value: [{ 'anything-but': 'OK' }] } } }, true],
    ['anything-but a list', { detail: { state: { value: [{ 'anything-but': ['OK', 'ALARM'] }] } } }, false],
    ['anything-but a prefix', { detail: { alarmName: [{ 'anything-but': { prefix: 'backstep/' } }] } }, false],
    ['anything-but what is missing', { detail: { previousState: { value: [{ 'anything-but': 'ALARM' }] } } }, false],
    ['exists', { detail: { state: { value: [{ exists: true }] } } }, true],
    ['not exists', { detail: { previousState: [{ exists: false }] } }, true],
    ['not exists below something missing', { detail: { previousState: { value: [{ exists: false }] } } }, true],
    ['not exists though it does', { detail: { state: { value: [{ exists: false }] } } }, false],
    ['a value in a list', { detail: { tags: ['b', 'c'] } }, true],
    ['an object in a list', { detail: { configuration: { metrics: { id: ['m2'] } } } }, true],
    ['no object in a list', { detail: { configuration: { metrics: { id: ['m2'], returnData: [true] } } } }, false],
    ['$or, one way', { $or: [{ source: ['aws.ecs'] }, { detail: { state: { value: ['ALARM'] } } }] }, true],
    ['$or, no way', { $or: [{ source: ['aws.ecs'] }, { source: ['aws.rds'] }] }, false],
    ['$or beside a field', { source: ['aws.ecs'], $or: [{ detail: { state: { value: ['ALARM'] } } }] }, false],
    ['nothing asked', {}, true],
  ])('%s', (_, pattern, expected) => {
    expect(() => checkPattern(pattern)).not.toThrow();
    expect(matches(pattern, event)).toBe(expected);
  });
});

test.each<[string, object, string]>([
  ['a bare value', { source: 'aws.ecs' }, 'source must be a list or an object'],
  ['an empty list', { source: [] }, 'empty list for source'],
  ['an operator that is not simulated', { source: [{ cidr: '10.0.0.0/8' }] }, 'operator cidr is not simulated'],
  ['consecutive wildcards', { source: [{ wildcard: 'a**b' }] }, 'consecutive wildcards'],
  ['a numeric without pairs', { n: [{ numeric: ['>'] }] }, 'numeric needs pairs'],
])('%s is refused', (_, pattern, message) => {
  expect(() => checkPattern(pattern)).toThrow(message);
});
