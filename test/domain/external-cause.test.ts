import { describe, expect, test } from 'vitest';
import type { AlarmView } from '../../lib/domain/backing.ts';
import {
  alarmingServices,
  alarmingTogether,
  externalCause,
  failingTogether,
  releaseMayBeTheCause,
} from '../../lib/domain/external-cause.ts';
import { at } from './worlds.ts';

const alarm = (service: string, since = at('03:00:00'), state = 'ALARM'): AlarmView => ({
  name: `backstep/production/${service}/errors`,
  arn: '',
  state,
  since,
});

const together = (alarms: AlarmView[], total: number) =>
  alarmingTogether(alarmingServices('production', 'checkout', at('03:00:00'), alarms), total);

describe('services that alarm together', () => {
  test('are all of them', () => {
    expect(together([alarm('checkout'), alarm('search'), alarm('cart')], 3)).toEqual({
      others: ['cart', 'search'],
      total: 3,
      how: 'alarm within 5 minutes of each other',
    });
  });

  test('are nearly all: four of five', () => {
    expect(
      together(
        ['a', 'b', 'c'].map((name) => alarm(name)),
        5,
      )?.others.length,
    ).toBe(3);
    expect(
      together(
        ['a', 'b'].map((name) => alarm(name)),
        5,
      ),
    ).toBeUndefined();
  });

  test('are more than one', () => {
    expect(together([alarm('checkout')], 1)).toBeUndefined();
    expect(together([alarm('checkout')], 2)).toBeUndefined();
  });

  test('went on within five minutes, before or after', () => {
    expect(together([alarm('search', at('02:55:00'))], 2)).toBeDefined();
    expect(together([alarm('search', at('03:05:00'))], 2)).toBeDefined();
    expect(together([alarm('search', at('02:54:59'))], 2)).toBeUndefined();
  });

  test('count once, however many of their alarms are on, and not while none is', () => {
    const hosts = { ...alarm('search'), name: 'backstep/production/search/availability_drop/hosts' };
    expect(together([alarm('search'), hosts], 3)).toBeUndefined();
    expect(together([alarm('search', at('03:00:00'), 'OK')], 2)).toBeUndefined();
  });
});

describe('the cause', () => {
  const how = 'alarm within 5 minutes of each other';
  const all = { others: ['cart', 'search'], total: 3, how };
  const cause = (released: number, own: boolean) => externalCause(all, { services: 2, released }, own);

  test('is outside where fewer than half have released anything', () => {
    expect(cause(0, true)).toBe(
      '3 of 3 services alarm within 5 minutes of each other (also cart, search), and 1 of 3 have a recent release: the ' +
        'cause lies outside of this service’s release.'.replace('’', "'"),
    );
    expect(cause(0, false)).toBeDefined();
    expect(cause(1, false)).toBeDefined();
  });

  test('is not where each has a release of its own, or most have', () => {
    expect(cause(2, true)).toBeUndefined();
    expect(cause(1, true)).toBeUndefined();
  });

  test('may be the release of one of two', () => {
    const two = { others: ['search'], total: 2, how };
    expect(externalCause(two, { services: 1, released: 0 }, true)).toBeUndefined();
    expect(externalCause(two, { services: 1, released: 0 }, false)).toBeDefined();
  });
});

describe('services that fail together', () => {
  const failing = (failing: string[], judged: string[], alarming: string[] = []) =>
    failingTogether({ failing, judged }, alarming);

  test('are nearly all that have enough requests to tell', () => {
    expect(failing(['a', 'b', 'c'], ['a', 'b', 'c', 'd'])).toEqual({
      others: ['a', 'b', 'c'],
      total: 5,
      how: 'fail in the same minutes',
    });
    expect(failing(['a', 'b'], ['a', 'b', 'c', 'd'])).toBeUndefined();
  });

  test('are more than two: one neighbour is an anecdote', () => {
    expect(failing(['a'], ['a'])).toBeUndefined();
    expect(failing(['a', 'b'], ['a', 'b'])).toBeDefined();
  });

  test('count those that alarm for something else as well, once', () => {
    expect(failing(['a', 'b'], ['a', 'b', 'c'], ['b', 'c'])).toMatchObject({ others: ['a', 'b', 'c'], total: 4 });
    expect(failing(['a', 'b'], ['a', 'b'], ['worker'])).toMatchObject({ others: ['a', 'b', 'worker'], total: 4 });
  });

  test('are told as what they are', () => {
    const together = failing(['a', 'b', 'c'], ['a', 'b', 'c']);
    expect(together && externalCause(together, { services: 3, released: 0 }, true)).toBe(
      "4 of 4 services fail in the same minutes (also a, b, c), and 1 of 4 have a recent release: the cause lies outside of this service's release.",
    );
  });
});

test.each([
  ['02:54:59', undefined],
  ['02:55:00', 'began within 5 minutes'],
  ['02:59:30', 'began within 5 minutes'],
])('a release at %s may be the cause of trouble at 03:00: %s', (releasedAt, words) => {
  const said = releaseMayBeTheCause(at(releasedAt), at('03:00:00'));
  if (words === undefined) expect(said).toBeUndefined();
  else expect(said).toContain(words);
});
