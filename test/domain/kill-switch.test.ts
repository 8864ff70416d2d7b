import { describe, expect, test } from 'vitest';
import { judgeSwitches, mustHalt, type SwitchReading } from '../../lib/domain/kill-switch.ts';
import { at, context } from './worlds.ts';

const reading = (
  value: string,
  changedAt = at('02:00:00'),
  name = '/backstep/production/kill-switch',
): SwitchReading => ({
  name,
  value,
  changedAt,
});

describe('a switch', () => {
  test.each([
    ['off', 'off'],
    ['OFF', 'off'],
    [' off\n', 'off'],
    ['"off"', 'off'],
    ['off since the migration is done', 'off'],
    ['on', 'on'],
    ['On: migration until 18:00, ask Ann', 'on'],
    ['"on"', 'on'],
    ['', 'unreadable'],
    ['only on Fridays', 'unreadable'],
    ['true', 'unreadable'],
    ['{"state":"on"}', 'unreadable'],
    ['offf', 'unreadable'],
  ])('that says %j is %s', (value, state) => {
    expect(judgeSwitches(reading(value), undefined).state).toBe(state);
    expect(judgeSwitches(reading('off'), reading(value)).state).toBe(state);
  });

  test('of the environment that is gone is not taken for off', () => {
    expect(judgeSwitches(undefined, undefined).state).toBe('unreadable');
    expect(judgeSwitches(undefined, reading('off')).state).toBe('unreadable');
  });

  test('that is on is enough, and says why and since when', () => {
    const own = reading('on: migration, ask Ann', at('02:30:00'), '/backstep/production/kill-switch/checkout');
    expect(judgeSwitches(reading('off'), own)).toMatchObject({
      state: 'on',
      reason: `The kill switch /backstep/production/kill-switch/checkout is on since ${at('02:30:00')} ("migration, ask Ann").`,
    });
    expect(judgeSwitches(reading('on'), reading('off')).state).toBe('on');
    expect(judgeSwitches(reading('what?'), reading('on')).state).toBe('on');
  });
});

describe('a rollback under way', () => {
  const byHand = { ...context(), request: { ...context().request, confirmed: true } };
  const { trigger: _trigger, ...request } = byHand.request;
  const before = at('03:00:00');
  const after = at('03:00:02');
  const on = (changedAt: string) => judgeSwitches(reading('on', changedAt), undefined);

  test('by an alarm halts while the switch is on', () => {
    expect(mustHalt(on(before), context())).toContain('is on since');
    expect(mustHalt(on(after), context())).toContain('is on since');
  });

  test('by hand halts when it was flipped since, and not when the person knew', () => {
    expect(mustHalt(on(after), { ...byHand, request })).toContain('is on since');
    expect(mustHalt(on(before), { ...byHand, request })).toBeUndefined();
  });

  test('goes on while it is off, or cannot be read', () => {
    expect(mustHalt(judgeSwitches(reading('off'), undefined), context())).toBeUndefined();
    expect(mustHalt(judgeSwitches(undefined, undefined), context())).toBeUndefined();
  });
});
