import { describe, expect, test } from 'vitest';
import { plainAppSpec, taskDefinitionIn, withTaskDefinition } from '../../../lib/domain/reversal/app-spec.ts';

const old = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:42';
const wanted = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:41';

const yaml = (value: string): string => `version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: ${value}   # what runs
        LoadBalancerInfo:
          ContainerName: "app"
          ContainerPort: 8080
Hooks:
  - AfterAllowTestTraffic: "arn:aws:lambda:eu-west-1:111122223333:function:TaskDefinition-check"
`;
const json = JSON.stringify({
  version: 0.0,
  Resources: [
    { TargetService: { Type: 'AWS::ECS::Service', Properties: { TaskDefinition: old, PlatformVersion: '1.4.0' } } },
  ],
  Hooks: [{ BeforeAllowTraffic: 'check' }],
});

describe.each([
  ['JSON', json],
  ['YAML', yaml(old)],
  ['YAML in double quotes', yaml(`"${old}"`)],
  ['YAML in single quotes', yaml(`'${old}'`)],
])('%s', (_name, content) => {
  test('another task definition, and nothing else', () => {
    expect(taskDefinitionIn(content)).toBe(old);
    const changed = withTaskDefinition(content, wanted) ?? '';
    expect(taskDefinitionIn(changed)).toBe(wanted);
    expect(changed.replace(`"${wanted}"`, '').replace(wanted, '').length).toBe(
      content.replace(`"${old}"`, '').replace(`'${old}'`, '').replace(old, '').length,
    );
    expect(changed).toContain('check');
  });
});

test('a name with a dollar is no pattern', () => {
  expect(taskDefinitionIn(withTaskDefinition(json, 'a$&b') ?? '')).toBe('a$&b');
});

test('what names no task definition cannot be changed', () => {
  expect(withTaskDefinition('version: 0.0', wanted)).toBeUndefined();
  expect(withTaskDefinition('{}', wanted)).toBeUndefined();
  expect(taskDefinitionIn('')).toBeUndefined();
});

test('made anew where there is none to take over', () => {
  const content = plainAppSpec(wanted, { name: 'app', port: 8080 });
  expect(taskDefinitionIn(content)).toBe(wanted);
  expect(JSON.parse(content).Resources[0].TargetService.Properties.LoadBalancerInfo).toEqual({
    ContainerName: 'app',
    ContainerPort: 8080,
  });
});
