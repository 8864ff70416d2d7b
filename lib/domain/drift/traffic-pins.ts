/** Keeping weights and desired counts as the rollback set them. */
import { targetGroupName } from '../traffic.ts';
import type { Drift } from './drift.ts';
import { declaredAs, type Pin, type PinFacts } from './pin.ts';

export function weightPins({ resource, manager }: Drift, { rules, configuration }: PinFacts): Pin[] {
  const live = rules.find(({ rule }) => rule === resource);
  const weights = Object.entries(live?.weights ?? {});
  const sideOf = (group: string): string =>
    configuration.sides.find(({ targetGroup }) => targetGroup === group)?.name ?? targetGroupName(group);
  const isDefault = resource.includes(':listener/');
  const type = isDefault ? 'AWS::ElasticLoadBalancingV2::Listener' : 'AWS::ElasticLoadBalancingV2::ListenerRule';
  const resourceType = isDefault ? 'aws_lb_listener' : 'aws_lb_listener_rule';
  return [
    {
      tool: 'CDK',
      words: `Give the ${isDefault ? "listener's default action" : "rule's action"} the weights that it has now.`,
      language: 'ts',
      code: [
        'elbv2.ListenerAction.weightedForward([',
        ...weights.map(
          ([group, weight]) =>
            `  { targetGroup: ${identifier(sideOf(group))}, weight: ${weight} }, // ${targetGroupName(group)}`,
        ),
        ']),',
      ].join('\n'),
    },
    {
      tool: 'CloudFormation',
      words: `Set the weights of ${declaredAs(manager, type)}. Its other actions, such as a login, stay before this one.`,
      language: 'yaml',
      code: [
        `${manager?.logicalId ?? 'Rule'}:`,
        `  Type: ${type}`,
        '  Properties:',
        `    ${isDefault ? 'DefaultActions' : 'Actions'}:`,
        '      - Type: forward',
        '        ForwardConfig:',
        '          TargetGroups:',
        ...weights.flatMap(([group, weight]) => [
          `            - TargetGroupArn: ${group}`,
          `              Weight: ${weight}`,
        ]),
      ].join('\n'),
    },
    {
      tool: 'Terraform',
      words:
        `Set the weights of the ${resourceType}. ignore_changes on its ${isDefault ? 'default_action' : 'action'} is a stopgap: it hides ` +
        'every other change of the action as well, such as a login that is added.',
      language: 'hcl',
      code: [
        `${isDefault ? 'default_action' : 'action'} {`,
        '  type = "forward"',
        '  forward {',
        ...weights.flatMap(([group, weight]) => [
          '    target_group {',
          `      arn    = "${group}"`,
          `      weight = ${weight}`,
          '    }',
        ]),
        '  }',
        '}',
      ].join('\n'),
    },
  ];
}

export function countPins({ side, now, manager }: Drift): Pin[] {
  const count = Number.parseInt(now, 10);
  const name = side ?? 'the service';
  return [
    {
      tool: 'CDK',
      words: `Declare the count of ${name}, or none at all, so that a deployment leaves it alone.`,
      language: 'ts',
      code: `desiredCount: ${count},`,
    },
    {
      tool: 'CloudFormation',
      words: `Set the property DesiredCount of ${declaredAs(manager, 'AWS::ECS::Service')}, or leave it out.`,
      language: 'yaml',
      code: `DesiredCount: ${count}`,
    },
    {
      tool: 'Terraform',
      words: `Set desired_count of ${name}. Where something scales the service, ignore_changes = [desired_count] is right for good.`,
      language: 'hcl',
      code: `desired_count = ${count}`,
    },
  ];
}

/** A side's name as a variable of that team's code might be called. */
const identifier = (name: string): string => name.replace(/[^A-Za-z0-9]+(.)?/g, (_, next = '') => next.toUpperCase());
