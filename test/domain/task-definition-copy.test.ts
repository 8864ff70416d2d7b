import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ImageVerdict } from '../../lib/domain/images.ts';
import type { Json } from '../../lib/domain/model.ts';
import { copyProgram } from '../../lib/domain/scripts-copy.ts';
import { copyFor, findCopy, isRegistered, onlyDescribed, sameContent } from '../../lib/domain/task-definition-copy.ts';
import { taskDefinition } from './worlds.ts';

const pin = `repo@sha256:${'a'.repeat(64)}`;
const container = (more: object = {}): Json => ({
  name: 'app',
  image: 'repo:v1',
  environment: [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ],
  ...more,
});
const document = (more: object = {}): { [key: string]: Json } => ({
  taskDefinitionArn: taskDefinition(40),
  family: 'checkout',
  revision: 40,
  status: 'INACTIVE',
  requiresAttributes: [{ name: 'x' }],
  compatibilities: ['FARGATE'],
  registeredAt: '2026-01-01T00:00:00.000Z',
  registeredBy: 'somebody',
  deregisteredAt: '2026-02-01T00:00:00.000Z',
  deleteRequestedAt: '2026-02-01T00:00:00.000Z',
  cpu: '256',
  taskRoleArn: 'arn:aws:iam::111122223333:role/task',
  containerDefinitions: [container(), { name: 'proxy', image: 'envoy:1' }],
  ...more,
});
const described = (status = 'ACTIVE', tags: { key: string; value: string }[] = []) => ({
  taskDefinition: taskDefinition(40),
  status,
  document: document({ status }),
  tags,
});
const there: ImageVerdict = { kind: 'there', container: 'app', evidence: 'app is there.' };
const moved: ImageVerdict = { kind: 'moved', container: 'app', evidence: 'The tag moved.', pin };
const gone: ImageVerdict = { kind: 'gone', container: 'proxy', evidence: 'proxy is gone.' };
const release = { version: 'v1', rollbackId: 'checkout-1' };

describe('a copy is made', () => {
  test('not where the definition does', () => expect(copyFor(described(), [there], release)).toBeUndefined());
  test('not where an image is gone: it would not help', () => {
    expect(copyFor(described('INACTIVE'), [moved, gone], release)).toBeUndefined();
  });
  test('of an INACTIVE one as it is', () => {
    const copy = copyFor(described('INACTIVE'), [there], release);
    expect(copy?.why).toBe('checkout:40 is INACTIVE, and ECS starts no tasks from it.');
    expect(copy?.images).toEqual({});
    expect(copy?.registration.containerDefinitions).toEqual(document().containerDefinitions);
  });
  test('of one whose tag moved, with that image alone by digest', () => {
    const copy = copyFor(described(), [moved], release);
    expect(copy).toMatchObject({ why: 'The tag moved.', images: { app: pin } });
    expect(copy?.registration.containerDefinitions).toEqual([
      container({ image: pin }),
      { name: 'proxy', image: 'envoy:1' },
    ]);
  });
  test('for every reason at once', () => {
    expect(copyFor(described('DELETE_IN_PROGRESS'), [moved], release)?.why).toBe(
      'checkout:40 is DELETE_IN_PROGRESS, and ECS starts no tasks from it. The tag moved.',
    );
  });
  test('without what Register refuses, and with everything else', () => {
    const { tags: _tags, ...registration } = copyFor(described('INACTIVE'), [there], release)?.registration ?? {};
    expect(Object.keys(registration).sort()).toEqual(['containerDefinitions', 'cpu', 'family', 'taskRoleArn']);
    for (const field of onlyDescribed) expect(registration).not.toHaveProperty(field);
  });
  test('with the tags it had, but for those of AWS and of an earlier copy', () => {
    const had = [
      { key: 'team', value: 'shop' },
      { key: 'aws:cloudformation:stack', value: 'x' },
      { key: 'backstep:copy-of', value: 'old' },
    ];
    expect(
      copyFor(described('INACTIVE', had), [there], { ...release, version: 'v1 & "more"' })?.registration.tags,
    ).toEqual([
      { key: 'backstep:copy-of', value: taskDefinition(40) },
      { key: 'backstep:version', value: 'v1 _ _more_' },
      { key: 'backstep:rollback', value: 'checkout-1' },
      { key: 'team', value: 'shop' },
    ]);
  });
  test('with no more tags than ECS takes', () => {
    const had = Array.from({ length: 50 }, (_, index) => ({ key: `t${index}`, value: '' }));
    expect(copyFor(described('INACTIVE', had), [there], release)?.registration.tags).toHaveLength(50);
  });
});

describe('the same content', () => {
  test.each<[string, object, boolean]>([
    ['another revision', { revision: 41, status: 'ACTIVE', taskDefinitionArn: taskDefinition(41) }, true],
    ['other images', { containerDefinitions: [container({ image: pin }), { name: 'proxy', image: 'envoy:2' }] }, true],
    [
      'variables in another order',
      {
        containerDefinitions: [
          container({
            environment: [
              { value: '2', name: 'B' },
              { name: 'A', value: '1' },
            ],
          }),
          { name: 'proxy', image: 'envoy:1' },
        ],
      },
      true,
    ],
    [
      'another variable',
      {
        containerDefinitions: [
          container({ environment: [{ name: 'A', value: '9' }] }),
          { name: 'proxy', image: 'envoy:1' },
        ],
      },
      false,
    ],
    ['another role', { taskRoleArn: 'arn:aws:iam::111122223333:role/other' }, false],
    ['more memory', { cpu: '512' }, false],
    ['one container less', { containerDefinitions: [container()] }, false],
  ])('%s', (_name, more, same) => expect(sameContent(document(), document(more))).toBe(same));
});

describe('a copy is found again', () => {
  const copy = copyFor(described('INACTIVE'), [moved], release);
  const registration = copy?.registration ?? {};
  const { tags: _tags, ...content } = registration;
  const as = (more: object = {}) => ({
    taskDefinition: taskDefinition(43),
    status: 'ACTIVE',
    document: { ...document(), ...content, taskDefinitionArn: taskDefinition(43), revision: 43, ...more },
    tags: [{ key: 'backstep:copy-of', value: taskDefinition(40) }],
  });
  const find = (...candidates: Parameters<typeof findCopy>[0]) =>
    findCopy(candidates, registration, taskDefinition(40));

  test('by what it is a copy of and what it says', () => expect(find(as())).toBe(taskDefinition(43)));
  test('not one that is INACTIVE', () => expect(find({ ...as(), status: 'INACTIVE' })).toBeUndefined());
  test('not a copy of another', () => {
    expect(find({ ...as(), tags: [{ key: 'backstep:copy-of', value: taskDefinition(39) }] })).toBeUndefined();
  });
  test('not one that says something else, whatever its tag says', () => {
    expect(find(as({ cpu: '512' }))).toBeUndefined();
    expect(isRegistered(registration, as({ containerDefinitions: document().containerDefinitions }).document)).toBe(
      false,
    );
  });
});

test('the script for a person makes the same copy', () => {
  const had = [
    { key: 'team', value: 'shop' },
    { key: 'aws:x', value: 'y' },
    { key: 'backstep:copy-of', value: 'old' },
  ];
  const copy = copyFor(described('INACTIVE', had), [moved], release);
  const input = JSON.stringify({ taskDefinition: document(), tags: had });
  const { stdout, stderr } = spawnSync(
    'jq',
    ['--argjson', 'images', JSON.stringify(copy?.images), '--arg', 'of', taskDefinition(40), copyProgram],
    { input, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const made = JSON.parse(stdout);
  expect({ ...made, tags: [] }).toEqual({ ...copy?.registration, tags: [] });
  expect(made.tags).toEqual([
    { key: 'backstep:copy-of', value: taskDefinition(40) },
    { key: 'team', value: 'shop' },
  ]);
});
