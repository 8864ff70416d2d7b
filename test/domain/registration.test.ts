import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordDeployment } from '../../lib/domain/deployment-event.ts';
import type { Release } from '../../lib/domain/model.ts';
import {
  isRegistration,
  mergeRegistrations,
  neverRecorded,
  type Registration,
  readLedger,
  registrationKey,
  releaseKey,
  type StoredRelease,
  type ToldFacts,
} from '../../lib/domain/registration.ts';
import { candidatesFrom } from '../../lib/domain/releases.ts';
import { chooseTarget } from '../../lib/domain/target.ts';
import { at, definition, deployment, release, rollback, taskDefinition } from './worlds.ts';

const told = (facts: ToldFacts, more: Partial<Registration> = {}): Registration => ({
  side: 'main',
  taskDefinition: taskDefinition(42),
  registeredAt: at('02:50:00'),
  by: 'arn:aws:sts::111122223333:assumed-role/pipeline/7',
  ...facts,
  ...more,
});

describe('what lies in the table as a registration', () => {
  const whole = told(
    {
      version: '2.14.4',
      commit: '1a2b3c4d',
      schemaVersion: '42',
      migrations: [{ name: '0042', kind: 'additive' }],
      configuration: [{ name: '/shop/url', versionId: '7' }],
    },
    { deploymentId: 'ecs-svc/1' },
  );

  test('as the command writes it, is one', () => {
    expect(isRegistration(whole)).toBe(true);
    expect(isRegistration(told({ migrations: [] }))).toBe(true);
  });

  test.each<[string, unknown]>([
    ['side', undefined],
    ['taskDefinition', 'checkout:42'],
    ['registeredAt', 7],
    ['by', ''],
    ['version', '\u001b[2J'],
    ['commit', 'main'],
    ['schemaVersion', 'a\nb'],
    ['migrations', 'none'],
    ['migrations', [{ name: '0042', kind: 'harmless' }]],
    ['configuration', [{ name: '/shop/url' }]],
    ['deploymentId', 7],
  ])('written without it, with %s %j, is none', (name, value) => {
    expect(isRegistration({ ...whole, [name]: value })).toBe(false);
  });

  test.each([undefined, null, 'x', [], {}])('%j is none', (value) => {
    expect(isRegistration(value)).toBe(false);
  });
});

/** The table, as RecordRelease and the command write it. */
class Table {
  readonly releases = new Map<string, StoredRelease>();
  readonly registered = new Map<string, Registration>();

  register(registration: Registration): void {
    const key = registrationKey(registration);
    this.registered.set(key, mergeRegistrations(this.registered.get(key), registration));
  }

  completed(revision: number, createdAt: string): void {
    const facts = { deployment: deployment(revision, createdAt), definition: definition(revision), images: [] };
    const side = { service: 'checkout', side: 'main', releases: this.read(), rollbacks: [] };
    const decision = recordDeployment({ ...side, ...facts });
    if (decision.kind === 'ignore') return;
    const key = releaseKey(decision.release);
    if (!this.releases.has(key)) this.releases.set(key, decision.release);
  }

  read(): Release[] {
    return readLedger([...this.releases.values()], [...this.registered.values()]);
  }
}

test('every order of registering and deploying, with every step repeated, leaves the same ledger', () => {
  const steps: Readonly<Record<string, (table: Table) => void>> = {
    version: (table) => table.register(told({ version: '2.14.4', commit: '1a2b3c4d' })),
    migrations: (table) => table.register(told({ migrations: [{ name: '0042', kind: 'additive' }] })),
    configuration: (table) => table.register(told({ configuration: [{ name: '/shop/url', versionId: '7' }] })),
    another: (table) => table.register(told({ version: '2.14.5' }, { taskDefinition: taskDefinition(43) })),
    deployed: (table) => table.completed(42, at('02:55:00')),
  };
  const names = Object.keys(steps);
  const orders = fc.shuffledSubarray([...names, ...names, ...names], { minLength: 15, maxLength: 15 });
  fc.assert(
    fc.property(orders, (order) => {
      const table = new Table();
      for (const name of order) steps[name]?.(table);
      expect(table.read()).toMatchObject([
        {
          taskDefinition: taskDefinition(42),
          version: 'checkout:42',
          registeredVersion: '2.14.4',
          commit: '1a2b3c4d',
          migrations: [{ name: '0042', kind: 'additive' }],
          configuration: [{ name: '/shop/url', versionId: '7' }],
          status: 'unverified',
        },
      ]);
      expect(neverRecorded('checkout', table.read(), [...table.registered.values()])).toMatchObject([
        { taskDefinition: taskDefinition(43), registeredVersion: '2.14.5' },
      ]);
    }),
  );
});

describe('what was told', () => {
  test('later counts, member by member, and versions by name', () => {
    const before = told({ version: '1', commit: 'aaaaaaa', configuration: [{ name: '/shop/a', versionId: '1' }] });
    const later = told(
      {
        version: '2',
        configuration: [{ name: 'arn:aws:ssm:eu-west-1:111122223333:parameter/shop/a', versionId: '2' }],
      },
      { registeredAt: at('03:00:00') },
    );
    expect(mergeRegistrations(before, later)).toMatchObject({
      version: '2',
      commit: 'aaaaaaa',
      configuration: [{ versionId: '2' }],
      registeredAt: at('02:50:00'),
    });
  });

  test('of one deployment is not told of another of the same task definition, and goes before what all were told', () => {
    const first = release(42, at('01:00:00'), { deploymentId: 'ecs-svc/1' });
    const second = release(42, at('02:00:00'), { deploymentId: 'ecs-svc/2' });
    const registrations = [
      told({ commit: 'bbbbbbb' }, { deploymentId: 'ecs-svc/2' }),
      told({ commit: 'aaaaaaa', version: '2.14' }),
    ];
    expect(readLedger([second, first], registrations)).toMatchObject([
      { commit: 'bbbbbbb', registeredVersion: '2.14' },
      { commit: 'aaaaaaa', registeredVersion: '2.14' },
    ]);
  });

  test('of another side says nothing', () => {
    const [read] = readLedger([release(42, at('01:00:00'))], [told({ version: '2.14' }, { side: 'green' })]);
    expect(read).toEqual(release(42, at('01:00:00')));
  });

  test('keeps the version that two sides know the same code by', () => {
    const [read] = readLedger([release(42, at('01:00:00'))], [told({ version: '2.14.4' })]);
    expect(read).toMatchObject({ version: 'v42', registeredVersion: '2.14.4' });
  });
});

describe('a registered release is found by', () => {
  const facts = { rollbacks: [], history: [], bakeMinutes: 30, now: at('03:00:00') };
  const find = (version: string, registrations: Registration[]) => {
    const ledger = readLedger([release(43, at('02:00:00')), release(42, at('01:00:00'))], registrations);
    return chooseTarget({
      service: 'checkout',
      version,
      suspect: { side: 'main', taskDefinition: taskDefinition(43), version: 'v43', begunAt: at('02:00:00') },
      candidates: candidatesFrom({ service: 'checkout', ledger, registrations, ...facts }),
    });
  };
  const known = [told({ version: '2.14.4', commit: '1a2b3c4d5e6f' })];

  test.each(['2.14.4', 'v2.14.4', '1a2b3c4', 'v42'])('%s', (version) => {
    expect(find(version, known)).toMatchObject({ kind: 'found', release: { taskDefinition: taskDefinition(42) } });
  });

  test('its version although nobody has seen it in service, with a warning; "previous" does not choose it', () => {
    const alone = [told({ version: '2.14.2' }, { taskDefinition: taskDefinition(40), registeredAt: at('01:30:00') })];
    expect(find('2.14.2', alone)).toMatchObject({
      kind: 'found',
      standing: 'unproven',
      warning: '2.14.2 (checkout:40) never proved itself: registered, and not seen in service.',
    });
    expect(find('previous', alone)).toMatchObject({ release: { taskDefinition: taskDefinition(42) } });
  });
});

describe('a release that was rolled back is a target again only when a person says so', () => {
  const mark = (status: 'good' | 'bad', time: string) => ({
    marked: { status, by: 'arn:aws:sts::111122223333:assumed-role/oncall/ann', reason: 'a false alarm', at: at(time) },
  });
  const bad = (more: Partial<StoredRelease> = {}): StoredRelease => ({
    ...release(42, at('01:00:00'), { status: 'bad' }),
    statusAt: at('01:10:00'),
    ...more,
  });
  const served = (more: Partial<StoredRelease> = {}): StoredRelease => ({
    ...release(42, at('01:00:00'), { status: 'unverified' }),
    ...more,
  });
  const took = [rollback({ startedAt: at('01:10:00'), reverts: { main: taskDefinition(41) } })];

  test.each([
    ['rolled back, and verified to be the cure', bad(), took, 'bad', false],
    ['rolled back without a verdict', served(), took, 'unproven', false],
    ['not yet served for its bake', served({ deployedAt: at('01:55:00') }), [], 'unproven', false],
    ['served for its bake', served(), [], 'served', true],
    ['verified by a rollback', bad({ status: 'good' }), [], 'good', true],
    ['rolled back, and a person says that it is good', bad(mark('good', '01:20:00')), took, 'good', true],
    ['said to be good, and rolled back again since', bad(mark('good', '01:05:00')), took, 'bad', false],
    ['said to be good while the rollback was baking', bad(mark('good', '01:30:00')), took, 'good', true],
    ['said to be bad', served(mark('bad', '01:30:00')), [], 'bad', false],
    [
      'verified by a rollback, and said to be bad',
      bad({ status: 'good', ...mark('bad', '01:30:00') }),
      [],
      'bad',
      false,
    ],
  ] as const)('%s', (_story, stored, rollbacks, standing, target) => {
    const ledger = readLedger([release(43, at('02:00:00'), { status: 'unverified' }), stored], []);
    const facts = { service: 'checkout', ledger, rollbacks, history: [], bakeMinutes: 30, now: at('02:10:00') };
    const candidates = candidatesFrom(facts);
    const found = candidates.find((one) => one.release.taskDefinition === taskDefinition(42));
    expect(found?.standing).toBe(standing);
    const suspect = { side: 'main', taskDefinition: taskDefinition(43), version: 'v43', begunAt: at('02:00:00') };
    expect(chooseTarget({ service: 'checkout', version: 'previous', suspect, candidates }).kind).toBe(
      target ? 'found' : 'none',
    );
  });

  test('who said so, and why, is the evidence', () => {
    const [read] = readLedger([bad(mark('good', '01:20:00'))], []);
    const facts = { service: 'checkout', rollbacks: [], history: [], bakeMinutes: 30, now: at('02:10:00') };
    expect(candidatesFrom({ ...facts, ledger: read ? [read] : [] })[0]?.evidence).toBe(
      'ann said so at 2026-11-20T01:20:00.000Z: a false alarm',
    );
  });
});
