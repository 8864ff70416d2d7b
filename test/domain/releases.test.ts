import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidatesFrom, rolledBackAt, type SideHistory } from '../../lib/domain/releases.ts';
import { at, release, rollback, taskDefinition } from './worlds.ts';

const candidates = (ledger: Parameters<typeof candidatesFrom>[0]['ledger'], history: SideHistory[] = []) =>
  candidatesFrom({ service: 'checkout', ledger, rollbacks: [], history, bakeMinutes: 30, now: at('03:00:00') }).map(
    ({ release: { taskDefinition: arn, side }, standing }) => `${side} ${arn.split('/').at(-1)} ${standing}`,
  );

const revision = (number: number) => ({
  serviceRevisionArn: `revision:${number}`,
  taskDefinition: taskDefinition(number),
  images: [{ container: 'app', image: `shop/checkout:v${number}`, digest: `sha256:${number}` }],
  createdAt: at('00:00:00'),
});

const past = (status: string, createdAt: string, target: number, returnedTo?: number) => ({
  serviceDeploymentArn: `deployment:${createdAt}`,
  status,
  createdAt,
  targetRevision: `revision:${target}`,
  ...(returnedTo !== undefined && { rollbackRevision: `revision:${returnedTo}` }),
});

describe('the ledger', () => {
  test('gives one candidate per task definition, newest first', () => {
    expect(candidates([release(40, at('00:00:00')), release(42, at('02:00:00')), release(41, at('01:00:00'))])).toEqual(
      ['main checkout:42 good', 'main checkout:41 good', 'main checkout:40 good'],
    );
  });

  test.each([
    ['good', 'good'],
    ['bad', 'bad'],
    ['assumed-good', 'assumed-good'],
  ] as const)('takes %s at its word', (status, standing) => {
    expect(candidates([release(41, at('01:00:00'), { status })])).toEqual([`main checkout:41 ${standing}`]);
  });

  test('counts an unverified release as good once it served for the bake', () => {
    const ledger = [
      release(41, at('01:00:00'), { status: 'unverified' }),
      release(42, at('01:30:00'), { status: 'unverified' }),
      release(43, at('01:59:59'), { status: 'unverified' }),
      release(44, at('02:59:00'), { status: 'unverified' }),
    ];
    expect(candidates(ledger)).toEqual([
      'main checkout:44 unproven',
      'main checkout:43 served',
      'main checkout:42 unproven',
      'main checkout:41 served',
    ]);
  });

  test('counts service only until a rollback took the release out', () => {
    const ledger = [release(41, at('01:00:00'), { status: 'unverified' }), release(40, at('00:00:00'))];
    const rollbacks = [rollback({ startedAt: at('01:05:00'), reverts: { main: taskDefinition(40) } })];
    const [newest] = candidatesFrom({
      service: 'checkout',
      ledger,
      rollbacks,
      history: [],
      bakeMinutes: 30,
      now: at('03:00:00'),
    });
    expect(newest).toMatchObject({ standing: 'unproven', evidence: 'rolled back after 5 minutes, without a verdict' });
  });

  test('forgets an old standing when the same was judged again', () => {
    const ledger = [release(41, at('01:00:00'), { status: 'bad' }), release(41, at('00:00:00'))];
    expect(candidates(ledger)).toEqual(['main checkout:41 bad']);
  });
});

describe('ECS’s history', () => {
  const revisions = [revision(40), revision(41), revision(42)];

  test('gives what was deployed, and where a rolled-back deployment returned to', () => {
    const deployments = [
      past('IN_PROGRESS', at('02:30:00'), 42),
      past('ROLLBACK_SUCCESSFUL', at('02:00:00'), 42, 40),
      past('SUCCESSFUL', at('01:00:00'), 41),
      past('STOPPED', at('00:30:00'), 42),
    ];
    expect(candidates([], [{ side: 'main', deployments, revisions }])).toEqual([
      'main checkout:40 deployed',
      'main checkout:41 deployed',
    ]);
  });

  test('speaks for an assumed or unproven release, never for a bad one, and never against a good one', () => {
    const deployments = [40, 41, 42].map((number) => past('SUCCESSFUL', at(`01:0${number - 40}:00`), number));
    const ledger = [
      release(42, at('02:50:00'), { status: 'unverified' }),
      release(41, at('02:00:00'), { status: 'bad' }),
      release(40, at('01:00:00'), { status: 'good' }),
    ];
    expect(candidates(ledger, [{ side: 'main', deployments, revisions }])).toEqual([
      'main checkout:42 deployed',
      'main checkout:41 bad',
      'main checkout:40 good',
    ]);
  });

  test.each([
    ['that the ledger knows', [release(42, at('02:00:00'), { status: 'unverified' })]],
    ['that the ledger missed', []],
  ] as const)('does not speak for a release %s and a rollback took out', (_which, ledger) => {
    const seen = candidatesFrom({
      service: 'checkout',
      ledger: [...ledger, release(41, at('00:30:00'))],
      rollbacks: [
        rollback({ startedAt: at('02:05:00'), reverts: { main: taskDefinition(41) }, outcome: 'needs-attention' }),
      ],
      history: [
        {
          side: 'main',
          deployments: [past('SUCCESSFUL', at('02:05:01'), 41), past('SUCCESSFUL', at('02:00:00'), 42)],
          revisions,
        },
      ],
      bakeMinutes: 30,
      now: at('02:20:00'),
    });
    const bad = seen.find(({ release: { taskDefinition: arn } }) => arn === taskDefinition(42));
    expect(bad).toMatchObject({ standing: 'unproven', evidence: expect.stringMatching(/rolled back|took it out/) });
  });

  test('says nothing about revisions that ECS no longer describes', () => {
    const deployments = [past('SUCCESSFUL', at('01:00:00'), 39)];
    expect(candidates([], [{ side: 'main', deployments, revisions }])).toEqual([]);
  });
});

test('a release once marked bad is bad, whatever ECS remembers', () => {
  const status = fc.constantFrom('unverified', 'assumed-good', 'good', 'bad') as fc.Arbitrary<'bad'>;
  const drawnRecords = fc.array(
    fc.record({ number: fc.integer({ min: 40, max: 42 }), minute: fc.integer({ min: 0, max: 59 }), status }),
  );
  fc.assert(
    fc.property(drawnRecords, fc.boolean(), (drawn, withHistory) => {
      const ledger = drawn.map(({ number, minute, status: drawnStatus }) =>
        release(number, at(`01:${String(minute).padStart(2, '0')}:00`), { status: drawnStatus }),
      );
      const deployments = [40, 41, 42].map((number) => past('SUCCESSFUL', at(`00:0${number - 40}:00`), number));
      const history = withHistory ? [{ side: 'main', deployments, revisions: [40, 41, 42].map(revision) }] : [];
      const seen = candidatesFrom({
        service: 'checkout',
        ledger,
        rollbacks: [],
        history,
        bakeMinutes: 30,
        now: at('03:00:00'),
      });
      for (const { release: found, standing } of seen) {
        const records = ledger.filter((record) => record.taskDefinition === found.taskDefinition);
        const newest = records
          .map((record) => record.deployedAt)
          .sort()
          .at(-1);
        const last = records.filter((record) => record.deployedAt === newest);
        if (last.length > 0 && last.every((record) => record.status === 'bad')) expect(standing).toBe('bad');
      }
      expect(new Set(seen.map((candidate) => candidate.release.taskDefinition)).size).toBe(seen.length);
    }),
  );
});

describe('one definition whose tag moves', () => {
  const ran = (letter: string) => [{ container: 'app', image: 'checkout:live', digest: `sha256:${letter}` }];
  const sound = release(41, at('00:00:00'), { images: ran('a') });
  const bad = release(41, at('02:00:00'), { images: ran('b'), status: 'bad' });

  test('is a release for each image, and a bad one leaves the others good', () => {
    expect(candidates([sound, bad])).toEqual(['main checkout:41 bad', 'main checkout:41 good']);
  });

  test('is one release where a digest is not known: then the newest record counts', () => {
    expect(candidates([release(41, at('00:00:00')), bad])).toEqual(['main checkout:41 bad']);
  });

  test('ECS’s memory of an image counts for that release only', () => {
    const deployments = [past('SUCCESSFUL', at('02:00:00'), 41)];
    const history = [{ side: 'main', deployments, revisions: [{ ...revision(41), images: ran('b') }] }];
    expect(candidates([{ ...sound, status: 'unverified' }, bad], history as SideHistory[])).toContain(
      'main checkout:41 bad',
    );
  });

  test('a copy of the older image took the newer out, and not the older', () => {
    const record = rollback({
      startedAt: at('02:30:00'),
      reverts: { main: taskDefinition(43) },
      copies: { main: { taskDefinition: taskDefinition(41), images: ran('a') } },
    });
    expect(rolledBackAt({ ...bad, status: 'unverified' }, [record])).toBe(at('02:30:00'));
    expect(rolledBackAt(sound, [record])).toBeUndefined();
    expect(rolledBackAt(release(40, at('00:00:00')), [record])).toBe(at('02:30:00'));
  });
});
