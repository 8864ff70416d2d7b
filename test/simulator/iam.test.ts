import { describe, expect, test } from 'vitest';
import { Iam, operator, type PolicyDocument } from '../../simulator/iam.ts';

const role = 'arn:aws:iam::111122223333:role/path/rollback';
const service = 'arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout';

function iamWith(...statements: readonly object[]): Iam {
  const iam = new Iam();
  iam.addRole({ arn: role, policies: [{ Statement: statements } as unknown as PolicyDocument] });
  return iam;
}

const outcomeOf = (iam: Iam, action: string, resource: string, conditions?: Record<string, string | string[]>) => {
  try {
    iam.authorize({ arn: role, session: 'Plan' }, action, [resource], conditions);
    return 'allowed';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('what a role may do', () => {
  test('nothing, in AWS’s words, when no policy allows it', () => {
    expect(outcomeOf(iamWith(), 'ecs:UpdateService', service)).toBe(
      'User: arn:aws:sts::111122223333:assumed-role/rollback/Plan is not authorized to perform: ecs:UpdateService on resource: arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout because no identity-based policy allows the ecs:UpdateService action',
    );
  });

  test.each([
    ['the action and resource named', 'ecs:UpdateService', service, 'allowed'],
    ['the action in other letters', 'ECS:updateservice', service, 'allowed'],
    ['a star in the action', 'ecs:Update*', service, 'allowed'],
    ['a question mark', 'ecs:UpdateServic?', service, 'allowed'],
    ['a star in the resource', 'ecs:UpdateService', 'arn:aws:ecs:*:*:service/shop/*', 'allowed'],
    ['everything', '*', '*', 'allowed'],
    ['another action', 'ecs:DescribeServices', service, 'denied'],
    ['another resource', 'ecs:UpdateService', 'arn:aws:ecs:*:*:service/shop/cart', 'denied'],
    ['the resource as a mere prefix', 'ecs:UpdateService', 'arn:aws:ecs:eu-west-1:111122223333:service/shop', 'denied'],
  ])('an allow with %s', (_, Action, Resource, expected) => {
    const outcome = outcomeOf(iamWith({ Effect: 'Allow', Action, Resource }), 'ecs:UpdateService', service);
    expect(outcome === 'allowed' ? 'allowed' : 'denied').toBe(expected);
  });

  test('an explicit deny wins over any allow, and the sentence says so', () => {
    const iam = iamWith(
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'ecs:*', Resource: service },
    );
    expect(outcomeOf(iam, 'ecs:UpdateService', service)).toContain('with an explicit deny in an identity-based policy');
    expect(outcomeOf(iam, 'ecs:UpdateService', `${service}2`)).toBe('allowed');
  });

  test('NotAction and NotResource allow all but what they name', () => {
    const iam = iamWith({ Effect: 'Allow', NotAction: 'iam:*', NotResource: service });
    expect(outcomeOf(iam, 'ecs:UpdateService', 'other')).toBe('allowed');
    expect(outcomeOf(iam, 'iam:PassRole', 'other')).not.toBe('allowed');
    expect(outcomeOf(iam, 'ecs:UpdateService', service)).not.toBe('allowed');
  });

  test('every resource of a call must be allowed', () => {
    const iam = iamWith({ Effect: 'Allow', Action: 'x:*', Resource: 'a' });
    expect(() => iam.authorize({ arn: role }, 'x:y', ['a', 'b'])).toThrow('on resource: b');
  });

  test('addPolicy adds to what the role may do', () => {
    const iam = iamWith();
    iam.addPolicy(role, { Statement: { Effect: 'Allow', Action: 'ecs:UpdateService', Resource: '*' } });
    expect(outcomeOf(iam, 'ecs:UpdateService', service)).toBe('allowed');
  });

  test('the operator may do everything', () => {
    expect(() => new Iam().authorize(operator, 'ecs:DeleteService', [service])).not.toThrow();
  });
});

describe('conditions', () => {
  test.each<[string, object, Record<string, string | string[]>, boolean]>([
    [
      'StringEquals met',
      { StringEquals: { 'cloudwatch:namespace': 'Backstep' } },
      { 'cloudwatch:namespace': 'Backstep' },
      true,
    ],
    [
      'StringEquals unmet',
      { StringEquals: { 'cloudwatch:namespace': 'Backstep' } },
      { 'cloudwatch:namespace': 'Other' },
      false,
    ],
    ['a missing key', { StringEquals: { 'cloudwatch:namespace': 'Backstep' } }, {}, false],
    ['a missing key with IfExists', { StringEqualsIfExists: { 'a:b': 'x' } }, {}, true],
    ['StringNotEquals on a missing key', { StringNotEquals: { 'a:b': 'x' } }, {}, true],
    ['StringNotEquals among several', { StringNotEquals: { 'a:b': ['x', 'y'] } }, { 'a:b': 'y' }, false],
    ['StringLike', { StringLike: { 's3:prefix': 'reports/*' } }, { 's3:prefix': 'reports/1' }, true],
    ['the key in other letters', { StringEquals: { 'S3:Prefix': 'a' } }, { 's3:prefix': 'a' }, true],
    [
      'ArnLike keeps a star within its part',
      { ArnLike: { 'ecs:cluster': 'arn:aws:ecs:*:cluster/shop' } },
      { 'ecs:cluster': 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop' },
      false,
    ],
    [
      'ArnEquals with stars',
      { ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:*:*:cluster/shop' } },
      { 'ecs:cluster': 'arn:aws:ecs:eu-west-1:111122223333:cluster/shop' },
      true,
    ],
    ['Bool', { Bool: { 'aws:SecureTransport': 'true' } }, {}, true],
    ['Null', { Null: { 'a:b': 'true' } }, {}, true],
    ['NumericLessThan', { NumericLessThan: { 'a:b': '10' } }, { 'a:b': '9' }, true],
    [
      'ForAllValues with one outside',
      { 'ForAllValues:StringEquals': { 'a:b': ['x', 'y'] } },
      { 'a:b': ['x', 'z'] },
      false,
    ],
    ['ForAnyValue with one inside', { 'ForAnyValue:StringEquals': { 'a:b': ['x', 'y'] } }, { 'a:b': ['x', 'z'] }, true],
    [
      'two operators, one unmet',
      { StringEquals: { 'a:b': 'x' }, Bool: { 'c:d': 'true' } },
      { 'a:b': 'x', 'c:d': 'false' },
      false,
    ],
  ])('%s', (_, Condition, context, allowed) => {
    const iam = iamWith({ Effect: 'Allow', Action: '*', Resource: '*', Condition });
    expect(outcomeOf(iam, 'a:b', 'c', context) === 'allowed').toBe(allowed);
  });

  test.each([
    [
      'an operator that is not simulated',
      { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
      'IpAddress is not simulated',
    ],
    [
      'a policy variable',
      { Resource: ['arn:aws:s3:::b/$', 'aws:username}'].join('{') },
      'policy variables are not simulated',
    ],
    ['neither Action nor NotAction', { Action: undefined }, 'exactly one of Action and NotAction'],
  ])('%s is refused when the policy is added, never silently allowed', (_, change, message) => {
    expect(() => iamWith({ Effect: 'Allow', Action: '*', Resource: '*', ...change })).toThrow(message);
  });
});

test('credentials lead back to their principal, and are the same each time', () => {
  const iam = new Iam();
  const credentials = iam.credentialsFor(role, 'Plan');
  expect(iam.credentialsFor(role, 'Plan')).toEqual(credentials);
  expect(iam.principalOf(credentials.accessKeyId)).toEqual({ arn: role, session: 'Plan' });
  expect(iam.credentialsFor(role, 'Report').accessKeyId).not.toBe(credentials.accessKeyId);
  expect(iam.principalOf(iam.credentialsFor('operator').accessKeyId)).toBe(operator);
  expect(iam.principalOf('AKIAUNKNOWN')).toBeUndefined();
});
