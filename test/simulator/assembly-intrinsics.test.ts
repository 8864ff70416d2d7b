import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/domain/model.ts';
import { holds, resolve, type Scope } from '../../simulator/assembly/intrinsics.ts';
import { creationOrder } from '../../simulator/assembly/order.ts';

const scope: Scope = {
  template: {
    Resources: {},
    Mappings: { Regions: { 'eu-west-1': { ami: 'ami-1' } } },
    Conditions: {
      IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
      NotProd: { 'Fn::Not': [{ Condition: 'IsProd' }] },
      Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'NotProd' }] },
      Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'NotProd' }] },
    },
  },
  values: new Map<string, Json>([
    ['AWS::Region', 'eu-west-1'],
    ['Stage', 'prod'],
    ['List', ['a', 'b']],
  ]),
  ref: (id) => `ref-${id}`,
  attribute: (id, name) => `att-${id}-${name}`,
};

describe('intrinsic functions', () => {
  it.each<[string, Json, Json]>([
    ['Ref of a parameter', { Ref: 'Stage' }, 'prod'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['Ref of a resource', { Ref: 'Table' }, 'ref-Table'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Role', 'Arn'] }, 'att-Role-Arn'],
    ['GetAtt as text, with dots', { 'Fn::GetAtt': 'Nested.Outputs.Url' }, 'att-Nested-Outputs.Url'],
    [
      'Sub',
      { 'Fn::Sub': `\${AWS::Region}/\${Table}/\${Role.Arn}/\${!Kept}` },
      `eu-west-1/ref-Table/att-Role-Arn/\${Kept}`,
    ],
    ['Sub with a map', { 'Fn::Sub': [`\${x}-\${Stage}`, { x: { Ref: 'Table' } }] }, 'ref-Table-prod'],
    ['Join', { 'Fn::Join': [':', ['a', { Ref: 'Stage' }, 1]] }, 'a:prod:1'],
    ['Join of a list parameter', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['FindInMap', { 'Fn::FindInMap': ['Regions', { Ref: 'AWS::Region' }, 'ami'] }, 'ami-1'],
    ['If', { 'Fn::If': ['IsProd', 'yes', 'no'] }, 'yes'],
    [
      'If without a value leaves the property out',
      { a: { 'Fn::If': ['NotProd', 1, { Ref: 'AWS::NoValue' }] }, b: 2 },
      { b: 2 },
    ],
    ['and the item of a list', ['x', { Ref: 'AWS::NoValue' }], ['x']],
    ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['an object that only looks like one', { Ref: 'Stage', other: 1 }, { Ref: 'Stage', other: 1 }],
  ])('%s', (_, template, expected) => {
    expect(resolve(template, scope)).toEqual(expected);
  });

  it.each<[Json, string]>([
    [{ 'Fn::ImportValue': 'x' }, 'The intrinsic function Fn::ImportValue is not implemented.'],
    [{ Ref: 'AWS::Unknown' }, 'The pseudo parameter AWS::Unknown is not implemented.'],
    [{ 'Fn::FindInMap': ['Regions', 'us-east-1', 'ami'] }, 'The mapping Regions/us-east-1/ami does not exist.'],
    [{ 'Fn::Select': [5, ['a']] }, 'Fn::Select finds nothing at 5.'],
  ])('refuses %j', (template, message) => {
    expect(() => resolve(template, scope)).toThrow(message);
  });

  it('conditions combine', () => {
    expect(['IsProd', 'NotProd', 'Both', 'Either'].map((name) => holds(name, scope))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe('order of creation', () => {
  const Type = 'T';

  it('follows Ref, GetAtt, Sub and DependsOn', () => {
    const order = creationOrder({
      A: { Type, Properties: { x: [{ Ref: 'D' }] } },
      B: { Type, DependsOn: 'A' },
      C: { Type, Properties: { x: { 'Fn::Sub': `a\${B.Arn}\${AWS::Region}` } } },
      D: { Type, Properties: { x: { y: { 'Fn::GetAtt': ['E', 'Arn'] } } } },
      E: { Type },
    });
    expect(order).toEqual(['E', 'D', 'A', 'B', 'C']);
  });

  it('names a circle', () => {
    expect(() => creationOrder({ A: { Type, DependsOn: ['B'] }, B: { Type, DependsOn: ['A'] } })).toThrow(
      'A -> B -> A',
    );
  });
});
