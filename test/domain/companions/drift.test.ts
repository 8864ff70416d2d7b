/** What pipelines are told of companions, and when it ends. */
import { describe, expect, test } from 'vitest';
import {
  type DriftNotice,
  describeNotice,
  driftEnd,
  type Pinned,
  withEarlier,
} from '../../../lib/domain/drift/notice.ts';
import { at, taskDefinition } from '../worlds.ts';

const main: Pinned = { side: 'main', from: taskDefinition(42), to: taskDefinition(41) };
const on = (side: string, from: number, to: number): Pinned => ({
  ...{ side, companion: true },
  ...{ from: taskDefinition(from, side), to: taskDefinition(to, side) },
});
const notice = (...pinned: Pinned[]): DriftNotice => ({
  ...{ service: 'checkout', environment: 'production', rollbackId: 'r', since: at('03:40:00'), until: null },
  ...{ pinned, kinds: ['task definition'] },
});
const deployed = (side: string, companion: boolean) => ({
  ...{ side, companion, version: 'v43', taskDefinition: taskDefinition(43, side), deployedAt: at('05:00:00') },
});

test('a person reads which of them is a companion', () => {
  expect(describeNotice(notice(main, on('worker', 7, 6)))).toContain(
    'side main is on checkout:41, and checkout:42 is declared in all likelihood; companion worker is on worker:6',
  );
});

describe('drift ends', () => {
  test.each<[string, DriftNotice, ReturnType<typeof deployed>, boolean]>([
    ['by a release of the side', notice(main, on('worker', 7, 6)), deployed('main', false), true],
    [
      'not by one of a companion, while the side is held',
      notice(main, on('worker', 7, 6)),
      deployed('worker', true),
      false,
    ],
    ['not by one of a companion that was not held', notice(main), deployed('api', true), false],
    ['by one of the companion that alone is held', notice(on('worker', 7, 6)), deployed('worker', true), true],
  ])('%s', (_name, given, release, ends) => {
    expect(driftEnd(given, release, at('05:01:00')) !== undefined).toBe(ends);
  });
});

describe('a later rollback', () => {
  const worker = on('worker', 7, 6);
  const api = on('api', 4, 3);

  test('of companions alone keeps what is held of the sides and of others', () => {
    const both = withEarlier(notice(api), notice(main, worker));
    expect(both.pinned).toEqual([main, worker, api]);
    expect(withEarlier(notice(api), both)).toEqual(both);
  });

  test('of the sides says anew what is held of them, and keeps companions that it did not touch', () => {
    const further = { ...main, to: taskDefinition(40) };
    expect(withEarlier(notice(further, api), notice(main, worker, on('api', 4, 2))).pinned).toEqual([
      worker,
      further,
      api,
    ]);
  });

  test('after a release has ended it is all there is', () => {
    expect(withEarlier(notice(api), undefined)).toEqual(notice(api));
  });
});
