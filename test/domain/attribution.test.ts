import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AttributionFacts, attribute } from '../../lib/domain/attribution.ts';
import { at, deployment, release, rollback, service, taskDefinition } from './worlds.ts';

const facts = (more: Partial<AttributionFacts> = {}): AttributionFacts => ({
  alarmName: 'errors',
  alarmSince: at('03:00:00'),
  alsoOn: [],
  attributionMinutes: 120,
  sides: [service(deployment(42, at('02:58:00')))],
  releases: [],
  rollbacks: [],
  ...more,
});

const judged = (more: Partial<AttributionFacts>): string => {
  const { attributed, reason } = attribute(facts(more));
  return `${attributed ? 'yes' : 'no'}: ${reason}`;
};

describe('an alarm', () => {
  test('two minutes after a release is blamed on it', () => {
    expect(attribute(facts())).toEqual({
      attributed: true,
      release: { side: 'main', taskDefinition: taskDefinition(42), begunAt: at('02:58:00') },
      reason:
        'The release of checkout:42 on main began 2 minutes before alarm errors, within the 120 minutes that are blamed on a release.',
    });
  });

  test('without a recent release is not', () => {
    const old = service(deployment(42, '2026-11-15T03:00:00.000Z'));
    expect(judged({ sides: [old] })).toMatch(
      /^no: .*checkout:42 on main, began 5 days before alarm errors; only the last 120/,
    );
  });

  test('that was on before the release began is not', () => {
    const younger = service(deployment(42, at('03:01:00')));
    expect(judged({ sides: [younger] })).toMatch(/^no: Alarm errors is on since .* before the release of checkout:42/);
  });

  test.each([
    [2, 'yes'],
    [3, 'no'],
  ])('that needs %d bad minutes, of which two ended since the release: %s', (badMinutes, answer) => {
    expect(judged({ badMinutes })).toMatch(new RegExp(`^${answer}`));
  });

  test('that needs more bad minutes than there were since the release was bad before', () => {
    expect(judged({ badMinutes: 5 })).toBe(
      `no: Alarm errors needs 5 bad minutes and is on since ${at('03:00:00')}, but only 2 ended since the release of ` +
        `checkout:42 on main began at ${at('02:58:00')}: it was bad before.`,
    );
  });

  test('of a service that never deployed is not', () => {
    expect(judged({ sides: [service(deployment(42, at('02:58:00')), { deployments: [] })] })).toMatch(
      /^no: ECS reports no/,
    );
  });

  test('while our own rollback is what runs is not', () => {
    const own = rollback({ startedAt: at('02:57:30'), endedAt: at('02:59:00'), reverts: { main: taskDefinition(42) } });
    expect(judged({ rollbacks: [own] })).toMatch(/^no: What runs is checkout:42 on main, put there by rollback/);
  });

  test('while what runs is our own rollback’s, deployed once more, is not', () => {
    const own = rollback({ startedAt: at('01:00:00'), endedAt: at('01:40:00'), reverts: { main: taskDefinition(42) } });
    const releases = [release(42, at('02:58:00')), release(43, at('00:50:00'), { status: 'bad' })];
    expect(judged({ rollbacks: [own], releases })).toMatch(
      /^no: What runs is checkout:42 on main, put there by rollback/,
    );
  });

  test('after a redeployment of the same is judged by the first deployment', () => {
    const releases = [release(42, '2026-11-18T03:00:00.000Z')];
    expect(judged({ releases })).toMatch(/^no: .*began 2 days before/);
  });

  test('on what a rollback had removed in between is blamed on its second release', () => {
    const releases = [release(42, at('02:58:00')), release(42, at('00:10:00'))];
    const between = rollback({
      startedAt: at('00:20:00'),
      endedAt: at('00:55:00'),
      executes: true,
      reverts: { main: taskDefinition(41) },
    });
    expect(judged({ releases, rollbacks: [between] })).toMatch(/^yes: .*began 2 minutes before/);
    expect(judged({ releases })).toMatch(/^no: .*began 2 hours before/);
  });

  test('after a redeployment that brought other images under the same tag is blamed on it', () => {
    const image = { container: 'app', image: 'shop/checkout:stable' };
    const releases = [
      release(42, at('02:58:00'), { images: [{ ...image, digest: 'sha256:b' }] }),
      release(42, '2026-11-18T03:00:00.000Z', { images: [{ ...image, digest: 'sha256:a' }] }),
    ];
    expect(judged({ releases })).toMatch(/^yes/);
  });

  test('after a rolled-back release was deployed once more is blamed on that deployment', () => {
    const releases = [release(42, '2026-11-18T03:00:00.000Z', { status: 'bad' })];
    const rollbacks = [
      rollback({
        startedAt: '2026-11-18T03:05:00.000Z',
        endedAt: '2026-11-18T03:40:00.000Z',
        reverts: { main: taskDefinition(41) },
      }),
    ];
    expect(judged({ releases, rollbacks })).toMatch(/^yes: .*began 2 minutes/);
  });

  test('after going back to an old task definition is blamed on that deployment', () => {
    const releases = [release(43, at('01:00:00')), release(42, '2026-11-18T03:00:00.000Z')];
    expect(judged({ releases })).toMatch(/^yes: .*began 2 minutes/);
  });
});

test('what runs after a rollback that was undone is the release from before it, as old as it is', () => {
  const releases = [release(42, '2026-11-18T03:00:00.000Z')];
  const times = { startedAt: at('02:50:00'), endedAt: at('02:59:00') };
  const undone = rollback({ ...times, reverts: { main: taskDefinition(41) }, undid: { main: taskDefinition(42) } });
  expect(judged({ releases, rollbacks: [undone] })).toMatch(/^no: .*checkout:42.*began 2 days before/);
});

describe('two sides', () => {
  const blue = service(deployment(41, '2026-11-15T03:00:00.000Z'), { side: 'blue' });
  const green = service(deployment(42, at('02:58:00')), { side: 'green' });

  test('an alarm of the side that was released is blamed on it', () => {
    expect(judged({ sides: [blue, green], alarmSide: 'green' })).toMatch(/^yes: The release of checkout:42 on green/);
  });

  test('an alarm of the other side is not', () => {
    expect(judged({ sides: [blue, green], alarmSide: 'blue' })).toMatch(/^no: .*checkout:41 on blue, began 5 days/);
  });

  test('an alarm that is on for both leaves the blame to the numbers', () => {
    const both = attribute(facts({ sides: [blue, green], alarmSide: 'green', alsoOn: ['blue'] }));
    expect(both).toMatchObject({ attributed: true, alsoBad: 'The same alarm is on for green and blue.' });
    expect(attribute(facts({ sides: [blue, green], alarmSide: 'green' }))).not.toHaveProperty('alsoBad');
  });

  test('an alarm over both is judged by the newest release', () => {
    expect(judged({ sides: [blue, green] })).toMatch(/^yes: The release of checkout:42 on green/);
  });
});

test('blame falls exactly on releases inside the window', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: 1, max: 240 }),
      (minutes, attributionMinutes) => {
        const begun = new Date(Date.parse(at('03:00:00')) - minutes * 60_000).toISOString();
        const { attributed } = attribute(facts({ sides: [service(deployment(42, begun))], attributionMinutes }));
        expect(attributed).toBe(minutes >= 0 && minutes <= attributionMinutes);
      },
    ),
  );
});
