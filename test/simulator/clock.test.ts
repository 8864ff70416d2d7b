import { expect, test } from 'vitest';
import { Clock } from '../../simulator/clock.ts';

test('step runs one event, in order, and passes over cancelled ones', async () => {
  const clock = new Clock(0);
  const seen: string[] = [];
  clock.after(10, () => seen.push('b'));
  clock.after(5, () => seen.push('cancelled')).cancel();
  clock.after(5, () => seen.push('a'));
  expect([await clock.step(), clock.now(), [...seen]]).toEqual([true, 5, ['a']]);
  expect([await clock.step(), clock.now(), [...seen]]).toEqual([true, 10, ['a', 'b']]);
  expect([await clock.step(), clock.now()]).toEqual([false, 10]);
});

test('runUntil stops when done says so, and otherwise ends at the end', async () => {
  const clock = new Clock(0);
  let ticks = 0;
  clock.every(10, 10, () => {
    ticks += 1;
  });
  await clock.runUntil(1000, () => ticks === 3);
  expect([ticks, clock.now()]).toEqual([3, 30]);
  await clock.runUntil(95);
  expect([ticks, clock.now()]).toEqual([9, 95]);
});

test('an error in an event ends the run', async () => {
  const clock = new Clock(0);
  clock.after(1, async () => {
    await clock.sleep(5);
    throw new Error('broken');
  });
  await expect(clock.runUntil(100)).rejects.toThrow('broken');
});
