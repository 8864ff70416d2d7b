import { describe, expect, test } from 'vitest';
import { bare, configurationCheck, type NeedFacts, needsOf, parameterNames } from '../../lib/domain/needs.ts';
import { taskDefinition } from './worlds.ts';

const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-AbCdEf';
const parameter = 'arn:aws:ssm:eu-west-1:111122223333:parameter/shop/key';
const document = {
  taskRoleArn: 'arn:aws:iam::111122223333:role/task',
  executionRoleArn: 'arn:aws:iam::111122223333:role/execution',
  containerDefinitions: [
    {
      name: 'app',
      secrets: [
        { name: 'DB', valueFrom: `${secret}:password::` },
        { name: 'USER', valueFrom: `${secret}:username:AWSPREVIOUS:` },
        { name: 'KEY', valueFrom: parameter },
        { name: 'PLAIN', valueFrom: 'shop-plain' },
      ],
      environmentFiles: [{ type: 's3', value: 'arn:aws:s3:::shop/app.env' }],
      repositoryCredentials: { credentialsParameter: `${secret.replace('db', 'hub')}` },
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '/shop/app' },
        secretOptions: [{ name: 'x', valueFrom: '/shop/log' }],
      },
    },
    {
      name: 'made',
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '/shop/made', 'awslogs-create-group': 'true' },
      },
    },
    {
      name: 'far',
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '/shop/log', 'awslogs-region': 'us-east-1' },
      },
    },
    { name: 'other', logConfiguration: { logDriver: 'awsfirelens', options: { 'awslogs-group': 'no' } } },
  ],
};

test('what a definition needs is each named once, and only what it selects from', () => {
  expect(needsOf(document).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    `secret ${secret}`,
    `parameter ${parameter}`,
    'parameter shop-plain',
    'parameter /shop/log',
    'secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/hub-AbCdEf',
    'file arn:aws:s3:::shop/app.env',
    'log group /shop/app',
    // Also where a parameter is called so.
    'log group /shop/log',
    'role arn:aws:iam::111122223333:role/task',
    'role arn:aws:iam::111122223333:role/execution',
  ]);
  expect(needsOf(document)).toContainEqual({ kind: 'log group', name: '/shop/log', region: 'us-east-1' });
  expect(needsOf({})).toEqual([]);
});

test('credentials of a registry are a secret, also where only its name is given', () => {
  const named = {
    containerDefinitions: [{ name: 'app', repositoryCredentials: { credentialsParameter: 'shop/hub' } }],
  };
  expect(needsOf(named)).toEqual([{ kind: 'secret', name: 'shop/hub' }]);
});

test.each([
  ['arn:aws:ssm:eu-west-1:111122223333:parameter/plain', ['plain', '/plain']],
  [parameter, ['/shop/key']],
  ['plain', ['plain']],
  ['/plain', ['/plain']],
])('%s is the parameter %j', (name, names) => expect(parameterNames(name)).toEqual(names));

test.each([
  [parameter, '/shop/key'],
  ['arn:aws:ssm:eu-west-1:111122223333:parameter/plain', 'plain'],
  ['/shop/key', '/shop/key'],
  ['plain', 'plain'],
])('%s is %s by name', (name, expected) => expect(bare(name)).toBe(expected));

describe('the check', () => {
  const target = { taskDefinition: taskDefinition(41) };
  const there: NeedFacts = { kind: 'parameter', name: parameter, found: 'there', version: '3' };
  const gone: NeedFacts = { kind: 'secret', name: secret, found: 'gone', why: 'Secrets Manager knows no such secret.' };
  const role: NeedFacts = { kind: 'role', name: 'r', found: 'not checked', why: 'Nobody looks.' };

  test('ok where nothing is needed, or all is there', () => {
    expect(configurationCheck(target, []).status).toBe('ok');
    expect(configurationCheck(target, [there])).toMatchObject({
      status: 'ok',
      evidence: `Is there: parameter ${parameter}.`,
    });
  });
  test('failed where something is gone, with its name', () => {
    const { status, evidence } = configurationCheck(target, [there, gone, role]);
    expect(status).toBe('failed');
    expect(evidence).toContain(
      `The secret ${secret}, which the target needs, is gone: Secrets Manager knows no such secret.`,
    );
  });
  test('not checked where nobody looked, named and with the reason', () => {
    expect(configurationCheck(target, [there, role])).toMatchObject({
      status: 'not checked',
      evidence: `Is there: parameter ${parameter}. Not checked: role r. Nobody looks.`,
    });
  });
  test.each([['/shop/key'], [parameter]])('a warning where the version is another than recorded under %s', (name) => {
    const changed = configurationCheck({ ...target, configuration: [{ name, versionId: '2' }] }, [there, role]);
    expect(changed.status).toBe('warning');
    expect(changed.evidence).toContain(`The parameter ${parameter} had version 2 with the target and has 3 now.`);
  });
  test('nothing to say of the same version, or of another name', () => {
    const configuration = [
      { name: parameter, versionId: '3' },
      { name: '/other', versionId: '1' },
    ];
    expect(configurationCheck({ ...target, configuration }, [there]).status).toBe('ok');
  });
});
