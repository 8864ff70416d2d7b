import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Fact, TimelineFact } from '../../bin/commands/story/facts.ts';
import { Narrator } from '../../bin/commands/story/narrator.ts';
import { coloured, plain } from '../../bin/commands/story/style.ts';
import { imageTag, span, wrap } from '../../bin/commands/story/text.ts';
import type { Plan } from '../../lib/domain/model.ts';

const at = (time: string): number => Date.parse(`2026-01-15T${time}Z`);

const plan: Plan = {
  rollbackId: 'rb-1',
  service: 'basket',
  environment: 'production',
  createdAt: '2026-01-15T10:09:04Z',
  current: [
    {
      side: 'main',
      taskDefinition: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/basket:8',
      version: '1.8',
      deploymentStartedAt: '2026-01-15T10:03:00Z',
      desiredCount: 2,
      runningCount: 2,
      healthyTargets: 2,
      controller: 'ECS',
      rolloutState: 'COMPLETED',
    },
  ],
  target: {
    service: 'basket',
    side: 'main',
    version: '1.7',
    taskDefinition: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/basket:7',
    images: [],
    deployedAt: '2026-01-01T10:00:00Z',
    status: 'good',
  },
  targetReason: 'The newest good release that is not the current one.',
  strategy: 'rolling',
  strategyReason: 'One side.',
  checks: [
    { name: 'Task definition', status: 'ok', evidence: 'basket:7 is ACTIVE.' },
    { name: 'Tasks', status: 'warning', evidence: '1 of 2 tasks is healthy.' },
    { name: 'Image', status: 'not checked', evidence: 'No access to the registry is built.' },
  ],
  actions: [
    {
      id: 'a',
      type: 'RevertService',
      by: 'update-service',
      description: 'Put main back',
      reason: '',
      side: 'main',
      forward: { taskDefinition: 'basket:7' },
      reverse: { taskDefinition: 'basket:8' },
    },
  ],
  timeoutSeconds: 300,
  timeoutReason: 'The default.',
  outcome: null,
  reason: 'Put main back.',
};

const story: Fact[] = [
  {
    kind: 'running',
    timeMs: at('10:00:00'),
    service: 'shop/basket',
    taskDefinition: 'basket:7',
    images: ['shop/basket:1.7'],
    desiredCount: 2,
    runningCount: 2,
  },
  {
    kind: 'deployment',
    timeMs: at('10:03:00'),
    service: 'shop/basket',
    taskDefinition: 'basket:8',
    before: 'basket:7',
    images: ['shop/basket:1.8'],
    desiredCount: 2,
    runningCount: 2,
  },
  { kind: 'minute', minuteMs: at('10:04:00'), timeMs: at('10:05:40'), requests: 1200, errors: 3, p95Ms: 141.2 },
  { kind: 'minute', minuteMs: at('10:05:00'), timeMs: at('10:06:40'), requests: 1180, errors: 590, p95Ms: 400 },
  { kind: 'minute', minuteMs: at('10:06:00'), timeMs: at('10:07:40'), requests: null, errors: null, p95Ms: null },
  {
    kind: 'alarm',
    timeMs: at('10:09:00'),
    name: 'backstep/production/basket/errors',
    state: 'ALARM',
    previous: 'OK',
    reason: 'Threshold Crossed: 3 datapoints were greater than the threshold (5.0).',
  },
  {
    kind: 'started',
    timeMs: at('10:09:01'),
    arn: 'arn',
    input: { trigger: { alarmName: 'backstep/production/basket/errors' } },
  },
  { kind: 'planned', timeMs: at('10:09:04'), plan },
  entry('10:09:05', 'action.applied', 'Side main goes from basket:8 to basket:7, 2 tasks.', {
    actionId: 'a',
    type: 'RevertService',
    by: 'update-service',
  }),
  entry('10:09:15', 'check.waiting', '0 of 2 tasks run.', { actionId: 'a' }),
  entry('10:10:45', 'check.done', '2 of 2 tasks run.', { actionId: 'a' }),
  {
    ...entry('10:13:00', 'verdict.healthy', 'Healthy, 1800 s of the bake to go: Probe: 200.', {
      bakeUntil: '2026-01-15T10:43:00Z',
    }),
    verdict: {
      result: 'healthy',
      reason: '',
      measurements: [
        { name: 'p', value: 200, unit: '', limit: 200, comparison: 'at most', ok: true, evidence: 'Probe: 200.' },
        { name: 'e', value: 9, unit: '%', limit: 1, comparison: 'at most', ok: false, evidence: 'Error rate 9 %.' },
        { name: 'd', value: null, unit: '', limit: 1, comparison: 'at most', ok: null, evidence: 'Data: none.' },
      ],
    },
  },
  {
    kind: 'ended',
    timeMs: at('10:43:11'),
    execution: {
      arn: 'arn',
      name: 'e1',
      startedAt: '2026-01-15T10:09:01.000Z',
      input: {},
      status: 'SUCCEEDED',
      output: { outcome: 'verified', reason: 'Healthy for 30 minutes.' },
      history: [],
    },
  },
];

describe('the story', () => {
  test('is told from the facts', () => {
    expect(tell(story)).toBe(
      `
10:00:00  shop/basket runs basket:7 (1.7), 2 of 2 tasks.
10:03:00  ECS: shop/basket goes from basket:7 to basket:8 (1.8).
        10:04-10:05    1,200 requests    0.3 % failed  ..........  p95   141 ms
        10:05-10:06    1,180 requests   50.0 % failed  ##########  p95   400 ms
        10:06-10:07  no requests
10:09:00  ALARM backstep/production/basket/errors: Threshold Crossed: 3
          datapoints were greater than the threshold (5.0).
10:09:01  The state machine is started by backstep/production/basket/errors,
          1.0s after its alarm.

Rollback Target:  1.7 (basket:7)
                  The newest good release that is not the current one.
Current Version:  1.8 (basket:8), 2 of 2 tasks
Strategy:         rolling. One side.
Time limit:       5m 00s. The default.

Pre-rollback checks:
  [OK] Task definition: basket:7 is ACTIVE.
  [WARN] Tasks: 1 of 2 tasks is healthy.
  [NOT CHECKED] Image: No access to the registry is built.

Executing rollback:
  [1/1] RevertService Side main goes from basket:8 to basket:7, 2 tasks.
        10:09:15  waiting, 10s: 0 of 2 tasks run.
        10:10:45  done after 1m 40s (really 0.2s): 2 of 2 tasks run.

Post-rollback validation:
  [OK] Probe: 200.
  [FAILED] Error rate 9 %.
  [NOT CHECKED] Data: none.

10:13:00  Healthy 3m 59s after the start, watched until 10:43:00.
10:43:11  Rollback to 1.7 verified after 34m 10s (really 0.6s). Healthy for 30
          minutes.
`.trim(),
    );
  });

  test('fits 80 columns, and is plain text without colours', () => {
    const text = tell(story);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect([...text].filter((char) => char < ' ' && char !== '\n')).toEqual([]);
  });

  test('says the same in colours', () => {
    const text = story.flatMap(teller(new Narrator(coloured))).join('\n');
    const bare = stripVTControlCharacters(text).replaceAll('█', '#').replaceAll('·', '.');
    expect(text).not.toBe(bare);
    expect(bare).toBe(tell(story));
  });

  test('shows a row every five minutes while nothing but the bake goes on', () => {
    const narrator = teller(new Narrator(plain));
    story.slice(0, -1).forEach(narrator);
    const minutes = Array.from({ length: 20 }, (_, index) => ({
      kind: 'minute' as const,
      minuteMs: at('10:13:00') + index * 60_000,
      timeMs: at('10:14:00') + index * 60_000,
      requests: 1200,
      errors: 0,
      p95Ms: 100,
    }));
    const rows = minutes.flatMap(narrator);
    expect(rows.map((row) => row.trim().slice(0, 5))).toEqual(['10:17', '10:22', '10:27', '10:32']);
  });
});

describe('a question', () => {
  const asked: Fact = {
    kind: 'asked',
    timeMs: at('10:09:05'),
    service: 'basket',
    because: 'auto_execute is false.',
    until: '2026-01-15T11:09:05Z',
  };
  const answer = {
    decision: 'approve',
    by: 'arn:aws:sts::111122223333:assumed-role/approvers/ann',
    proven: true,
    reason: 'go',
    answeredAt: '',
    planSha256: '',
  } as const;

  test('says why, until when, how to answer, and what silence means where that is known', () => {
    expect(tell([asked])).toBe(
      `
10:09:05  A person is asked, until 11:09:05. Nothing is changed meanwhile.
          Why: auto_execute is false.
          They answer with one of
            npx backstep approve basket --reason "..."
            npx backstep decline basket --reason "..."
`.trim(),
    );
    expect(tell([{ ...asked, silence: 'approve' }])).toContain('No answer means yes.');
    expect(tell([{ ...asked, whom: 'ann (ann@example.com)' }])).toContain('Asked: ann (ann@example.com).');
  });

  test.each<[string, Extract<Fact, { kind: 'answered' }>['answer'], string]>([
    ['signed', answer, 'ann says yes, 55s after the question: "go"\n          Signed by arn:aws:sts::'],
    ['said', { ...answer, decision: 'decline', by: 'Bob', proven: false }, 'Bob says no, 55s after the question: "go"'],
    ['unproven', { ...answer, by: 'Bob', proven: false }, 'nobody signed it.'],
    ['at a terminal', { ...answer, proven: false, at: 'terminal' }, 'Answered at the terminal that carries'],
    ['never', { decision: 'expired' }, 'Nobody has answered in 55s.'],
  ])('answered: %s', (_name, given, said) => {
    expect(tell([asked, { kind: 'answered', timeMs: at('10:10:00'), answer: given }])).toContain(said);
  });

  test('shows the actions that it is about, and calls them executed only once the first is', () => {
    const facts: Fact[] = [
      { kind: 'planned', timeMs: at('10:09:04'), plan: { ...plan, asksBecause: 'auto_execute is false.' } },
      asked,
    ];
    expect(tell(facts)).toContain('Actions, once a person has said yes:\n  [1/1] RevertService: Put main back');
    expect(tell(facts)).not.toContain('Executing rollback:');
    const after = entry('10:12:00', 'action.applied', 'Side main goes.', { actionId: 'a', type: 'RevertService' });
    expect(tell([...facts, after])).toContain('\n\nExecuting rollback:\n  [1/1] RevertService Side main goes.');
  });

  test('is put once: another alarm that plans the same says only how it ended', () => {
    const asks = { ...plan, asksBecause: 'auto_execute is false.' };
    const second: Fact[] = [
      entry('10:09:40', 'admitted', 'So.', { rollbackId: 'rb-2', reasons: ['So.'] }),
      { kind: 'planned', timeMs: at('10:09:41'), plan: { ...asks, rollbackId: 'rb-2' } },
      {
        kind: 'ended',
        timeMs: at('10:09:42'),
        execution: {
          arn: 'arn-2',
          name: 'e2',
          startedAt: '2026-01-15T10:09:39.000Z',
          input: {},
          status: 'SUCCEEDED',
          output: { rollbackId: 'rb-2', outcome: 'duplicate', reason: 'One question is enough.' },
          history: [],
        },
      },
    ];
    const told = tell([
      { kind: 'planned', timeMs: at('10:09:04'), plan: asks },
      asked,
      ...second,
      entry('10:12:00', 'action.applied', 'Side main goes.', { actionId: 'a', type: 'RevertService' }),
    ]);
    expect(told.split('Rollback Target:')).toHaveLength(2);
    expect(told).toContain('10:09:40  Admitted as rb-2.\n10:09:42  The execution ended duplicate');
    expect(told).toContain('  [1/1] RevertService Side main goes.');
  });
});

describe('a snapshot', () => {
  const snapshotted: Plan = {
    ...plan,
    actions: [
      {
        id: 's',
        type: 'StartSnapshot',
        description: 'Take snapshot x',
        reason: '',
        forward: { kind: 'cluster', source: 'orders', snapshot: 'x' },
        reverse: null,
        required: true,
        awaits: false,
      },
      ...plan.actions,
    ],
  };
  const taken: Fact[] = [
    { kind: 'planned', timeMs: at('10:09:04'), plan: snapshotted },
    entry('10:09:05', 'action.applied', 'RDS is taking x.', { actionId: 's', type: 'StartSnapshot' }),
    entry('10:09:06', 'action.applied', 'Side main goes.', { actionId: 'a', type: 'RevertService' }),
  ];
  const seen = (time: string, status: 'creating' | 'available' | 'failed', message: string): Fact => ({
    kind: 'snapshot',
    timeMs: at(time),
    progress: { status, late: false, message },
  });

  test('is accepted, its progress told every five minutes, and its end once, from when it was asked for', () => {
    const told = tell([
      ...taken,
      seen('10:13:00', 'creating', 'x is at 10 %.'),
      seen('10:14:00', 'creating', 'x is at 20 %.'),
      seen('10:18:00', 'creating', 'x is at 60 %.'),
      entry('10:19:05', 'check.done', 'Snapshot x is available.', { actionId: 's', type: 'StartSnapshot' }),
      seen('10:19:05', 'available', 'Snapshot x is available.'),
      seen('10:20:05', 'available', 'Snapshot x is available.'),
    ]);
    expect(told.slice(told.indexOf('Executing rollback:'))).toBe(
      `
Executing rollback:
  [1/2] StartSnapshot RDS is taking x.
        Accepted: the cure goes on, and its progress is read while the service
        is watched.
  [2/2] RevertService Side main goes.
10:13:00  x is at 10 %.
10:18:00  x is at 60 %.
10:19:05  Snapshot x is available, 10m 00s after RDS was asked for it.
`.trim(),
    );
  });

  test('that is waited for is checked like every action', () => {
    const [planned, applied] = taken as [Fact, Fact];
    const done = entry('10:12:05', 'check.done', 'x is available.', { actionId: 's', type: 'StartSnapshot' });
    expect(tell([planned, applied, done])).toContain('10:12:05  done after 3m 00s');
  });
});

test.each([
  [1_900, '1.9s'],
  [9_960, '10s'],
  [154_000, '2m 34s'],
  [3_840_000, '1h 04m'],
])('%d ms read %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});

test.each([
  ['registry:5000/shop/checkout:v2.14.4', 'v2.14.4'],
  ['shop/checkout', 'shop/checkout'],
  ['registry:5000/shop/checkout', 'registry:5000/shop/checkout'],
])('the tag of %s is %s', (image, tag) => {
  expect(imageTag(image)).toBe(tag);
});

test('a word that is longer than the line stands alone', () => {
  expect(wrap(`${'x'.repeat(77)} 1 % more`, 2)).toEqual(['x'.repeat(77), '  1 % more']);
  expect(wrap(`see ${'x'.repeat(90)} there`, 2)).toEqual(['see', `  ${'x'.repeat(90)}`, '  there']);
});

function entry(time: string, kind: string, message: string, data: object): TimelineFact {
  const timeMs = at(time);
  return {
    kind: 'entry',
    timeMs,
    entry: { time: new Date(timeMs).toISOString(), service: 'basket', kind, message, data: data as never },
  };
}

/** The wall clock moves by a tenth of a second from fact to fact. */
function teller(narrator: Narrator): (fact: Fact) => string[] {
  let realMs = 0;
  return (fact) => {
    realMs += 100;
    return narrator.tell(fact, realMs).map(({ text }) => text);
  };
}

const tell = (facts: readonly Fact[]): string => facts.flatMap(teller(new Narrator(plain))).join('\n');
