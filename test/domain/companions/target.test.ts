/** What a companion goes back to, by what the ledger has of it and of its service. */
import { describe, expect, test } from 'vitest';
import { type CompanionTargetFacts, chooseCompanionTarget } from '../../../lib/domain/companions/target.ts';
import type { Release, RollbackRecord } from '../../../lib/domain/model.ts';
import { at, release, rollback, taskDefinition } from '../worlds.ts';

const worker = (revision: number, deployedAt: string, more: Partial<Release> = {}): Release =>
  release(revision, deployedAt, {
    side: 'worker',
    version: `r${revision}`,
    taskDefinition: taskDefinition(revision, 'worker'),
    images: [],
    status: 'unverified',
    ...more,
  });

/** checkout:41 since 20:00 of the day before, checkout:42 since 02:58. */
const target = release(41, '2026-11-19T20:00:00.000Z');
const suspect = { side: 'main', taskDefinition: taskDefinition(42), version: 'v42', begunAt: at('02:58:00') };
const main = [release(42, at('02:58:00'), { status: 'unverified' }), target];
/** What the worker runs, and since when. */
const primary = (revision: number, createdAt: string) => ({
  taskDefinition: taskDefinition(revision, 'worker'),
  createdAt,
});

const choose = (more: Partial<CompanionTargetFacts> & { readonly worker: readonly Release[] }) => {
  const { worker: own, ...rest } = more;
  return chooseCompanionTarget({
    service: 'checkout',
    companion: 'worker',
    primary: primary(7, at('02:55:00')),
    target,
    suspect,
    named: false,
    releases: [...main, ...own],
    rollbacks: [],
    bakeMinutes: 30,
    now: at('03:00:00'),
    ...rest,
  });
};
const chosen = (more: Parameters<typeof choose>[0]): string => {
  const choice = choose(more);
  return choice.kind === 'found' ? (choice.release.taskDefinition.split('/').at(-1) ?? '') : choice.reason;
};

describe('a companion goes back to', () => {
  test.each<[string, Parameters<typeof choose>[0], string]>([
    [
      'what ran beside the target, not what was deployed minutes before the release that goes',
      {
        worker: [
          worker(7, at('02:55:00')),
          worker(6, '2026-11-19T20:05:00.000Z'),
          worker(5, '2026-11-10T00:00:00.000Z'),
        ],
      },
      'worker:6',
    ],
    [
      'a hotfix of its own that served beside the target',
      { worker: [worker(7, at('02:55:00')), worker(6, at('00:00:00')), worker(5, '2026-11-10T00:00:00.000Z')] },
      'worker:6',
    ],
    [
      'what it runs, where it was not deployed since the target',
      { primary: primary(6, '2026-11-10T00:00:00.000Z'), worker: [worker(6, '2026-11-10T00:00:00.000Z')] },
      'worker:6',
    ],
    [
      'what was there before, where the release that goes came an hour earlier than its service: it says so by its version',
      {
        primary: primary(7, at('01:30:00')),
        worker: [
          worker(7, at('01:30:00'), { version: 'v42' }),
          worker(6, '2026-11-19T20:05:00.000Z', { version: 'v41' }),
        ],
      },
      'worker:6',
    ],
    [
      'the release of the same version, where the target served for minutes only',
      {
        target: release(41, at('02:50:00')),
        releases: [
          ...[release(42, at('02:58:00')), release(41, at('02:50:00'))],
          ...[worker(7, at('02:55:00')), worker(6, at('02:49:00'), { version: 'v41' }), worker(5, at('00:00:00'))],
        ],
        worker: [],
      },
      'worker:6',
    ],
    [
      'the release of the same commit, of a target that a person named and nothing else is known of',
      {
        named: true,
        target: release(38, '', { version: 'checkout:38', commit: 'abcdef1' }),
        worker: [worker(7, at('02:55:00')), worker(3, '2026-10-01T00:00:00.000Z', { commit: 'abcdef1' })],
      },
      'worker:3',
    ],
    [
      'what it ran the longest beside a target of minutes, where no version tells',
      {
        target: release(41, at('02:45:00')),
        releases: [
          ...[release(42, at('02:58:00')), release(41, at('02:45:00'))],
          ...[worker(7, at('02:56:00')), worker(6, at('02:46:00')), worker(5, at('00:00:00'))],
        ],
        worker: [],
      },
      'worker:6',
    ],
    [
      'what a rollback had put it on',
      {
        worker: [
          worker(7, at('02:55:00')),
          worker(6, '2026-11-19T18:00:00.000Z'),
          worker(5, '2026-11-10T00:00:00.000Z'),
        ],
        rollbacks: [rolledBack('2026-11-19T19:00:00.000Z', { worker: taskDefinition(5, 'worker') })],
      },
      'worker:5',
    ],
    [
      'the copy that a rollback had put it on, which has what its original had',
      {
        worker: [
          worker(7, at('02:55:00')),
          worker(6, '2026-11-19T18:00:00.000Z'),
          worker(5, '2026-11-10T00:00:00.000Z'),
        ],
        rollbacks: [
          rolledBack(
            '2026-11-19T19:00:00.000Z',
            { worker: taskDefinition(99, 'worker') },
            {
              worker: { taskDefinition: taskDefinition(5, 'worker'), images: [] },
            },
          ),
        ],
      },
      'worker:99',
    ],
  ])('%s', (_name, facts, wanted) => {
    expect(chosen(facts)).toBe(wanted);
  });

  test('what it runs, where a rollback ended before it came to this companion', () => {
    // The record says worker:5, and the worker's deployment is older than that rollback.
    const facts = {
      primary: primary(6, '2026-11-19T18:00:00.000Z'),
      worker: [worker(6, '2026-11-19T18:00:00.000Z'), worker(5, '2026-11-10T00:00:00.000Z')],
      rollbacks: [rolledBack('2026-11-19T19:00:00.000Z', { worker: taskDefinition(5, 'worker') })],
    };
    expect(chosen(facts)).toBe('worker:6');
  });

  test('nothing, where nobody knows what ran then: it does not guess, and says so', () => {
    expect(chosen({ worker: [worker(7, at('02:59:00'))], primary: primary(7, at('02:59:00')) })).toBe(
      'Nothing tells what companion worker ran beside v41 (checkout:41): neither the ledger nor ECS knows it.',
    );
  });

  test('nothing that was rolled back before, unless a person names the target', () => {
    const facts = { worker: [worker(7, at('02:55:00')), worker(6, '2026-11-19T20:05:00.000Z', { status: 'bad' })] };
    expect(choose(facts).kind).toBe('none');
    expect(chosen({ ...facts, named: true })).toBe('worker:6');
  });

  test('what it ran beside the target before, where a rollback that halted has put the sides there already', () => {
    const halted = rolledBack(at('03:10:00'), { main: taskDefinition(41), worker: taskDefinition(6, 'worker') });
    const facts = {
      now: at('04:00:00'),
      named: true,
      suspect: { side: 'main', taskDefinition: taskDefinition(41), version: 'v41', begunAt: at('03:10:00') },
      rollbacks: [halted],
      worker: [worker(7, at('02:55:00')), worker(6, '2026-11-19T20:05:00.000Z')],
    };
    expect(chosen(facts)).toBe('worker:6');
  });
});

function rolledBack(
  startedAt: string,
  reverts: RollbackRecord['reverts'],
  copies?: RollbackRecord['copies'],
): RollbackRecord {
  return rollback({ startedAt, ...(reverts && { reverts }), ...(copies && { copies }) });
}
