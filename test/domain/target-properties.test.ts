/**
 * Every combination of what the ledger has, what became of the definition, where its tag points and what the registry
 * still has: what is gone back to is never guessed, never an INACTIVE definition, and never an image that is gone.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TaskDefinitionView } from '../../lib/domain/ecs.ts';
import { type Found, judgeImage, recordedImages } from '../../lib/domain/images.ts';
import type { Action, Plan, Release, RevertServiceAction } from '../../lib/domain/model.ts';
import { decidePlan } from '../../lib/domain/plan.ts';
import type { PlanFacts } from '../../lib/domain/plan-facts.ts';
import { candidatesFrom } from '../../lib/domain/releases.ts';
import { pinnedAgainst, settleOn, whyNotStartable } from '../../lib/domain/startable.ts';
import { chooseTarget, furtherTargets } from '../../lib/domain/target.ts';
import { copyFor } from '../../lib/domain/task-definition-copy.ts';
import { policy } from '../policy.ts';
import { at, configuration, definition, deployment, planFacts, release, sideFacts, taskDefinition } from './worlds.ts';

const repository = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/checkout';
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

const situations = {
  status: ['good', 'assumed-good', 'bad', 'served', 'unproven'],
  definition: ['ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS', 'recorded', 'unknown'],
  tag: ['same', 'moved', 'gone', 'pinned', 'other registry', 'unreadable'],
  image: ['ACTIVE', 'ARCHIVED', 'ACTIVATING', 'gone'],
  recorded: [true, false],
  /** The suspect runs the same definition, with another image. */
  sameDefinition: [false, true],
} as const;
type Situation = { [K in keyof typeof situations]: (typeof situations)[K][number] };

/** What becomes of one release, as the adapters would tell. */
interface World {
  readonly release: Release;
  readonly definition: TaskDefinitionView | undefined;
  readonly now: Found | undefined;
  readonly kept: Found;
  readonly situation: Situation;
}

function world(revision: number, situation: Situation): World {
  const ran = digest('a');
  const minute = String(revision).padStart(2, '0');
  const image =
    situation.tag === 'other registry'
      ? 'ghcr.io/checkout:v1'
      : `${repository}${situation.tag === 'pinned' ? `@${ran}` : ':v1'}`;
  const kept: Found =
    situation.image === 'gone'
      ? { kind: 'gone', why: 'Gone.' }
      : { kind: 'image', digest: ran, status: situation.image };
  const now: Record<Situation['tag'], Found | undefined> = {
    same: kept,
    pinned: kept,
    moved: { kind: 'image', digest: digest('b'), status: 'ACTIVE' },
    gone: { kind: 'gone', why: 'No such tag.' },
    unreadable: { kind: 'unknown', why: 'No answer.' },
    'other registry': undefined,
  };
  const pinnedTo = situation.tag === 'pinned' ? { digest: ran } : {};
  const status = situation.definition === 'recorded' ? 'DELETED' : situation.definition;
  const ledgerStatus =
    situation.status === 'served' || situation.status === 'unproven' ? 'unverified' : situation.status;
  return {
    situation,
    kept,
    now: now[situation.tag],
    release: release(revision, at(`${situation.status === 'unproven' ? '02' : '01'}:${minute}:00`), {
      images: [{ container: 'app', image, ...(situation.recorded ? { digest: ran } : {}) }],
      status: ledgerStatus,
    }),
    definition:
      situation.definition === 'unknown'
        ? undefined
        : definition(revision, {
            status,
            images: [{ container: 'app', image, ...pinnedTo }],
            document: { cpu: '256', containerDefinitions: [{ name: 'app', image }] },
          }),
  };
}

/** As readTarget puts it together. */
function planOf(worlds: readonly World[], furtherBack: boolean): { plan: Plan; chosen: World | undefined } {
  const sameDefinition = worlds.find(({ situation }) => situation.sameDefinition);
  const current = sameDefinition ? Number(sameDefinition.release.taskDefinition.split(':').at(-1)) : 42;
  const running = [{ container: 'app', image: `${repository}:v1`, digest: digest('c') }];
  const suspect = {
    side: 'main',
    taskDefinition: taskDefinition(current),
    version: 'v1',
    begunAt: at('02:58:00'),
    images: running,
  };
  const inService = release(current, at('02:58:00'), { status: 'unverified', images: running });
  const candidates = candidatesFrom({
    service: 'checkout',
    ledger: [inService, ...worlds.map((one) => one.release)],
    rollbacks: [],
    history: [],
    bakeMinutes: 30,
    now: at('03:00:00'),
  });
  const choice = chooseTarget({ service: 'checkout', version: 'previous', suspect, candidates });
  const choices = [choice, ...(furtherBack ? furtherTargets({ version: 'previous', suspect, candidates }) : [])];
  const looked = choices.flatMap((one) => {
    if (one.kind === 'none') return [];
    const found = worlds.find(
      (each) =>
        each.release.taskDefinition === one.release.taskDefinition &&
        each.release.deployedAt === one.release.deployedAt,
    );
    if (!found) throw new Error('Only what the ledger knows may be chosen.');
    const images = recordedImages(found.definition?.images ?? [], one.release.images).map((image) =>
      judgeImage({ ...image, ...(found.now && { now: found.now }), kept: found.kept }),
    );
    const verdicts = pinnedAgainst(one.release, images, [{ taskDefinition: suspect.taskDefinition, images: running }]);
    const problem = whyNotStartable(one.release, found.definition, verdicts);
    return [{ choice: one, found, verdicts, ...(problem !== undefined && { problem }) }];
  });
  const { chosen, over } = settleOn(looked);
  const copy =
    chosen?.found.definition && copyFor(chosen.found.definition, chosen.verdicts, { version: 'v1', rollbackId: 'r' });
  const base = planFacts({
    configuration: configuration({ policy: { ...policy, furtherBack } }),
    sides: [
      sideFacts('main', deployment(current, at('02:58:00')), {
        images: running,
        definition: definition(current, { document: { cpu: '512' } }),
      }),
    ],
    suspect,
    choice: chosen?.choice ?? choice,
    needs: [],
    passedOver: over.map(({ choice: { release: passed }, problem = '' }) => ({ release: passed, why: problem })),
  });
  const { targetDefinition: _none, ...rest } = base;
  const facts: PlanFacts = {
    ...rest,
    ...(chosen?.found.definition && { targetDefinition: chosen.found.definition, images: chosen.verdicts }),
    ...(copy && {
      copy: { of: chosen.choice.release.taskDefinition, key: 'k', sha256: 's', images: copy.images, why: copy.why },
    }),
  };
  return { plan: decidePlan(facts), chosen: chosen?.found };
}

const reverts = (actions: readonly Action[]): RevertServiceAction[] =>
  actions.filter((action): action is RevertServiceAction => action.type === 'RevertService');

function holds(worlds: readonly World[], furtherBack: boolean): void {
  const { plan, chosen } = planOf(worlds, furtherBack);
  const eligible = worlds.filter(({ situation }) => ['good', 'assumed-good', 'served'].includes(situation.status));
  expect(plan.outcome === 'blocked' || plan.outcome === null).toBe(true);
  if (plan.outcome === 'blocked') {
    expect(plan.reason.length).toBeGreaterThan(10);
    // One good release that can be started is enough.
    if (worlds.length === 1 && eligible.length === 1) {
      const { situation } = eligible[0] as World;
      const blind = situation.tag === 'unreadable' || situation.tag === 'other registry';
      expect(
        situation.definition === 'unknown' ||
          (situation.image !== 'ACTIVE' && !blind) ||
          (situation.tag === 'gone' && !situation.recorded),
      ).toBe(true);
    }
    return;
  }
  expect(eligible).toContain(chosen);
  const [revert, ...more] = reverts(plan.actions);
  if (!revert || !chosen) throw new Error('It is reverted, once.');
  expect(more).toEqual([]);
  const { situation } = chosen;
  if ('register' in revert.forward) {
    expect(revert.forward.register.of).toBe(chosen.release.taskDefinition);
    expect(revert.forward.register.why.length).toBeGreaterThan(10);
    for (const pin of Object.values(revert.forward.register.images))
      expect(pin).toMatch(new RegExp(`@${digest('a')}$`));
  } else {
    // S5: only an ACTIVE definition, never the one that the service is on with another image.
    expect(revert.forward.taskDefinition).toBe(chosen.release.taskDefinition);
    expect(situation.definition).toBe('ACTIVE');
    expect(revert.forward.taskDefinition).not.toBe(revert.reverse.taskDefinition);
    if (situation.recorded) expect(['moved', 'gone']).not.toContain(situation.tag);
  }
  // S5: whose images exist, as far as any registry told.
  const told = situation.tag !== 'unreadable' && situation.tag !== 'other registry';
  if (told && (situation.recorded || situation.tag !== 'moved')) expect(situation.image).toBe('ACTIVE');
}

const keys = Object.keys(situations) as (keyof Situation)[];
const all = keys.reduce<Partial<Situation>[]>(
  (found, key) => found.flatMap((one) => situations[key].map((value) => ({ ...one, [key]: value }))),
  [{}],
) as Situation[];

describe('one release to go back to', () => {
  test.each(situations.status)('that is %s, in every situation', (status) => {
    const cases = all.filter(
      (situation) => situation.status === status && (situation.recorded || !situation.sameDefinition),
    );
    expect(cases.length).toBeGreaterThan(300);
    for (const situation of cases) for (const furtherBack of [false, true]) holds([world(41, situation)], furtherBack);
  });
});

const drawn = fc.record(
  Object.fromEntries(keys.map((key) => [key, fc.constantFrom(...situations[key])])) as unknown as {
    [K in keyof Situation]: fc.Arbitrary<Situation[K]>;
  },
);

test('several, whatever became of each', () => {
  fc.assert(
    fc.property(fc.array(drawn, { minLength: 0, maxLength: 7 }), fc.boolean(), (list, furtherBack) => {
      const worlds = list.map((situation, index) => world(30 + index, { ...situation, sameDefinition: false }));
      holds(worlds, furtherBack);
      const { plan, chosen } = planOf(worlds, furtherBack);
      if (!furtherBack || !chosen || plan.outcome !== null) return;
      // Every newer one of the same standing was passed over for a reason.
      const target = plan.checks.find(({ name }) => name === 'target');
      const over = target?.evidence.match(/Passed over/g)?.length ?? 0;
      expect(target?.status).toBe(over > 0 ? 'warning' : 'ok');
    }),
    { numRuns: 500 },
  );
});

test('without furtherBack the newest good one decides, startable or not', () => {
  const broken: Situation = {
    status: 'good',
    definition: 'ACTIVE',
    tag: 'same',
    image: 'ARCHIVED',
    recorded: true,
    sameDefinition: false,
  };
  const worlds = [world(40, { ...broken, image: 'ACTIVE' }), world(41, broken)];
  expect(planOf(worlds, false).plan).toMatchObject({
    outcome: 'blocked',
    target: { taskDefinition: taskDefinition(41) },
  });
  const { plan } = planOf(worlds, true);
  expect(plan).toMatchObject({ outcome: null, target: { taskDefinition: taskDefinition(40) } });
  expect(plan.checks.find(({ name }) => name === 'target')?.evidence).toMatch(
    /Passed over: v41 \(checkout:41\)\. app runs .*ARCHIVED/,
  );
});
