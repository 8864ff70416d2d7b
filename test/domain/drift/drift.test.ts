import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copiesIn, type DriftFacts, driftOf, runningOn } from '../../../lib/domain/drift/drift.ts';
import { describeNotice, driftBegins, driftEnd, driftEnds, driftNotice } from '../../../lib/domain/drift/notice.ts';
import { pinsFor } from '../../../lib/domain/drift/pins.ts';
import type { Action, Manager, Plan, RuleWeights } from '../../../lib/domain/model.ts';
import type { Debt } from '../../../lib/domain/owed.ts';
import type { Standing } from '../../../lib/domain/standing.ts';
import {
  at,
  configuration,
  context,
  deployment,
  release,
  rule,
  service,
  side,
  sideState,
  targetGroup,
  taskDefinition,
} from './world.ts';

const serviceArn = service(deployment(41, at('03:01:00'))).serviceArn;
const cloudformation: Manager = {
  resource: serviceArn,
  by: 'cloudformation',
  stack: 'shop',
  logicalId: 'Checkout',
  evidence: 'Tagged.',
};

const revert: Action = {
  id: '1',
  type: 'RevertService',
  by: 'update-service',
  side: 'main',
  description: '',
  reason: '',
  forward: { taskDefinition: taskDefinition(41) },
  reverse: { taskDefinition: taskDefinition(42) },
};
const images = [
  {
    container: 'app',
    image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/checkout:v41',
    digest: `sha256:${'a'.repeat(64)}`,
  },
];

const plan = (actions: readonly Action[], more: Partial<Plan> = {}): Plan => ({
  rollbackId: context().rollbackId,
  service: 'checkout',
  environment: 'production',
  createdAt: at('03:00:03'),
  current: [],
  target: release(41, at('01:00:00'), { images }),
  suspect: release(42, at('02:58:00')),
  targetReason: '',
  strategy: 'rolling',
  strategyReason: '',
  checks: [],
  actions,
  timeoutSeconds: 300,
  timeoutReason: '',
  outcome: null,
  reason: '',
  ...more,
});

const one = (revision: number, more: object = {}): Standing => ({
  sides: [{ side: side('main'), service: service(deployment(revision, at('03:01:00')), more) }],
  rules: [],
});

const facts = (more: Partial<DriftFacts> = {}): DriftFacts => ({
  plan: plan([revert], { managers: [cloudformation] }),
  checkpoint: { sides: [sideState('main', 42)], rules: [] },
  standing: one(41),
  copies: {},
  debts: [],
  ...more,
});

describe('a service that was put back', () => {
  test('differs from what declares the bad release', () => {
    expect(driftOf(facts())).toEqual([
      expect.objectContaining({
        kind: 'task definition',
        resource: serviceArn,
        side: 'main',
        declared: 'checkout:42 (v42)',
        now: 'checkout:41 (v41)',
        running: taskDefinition(41),
        manager: cloudformation,
      }),
    ]);
  });

  test('does not, where it is on what was there before: undone, or never changed', () => {
    expect(driftOf(facts({ standing: one(42) }))).toEqual([]);
  });

  test('does not, where somebody has deployed something else since: that is theirs', () => {
    expect(driftOf(facts({ standing: one(43) }))).toEqual([]);
  });

  test('does not, where ECS no longer knows it', () => {
    expect(driftOf(facts({ standing: { sides: [{ side: side('main') }], rules: [] } }))).toEqual([]);
  });

  test('on a copy: nobody else knows that revision', () => {
    const copy = { of: taskDefinition(41), key: 'k', sha256: '00', images: {}, why: 'The tag moved.' };
    const action = { ...revert, forward: { register: copy } } as Action;
    const found = driftOf(facts({ plan: plan([action]), standing: one(44), copies: { main: taskDefinition(44) } }));
    expect(found.map(({ kind }) => kind)).toEqual(['task definition', 'copy']);
    expect(found[1]).toMatchObject({ resource: taskDefinition(44), now: 'checkout:44, a copy of checkout:41' });
    // Never registered: then nothing can be on it.
    expect(driftOf(facts({ plan: plan([action]), standing: one(44) }))).toEqual([]);
  });

  test('the copies stand on the timeline', () => {
    const entry = { time: '', service: '', rollbackId: '', message: '' };
    const data = { side: 'main', taskDefinition: taskDefinition(44), copyOf: taskDefinition(41) };
    expect(
      copiesIn([
        { ...entry, kind: 'definition.registered', data },
        { ...entry, kind: 'check.done', data },
      ]),
    ).toEqual({
      main: taskDefinition(44),
    });
  });
});

const groups = { blue: targetGroup('blue'), green: targetGroup('green') };
const weights = (blue: number, green: number, sticky = false): RuleWeights => ({
  rule,
  weights: { [groups.blue]: blue, [groups.green]: green },
  stickiness: sticky ? { enabled: true, durationSeconds: 600 } : { enabled: false },
});
const shift: Action = {
  id: '1',
  type: 'ShiftTraffic',
  toSide: 'blue',
  description: '',
  reason: '',
  forward: [weights(100, 0)],
  reverse: [weights(0, 100, true)],
};
const two = (live: RuleWeights, more: Partial<DriftFacts> = {}): DriftFacts => ({
  plan: plan([shift]),
  checkpoint: { sides: [], rules: [weights(0, 100, true)] },
  standing: { sides: [], rules: [live] },
  copies: {},
  debts: [],
  ...more,
});
const debt = { kind: 'stickiness', resource: rule, dueAt: at('03:20:00') } as Debt;

describe('traffic that was moved', () => {
  test('differs in its weights for good, and in its stickiness until the cookies have expired', () => {
    const [moved, sticky] = driftOf(two(weights(100, 0), { debts: [debt] }));
    expect(moved).toMatchObject({ kind: 'weights', resource: rule });
    expect(moved).not.toHaveProperty('endsAt');
    expect(sticky).toMatchObject({ kind: 'stickiness', endsAt: at('03:20:00') });
  });

  test('differs in the middle of its steps as well', () => {
    const steps = { ...shift, forward: [weights(50, 50)] } as Action;
    expect(driftOf(two(weights(50, 50), { plan: plan([steps, shift]) })).map(({ kind }) => kind)).toContain('weights');
  });

  test('does not where it is back, or where somebody set other weights', () => {
    expect(driftOf(two(weights(0, 100, true)))).toEqual([]);
    expect(driftOf(two(weights(10, 90)))).toEqual([]);
  });

  test('of a rule that is gone is nothing to compare', () => {
    expect(driftOf(two(weights(100, 0), { standing: { sides: [], rules: [] } }))).toEqual([]);
  });
});

test('a side that was scaled in, and scaling that still rests', () => {
  const scaleIn: Action = {
    id: '2',
    type: 'ScaleIn',
    side: 'main',
    description: '',
    reason: '',
    forward: { desiredCount: 0 },
    reverse: { desiredCount: 4 },
  };
  const resting = { kind: 'scaling', resource: 'service/shop/checkout' } as Debt;
  const found = driftOf(facts({ plan: plan([scaleIn]), standing: one(42, { desiredCount: 0 }), debts: [resting] }));
  expect(found.map(({ kind, declared, now }) => [kind, declared, now])).toEqual([
    ['desired count', '4 tasks', '0 tasks'],
    ['scaling', 'scaling as before the rollback', 'scaling in and scheduled actions are suspended'],
  ]);
  // Started again by somebody: theirs.
  expect(driftOf(facts({ plan: plan([scaleIn]), standing: one(42, { desiredCount: 2 }) }))).toEqual([]);
});

describe('the changes that keep it', () => {
  const pins = (given: DriftFacts, kind: string) => {
    const drift = driftOf(given).find((candidate) => candidate.kind === kind);
    if (!drift) throw new Error(`There is no drift of ${kind}.`);
    const { standing } = given;
    return pinsFor(drift, {
      plan: given.plan,
      configuration: configuration({
        sides: [
          side('main'),
          { ...side('blue'), targetGroup: groups.blue },
          { ...side('green'), targetGroup: groups.green },
        ],
      }),
      rules: standing.rules,
      running: (name) => runningOn(standing, name),
    });
  };
  const code = (given: DriftFacts, kind = 'task definition') =>
    Object.fromEntries(pins(given, kind).map((pin) => [pin.tool, pin]));

  test('name the image by its digest, and the revision', () => {
    const { CDK, CloudFormation } = code(facts());
    expect(CDK?.code).toContain(
      `ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(this, 'Pinned-app', 'checkout'), 'sha256:${'a'.repeat(64)}')`,
    );
    expect(CDK?.code).toContain('taskDefinitionRevision: ecs.TaskDefinitionRevision.of(41),');
    expect(CloudFormation?.words).toContain('Checkout (AWS::ECS::Service) in stack shop');
    expect(CloudFormation?.code).toContain(
      `Checkout:\n  Type: AWS::ECS::Service\n  Properties:\n    TaskDefinition: ${taskDefinition(41)}`,
    );
  });

  test('are of the tool that the tags name, and of each where none does', () => {
    expect(Object.keys(code(facts()))).toEqual(['CDK', 'CloudFormation']);
    const terraform: Manager = { resource: serviceArn, by: 'terraform', evidence: '' };
    expect(Object.keys(code(facts({ plan: plan([revert], { managers: [terraform] }) })))).toEqual(['Terraform']);
    expect(Object.keys(code(facts({ plan: plan([revert]) })))).toEqual(['CDK', 'CloudFormation', 'Terraform']);
  });

  test('say that ignore_changes silences every later release', () => {
    const { Terraform } = code(facts({ plan: plan([revert]) }));
    expect(Terraform?.code).toContain('task_definition = "checkout:41"');
    expect(Terraform?.code).toContain('ignore_changes = [task_definition]');
    expect(Terraform?.words).toMatch(/stopgap.*every later release/);
  });

  test('an image elsewhere, and one without a digest', () => {
    const target = (image: string) =>
      plan([revert], { target: release(41, at('01:00:00'), { images: [{ container: 'app', image }] }) });
    expect(code(facts({ plan: target('registry.example.com/shop:v41') })).CDK?.code).toContain(
      "ecs.ContainerImage.fromRegistry('registry.example.com/shop:v41')",
    );
    expect(
      code(facts({ plan: target('999988887777.dkr.ecr.us-east-1.amazonaws.com/base/app:v41') })).CDK?.code,
    ).toContain(
      "fromRepositoryArn(this, 'Pinned-app', 'arn:aws:ecr:us-east-1:999988887777:repository/base/app'), 'v41')",
    );
  });

  test('CodeDeploy takes the newest revision of the family, so none is offered', () => {
    const { CDK } = code(facts({ standing: one(41, { controller: 'CODE_DEPLOY' }) }));
    expect(CDK?.code).not.toContain('TaskDefinitionRevision.of');
  });

  test('set the weights, those of a listener on its default action', () => {
    const { CDK, CloudFormation, Terraform } = code(two(weights(100, 0)), 'weights');
    expect(CDK?.code).toContain('{ targetGroup: blue, weight: 100 }');
    expect(CloudFormation?.code).toContain(`- TargetGroupArn: ${groups.green}\n              Weight: 0`);
    expect(Terraform?.code).toContain(`arn    = "${groups.blue}"\n      weight = 100`);
    const listener = rule.replace(':listener-rule/', ':listener/');
    const onListener = (given: RuleWeights): RuleWeights => ({ ...given, rule: listener });
    const moved = two(onListener(weights(100, 0)), {
      plan: plan([{ ...shift, forward: [onListener(weights(100, 0))] } as Action]),
      checkpoint: { sides: [], rules: [onListener(weights(0, 100))] },
    });
    expect(code(moved, 'weights').CloudFormation?.code).toContain('DefaultActions:');
  });

  test('there are none for what ends by itself', () => {
    expect(pins(two(weights(100, 0), { debts: [debt] }), 'stickiness')).toEqual([]);
  });
});

describe('what a pipeline is told', () => {
  const notice = (given: DriftFacts) =>
    driftNotice(driftOf(given), { context: context(), plan: given.plan, now: at('03:40:00') });

  test('is which side is held on what, until a later release', () => {
    const told = notice(facts());
    expect(told).toEqual({
      service: 'checkout',
      environment: 'production',
      rollbackId: context().rollbackId,
      pinned: [{ side: 'main', from: taskDefinition(42), to: taskDefinition(41) }],
      kinds: ['task definition'],
      since: at('03:40:00'),
      until: null,
    });
    expect(told && describeNotice(told)).toBe(
      'Infrastructure as code disagrees with checkout until a later release: side main is on checkout:41, and checkout:42 is ' +
        'declared in all likelihood.',
    );
  });

  test('is the side that the traffic moved to, where only that was moved', () => {
    expect(notice(two(weights(100, 0)))?.pinned).toEqual([
      { side: 'blue', from: taskDefinition(42), to: taskDefinition(41) },
    ]);
  });

  test('has an end where all of it ends by itself', () => {
    const back = two({ ...weights(0, 100), rule }, { debts: [debt] });
    const given = { ...back, plan: plan([{ ...shift, forward: [weights(0, 100)] } as Action]) };
    expect(notice(given)).toMatchObject({ kinds: ['stickiness'], until: at('03:20:00'), pinned: [] });
  });

  test('is nothing where nothing differs', () => {
    expect(notice(facts({ standing: one(42) }))).toBeUndefined();
  });

  const ends = (revision: number, deployedAt: string, name = 'main') => {
    const told = notice(facts());
    if (!told) throw new Error('There is drift.');
    const completed = { side: name, version: `v${revision}`, taskDefinition: taskDefinition(revision), deployedAt };
    return driftEnd(told, completed, at('04:00:00'));
  };

  test('ends with a later release, of whichever side', () => {
    expect(ends(43, at('03:50:00'))).toMatchObject({
      by: { version: 'v43' },
      rolledBackIsBack: false,
      endedAt: at('04:00:00'),
    });
    expect(ends(43, at('03:50:00'), 'green')).toBeDefined();
  });

  test('says so where the release that was rolled back is in service again', () => {
    expect(ends(42, at('03:50:00'))).toMatchObject({ rolledBackIsBack: true });
  });

  test('does not end with an earlier deployment, nor with the same again', () => {
    expect(ends(43, at('03:39:00'))).toBeUndefined();
    expect(ends(41, at('03:50:00'))).toBeUndefined();
  });
});

test('docs/drift.md shows the event as it is', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/drift.md'), 'utf8');
  const [, example = '{}'] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  const shown = JSON.parse(example);
  const given = facts();
  const told = driftNotice(driftOf(given), { context: context(), plan: given.plan, now: at('03:40:00') });
  expect(shown['detail-type']).toBe(driftBegins);
  expect(Object.keys(shown.detail)).toEqual(Object.keys(told ?? {}));
  expect(Object.keys(shown.detail.pinned[0])).toEqual(Object.keys(told?.pinned[0] ?? {}));
  expect(text).toContain(driftEnds);
});
