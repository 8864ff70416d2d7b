/**
 * Step Functions ends an execution whose history has 25,000 events, and no Catch runs then. The longest rollback that the
 * configuration allows, walked look by look with the functions that say when to look again.
 */
import { describe, expect, test } from 'vitest';
import { timeoutRange } from '../../lib/domain/request.ts';
import { judgeService } from '../../lib/domain/service-check.ts';
import { snapshotWaitSeconds } from '../../lib/domain/snapshot-awaited.ts';
import { judgeTraffic } from '../../lib/domain/traffic-check.ts';
import { judgeGate, longestSeconds } from '../../lib/domain/traffic-gate.ts';
import { undoSeconds } from '../../lib/domain/undo.ts';
import { nextPass, overtimeSeconds } from '../../lib/domain/verification.ts';
import { at, deployment, service } from './worlds.ts';

const hour = 3_600;
const day = 24 * hour;
const limit = 25_000;
/** Task: entered, scheduled, started, succeeded, exited; Choice and Wait: entered, exited. */
const eventsOfALook = 5 + 2 + 2;
/** Applying, and going on, for each of a dozen actions; admission, approval, report. */
const eventsOfTheRest = 1_000;

const start = at('03:00:00');
const later = (seconds: number): string => new Date(Date.parse(start) + seconds * 1_000).toISOString();

/** @param wait seconds until the next look; undefined ends it */
function looks(wait: (now: string) => number | undefined): number {
  let seconds = 0;
  for (let count = 1; ; count++) {
    const next = wait(later(seconds));
    if (next === undefined) return count;
    expect(next).toBeGreaterThanOrEqual(1);
    seconds += next;
  }
}

const waits = (judged: { readonly status: string; readonly waitSeconds: number }): number | undefined =>
  judged.status === 'waiting' ? judged.waitSeconds : undefined;

const weak = { targetGroup: 'blue', healthy: 1, registered: 4, problems: [] };
const strong = { ...weak, healthy: 4 };

const snapshot = (seconds: number): number =>
  looks((now) => (now < later(seconds) ? snapshotWaitSeconds(start, now) : undefined));

const arrival = (seconds: number): number =>
  looks((now) =>
    waits(
      judgeService({
        service: service({ ...deployment(41, start), rolloutState: 'IN_PROGRESS', runningCount: 1 }),
        targets: undefined,
        wanted: deployment(41, start).taskDefinition,
        before: deployment(42, start).taskDefinition,
        plannedAt: start,
        appliedAt: start,
        now,
        deadline: later(seconds),
      }),
    ),
  );

const traffic = (seconds: number): number =>
  looks((now) =>
    waits(
      judgeTraffic({
        planned: [],
        before: [],
        live: [],
        receiving: [weak],
        required: 2,
        appliedAt: start,
        now,
        deadline: later(seconds),
      }),
    ),
  );

const gate = (holdSeconds: number): number =>
  looks((now) =>
    waits(
      judgeGate({
        gate: { percent: 10, holdSeconds },
        side: 'blue',
        appliedAt: start,
        now,
        deadline: later(day),
        receiving: [strong],
        required: 2,
        numbers: { missing: 'Nothing was measured.' },
      }),
    ),
  );

/** Unhealthy until the deadline of the mitigation, then healthy, with an alarm that stays on until the overtime is over. */
function verification(mitigationSeconds: number, bakeMinutes: number): number {
  let previous: Parameters<typeof nextPass>[0]['previous'] = null;
  return looks((now) => {
    const result = now < later(mitigationSeconds - 60) ? ('unhealthy' as const) : ('healthy' as const);
    const judged = nextPass({
      previous,
      verdict: { result, measurements: [], reason: 'A test.' },
      now,
      mitigatedAt: start,
      deadline: later(mitigationSeconds),
      bakeMinutes,
      alarmOn: 'alarm',
    });
    previous = judged.progress;
    return waits(judged);
  });
}

describe('the history of the longest rollback has room', () => {
  const bake = verification(300, 24 * 60);
  const afterwards = arrival(hour);
  const undoing = undoSeconds / 5;
  const events = (...counts: readonly number[]): number =>
    eventsOfALook * counts.reduce((sum, count) => sum + count, 0) + eventsOfTheRest;

  test('two sides: a snapshot awaited for half a day, a slow side, ten steps of an hour, a day of bake, the bad side reverted', () => {
    const steps = 9 * gate(hour);
    const deadline = 9 * longestSeconds({ holdSeconds: hour }) + 2 * hour;
    expect(bake).toBeGreaterThan((24 * hour + overtimeSeconds) / 120);
    expect(events(snapshot(12 * hour), arrival(deadline), steps, bake, afterwards, undoing)).toBeLessThan(limit);
  });

  test('one side: ECS moves the traffic and bakes for a day, and then we do', () => {
    expect(events(snapshot(12 * hour), arrival(day + 2 * hour), bake, afterwards, undoing)).toBeLessThan(limit);
  });

  test('the longest time-out: spent on targets, or on waiting for a healthy verdict', () => {
    const longest = timeoutRange.maximum;
    expect(events(snapshot(12 * hour), traffic(longest), bake, afterwards, undoing)).toBeLessThan(limit);
    expect(events(snapshot(12 * hour), verification(longest, 24 * 60), afterwards, undoing)).toBeLessThan(limit);
    // ECS was given a day for its traffic and took none of it.
    expect(events(verification(day, 24 * 60), afterwards, undoing)).toBeLessThan(limit);
  });

  test('waiting costs a thirtieth of the time that it takes, or ten seconds', () => {
    expect(arrival(300)).toBe(31);
    expect(arrival(day)).toBeLessThan(400);
  });
});
