import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RollbackRecord } from '../../lib/domain/model.ts';
import type { Candidate, Standing } from '../../lib/domain/releases.ts';
import { broughtBy, chooseTarget, furtherTargets, settles } from '../../lib/domain/target.ts';
import { at, release, taskDefinition } from './worlds.ts';

const suspect = { side: 'main', taskDefinition: taskDefinition(42), version: 'v42', begunAt: at('02:58:00') };

const candidate = (
  revision: number,
  standing: Standing,
  deployedAt = at(`01:${revision}:00`),
  more = {},
): Candidate => ({
  release: release(revision, deployedAt, more),
  standing,
  evidence: 'seen',
});

const current = candidate(42, 'unproven', at('02:58:00'));

const choose = (version: string, ...candidates: Candidate[]) =>
  chooseTarget({ service: 'checkout', version, suspect, candidates: [current, ...candidates] });

const chosen = (version: string, ...candidates: Candidate[]): string | undefined => {
  const choice = choose(version, ...candidates);
  return choice.kind === 'found' ? choice.release.taskDefinition.split('/').at(-1) : undefined;
};

describe('previous', () => {
  test.each<[string, Candidate[], string | undefined]>([
    ['is the newest good one', [candidate(41, 'good'), candidate(40, 'good')], 'checkout:41'],
    ['is not revision - 1 when that failed', [candidate(41, 'unproven'), candidate(39, 'good')], 'checkout:39'],
    ['skips a bad one', [candidate(41, 'bad'), candidate(40, 'good')], 'checkout:40'],
    [
      'prefers an older good one to a newer that ECS only deployed',
      [candidate(41, 'deployed'), candidate(40, 'good')],
      'checkout:40',
    ],
    ['counts long service as much as verification', [candidate(41, 'served'), candidate(40, 'good')], 'checkout:41'],
    [
      'takes what ECS deployed before what was assumed',
      [candidate(41, 'assumed-good'), candidate(40, 'deployed')],
      'checkout:40',
    ],
    [
      'takes what was assumed when nothing else is known',
      [candidate(41, 'unproven'), candidate(40, 'assumed-good')],
      'checkout:40',
    ],
    ['is nothing when nothing is good', [candidate(41, 'unproven'), candidate(40, 'bad')], undefined],
    ['is nothing from after the suspect', [candidate(43, 'good', at('02:59:00'))], undefined],
    [
      'is not the suspect’s own version on another side',
      [
        candidate(7, 'good', at('02:00:00'), {
          side: 'blue',
          version: 'v42',
          taskDefinition: taskDefinition(7, 'blue'),
        }),
      ],
      undefined,
    ],
  ])('%s', (_name, candidates, expected) => {
    expect(chosen('previous', ...candidates)).toBe(expected);
  });

  test('says what is known when nothing is good', () => {
    const choice = choose('previous', candidate(41, 'bad'), candidate(40, 'unproven'));
    expect(choice.reason).toBe(
      'No good release before v42 (checkout:42) is known. Known are v41 (checkout:41), bad; v40 (checkout:40), unproven. ' +
        'Name one with "version", or roll forward.',
    );
  });

  test('quotes why', () => {
    expect(choose('previous', candidate(41, 'good')).reason).toBe(
      'v41 (checkout:41) is the newest known good release before v42 (checkout:42): seen.',
    );
  });

  test('is never the current one, nor bad, nor unproven, nor younger', () => {
    const standing = fc.constantFrom<Standing>('good', 'served', 'deployed', 'assumed-good', 'unproven', 'bad');
    const drawn = fc.uniqueArray(
      fc.record({ revision: fc.integer({ min: 30, max: 50 }), standing, hour: fc.integer({ min: 0, max: 4 }) }),
      { selector: ({ revision }) => revision },
    );
    fc.assert(
      fc.property(drawn, (items) => {
        const candidates = items.map((item) =>
          candidate(item.revision, item.standing, at(`0${item.hour}:${item.revision}:00`)),
        );
        const choice = chooseTarget({ service: 'checkout', version: 'previous', suspect, candidates });
        const eligible = candidates.filter(
          ({ release: { taskDefinition: arn, deployedAt }, standing: drawnStanding }) =>
            arn !== suspect.taskDefinition &&
            deployedAt < suspect.begunAt &&
            !['bad', 'unproven'].includes(drawnStanding),
        );
        expect(choice.kind === 'found').toBe(eligible.length > 0);
        if (choice.kind === 'none') return;
        const picked = eligible.find((one) => one.release.taskDefinition === choice.release.taskDefinition);
        expect(picked).toBeDefined();
        const proven = ['good', 'served'];
        const rivals = eligible.filter((one) => proven.includes(one.standing));
        if (rivals.length > 0) {
          expect(proven).toContain(picked?.standing);
          expect(rivals.every((one) => one.release.deployedAt <= choice.release.deployedAt)).toBe(true);
        }
      }),
    );
  });
});

describe('a named release', () => {
  const tagged = (revision: number, version: string, standing: Standing = 'good', commit?: string): Candidate =>
    candidate(revision, standing, at(`01:${revision}:00`), { version, ...(commit && { commit }) });
  const known = [
    tagged(41, 'v2.8.0'),
    tagged(40, '2.7.3', 'bad'),
    tagged(39, 'main-1a2b3c4d5e'),
    tagged(38, 'v2.7.0', 'good', '9f8e7d6c5b4a39281706f5e4d3c2b1a098765432'),
  ];

  test.each([
    ['v2.8.0', 'checkout:41'],
    ['2.8.0', 'checkout:41'],
    ['v2.7.3', 'checkout:40'],
    ['revision-39', 'checkout:39'],
    ['checkout:39', 'checkout:39'],
    [taskDefinition(38), 'checkout:38'],
    ['1a2b3c4', 'checkout:39'],
    ['9F8E7D6C5B', 'checkout:38'],
    ['v42', 'checkout:42'],
    ['revision-12', 'checkout:12'],
  ])('%s is %s', (version, expected) => {
    expect(chosen(version, ...known)).toBe(expected);
  });

  test.each(['v9.9.9', '1a2b3c', 'deadbeef', 'other:39', 'revision-0', 'revision--1', 'latest'])(
    '%s is nothing',
    (version) => {
      const choice = choose(version, ...known);
      expect(choice.kind).toBe('none');
      expect(choice.reason).toContain(`No known release has the version or commit "${version}".`);
    },
  );

  test('that was rolled back before comes with a warning', () => {
    expect(choose('2.7.3', ...known)).toMatchObject({
      kind: 'found',
      warning: '2.7.3 (checkout:40) was rolled back before and is gone to only because it was named.',
    });
  });

  test('that nobody knows comes with a warning', () => {
    expect(choose('revision-12', ...known)).toMatchObject({
      warning: "checkout:12 is in neither the ledger nor ECS's history: nothing is known of how it served.",
    });
  });
});

test.each<[string, string, Candidate[], boolean]>([
  ['a good release before the suspect', 'previous', [candidate(41, 'good')], true],
  ['an assumed one: ECS may know better', 'previous', [candidate(41, 'assumed-good')], false],
  ['a good one, but another is named', 'v40', [candidate(41, 'good')], false],
  ['the named one', 'v41', [candidate(41, 'unproven')], true],
])('whether the ledger settles it with %s', (_name, version, candidates, expected) => {
  expect(settles(version, suspect, candidates)).toBe(expected);
});

describe('digests', () => {
  const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
  const images = (letter?: string) => [
    { container: 'app', image: 'checkout:live', ...(letter && { digest: digest(letter) }) },
  ];
  const running = { ...suspect, images: images('b') };
  const choice = (...candidates: Candidate[]) =>
    chooseTarget({ service: 'checkout', version: 'previous', suspect: running, candidates });

  test('the same definition with another image is an earlier release', () => {
    const before = candidate(42, 'good', at('01:00:00'), { images: images('a') });
    expect(choice(before)).toMatchObject({ kind: 'found', release: { images: images('a') } });
  });
  test.each([['b'], [undefined]])(
    'with the same image, or one that nobody knows (%s), it is the current one',
    (letter) => {
      expect(choice(candidate(42, 'good', at('01:00:00'), { images: images(letter) })).kind).toBe('none');
    },
  );
  test('one tag in two families is one version only with one image', () => {
    const blue = (letter: string) =>
      candidate(7, 'good', at('01:00:00'), {
        version: 'v42',
        taskDefinition: taskDefinition(7, 'blue'),
        images: images(letter),
      });
    expect(choice(blue('b')).kind).toBe('none');
    expect(choice(blue('a')).kind).toBe('found');
  });
});

test('further back are the older good ones, five looked at in all, and none beside a named one', () => {
  const candidates = [41, 40, 39, 38, 37, 36, 35].map((revision) =>
    candidate(revision, 'good', at(`01:${revision}:00`)),
  );
  const revisions = (version: string) =>
    furtherTargets({ version, suspect, candidates }).map((one) => (one.kind === 'found' ? one.release.version : ''));
  expect(revisions('previous')).toEqual(['v40', 'v39', 'v38', 'v37']);
  expect(revisions('v41')).toEqual([]);
  expect(furtherTargets({ version: 'previous', suspect, candidates })[0]?.reason).toBe(
    'v40 (checkout:40) is a known good release before v42 (checkout:42): seen.',
  );
});

describe('what a rollback was bringing that was broken off', () => {
  const brought = { ...suspect, taskDefinition: taskDefinition(41), broughtBy: 'r-1' };
  const known = [candidate(41, 'assumed-good'), candidate(40, 'good')];
  const ask = (version: string, candidates = known) =>
    chooseTarget({ service: 'checkout', version, suspect: brought, candidates });

  test('is what previous goes on with, and nothing older, however good; a name names what it names', () => {
    expect(ask('previous')).toMatchObject({
      kind: 'found',
      release: { taskDefinition: taskDefinition(41) },
      standing: 'assumed-good',
      reason: expect.stringMatching(/what rollback r-1 was going to when it was broken off.*name a release/),
    });
    expect(ask('previous', [])).toMatchObject({ kind: 'found', release: { taskDefinition: taskDefinition(41) } });
    expect(ask('revision-40')).toMatchObject({ release: { taskDefinition: taskDefinition(40) } });
    expect(furtherTargets({ version: 'previous', suspect: brought, candidates: known })).toEqual([]);
    expect(settles('previous', brought, known)).toBe(true);
    expect(settles('previous', brought, [])).toBe(false);
  });

  const record = (more: Partial<RollbackRecord> = {}): RollbackRecord => ({
    rollbackId: 'r-1',
    service: 'checkout',
    executionArn: 'execution:1',
    startedAt: at('03:00:00'),
    automatic: false,
    executes: true,
    outcome: 'halted',
    unfinished: true,
    goal: { side: 'main', taskDefinition: taskDefinition(41) },
    ...more,
  });
  const of = (...rollbacks: RollbackRecord[]) => broughtBy(brought, rollbacks);

  test('counts as broken off for whoever takes the lock from it, by its name', () => {
    const alive = [record({ unfinished: false })];
    expect([broughtBy(brought, alive, 'r-1'), broughtBy(brought, alive, 'r-0'), of(...alive)]).toEqual([
      'r-1',
      undefined,
      undefined,
    ]);
  });

  test.each<[string, string | undefined, string | undefined]>([
    ['the newest that changed anything was broken off', of(record()), 'r-1'],
    [
      'a plan for later changes nothing of it',
      of(record({ rollbackId: 'r-2', startedAt: at('04:00:00'), executes: false, unfinished: false }), record()),
      'r-1',
    ],
    [
      'a copy of its definition is what it put',
      of(record({ goal: { side: 'main', taskDefinition: taskDefinition(7) }, reverts: { main: taskDefinition(41) } })),
      'r-1',
    ],
    [
      'not once another has ended',
      of(record(), record({ rollbackId: 'r-2', startedAt: at('04:00:00'), unfinished: false })),
      undefined,
    ],
    ['not where it had an outcome of its own', of(record({ unfinished: false })), undefined],
    [
      'not where something else is in service',
      of(record({ goal: { side: 'main', taskDefinition: taskDefinition(40) } })),
      undefined,
    ],
    ['not for another side', of(record({ goal: { side: 'blue', taskDefinition: taskDefinition(41) } })), undefined],
  ])('%s', (_what, found, expected) => expect(found).toBe(expected));
});
