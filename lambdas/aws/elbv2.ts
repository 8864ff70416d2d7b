/**
 * Elastic Load Balancing v2: the rules that carry a service's traffic, and the health of its targets. A listener's ARN
 * stands for its default action, which has calls of its own.
 *
 * Calls: elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners, elasticloadbalancing:DescribeTargetHealth,
 * elasticloadbalancing:DescribeTargetGroups, elasticloadbalancing:DescribeTargetGroupAttributes,
 * elasticloadbalancing:DescribeTags, elasticloadbalancing:ModifyRule, elasticloadbalancing:ModifyListener
 */
import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ListenerNotFoundException,
  ModifyListenerCommand,
  ModifyRuleCommand,
  RuleNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Unreadable } from '../../lib/domain/errors.ts';
import type { Tag } from '../../lib/domain/model.ts';
import type { TargetGroupView } from '../../lib/domain/plan-facts.ts';
import type { TargetHealth } from '../../lib/domain/traffic.ts';
import { clientOptions } from './client.ts';

const elbv2 = new ElasticLoadBalancingV2Client(clientOptions);

/** The actions of a rule, or of a listener's default rule, as AWS returns them. */
export async function readActions(rule: string): Promise<Action[]> {
  const actions = isListener(rule) ? await readDefaultActions(rule) : await readRuleActions(rule);
  if (!actions) throw new Unreadable(`Elastic Load Balancing describes no actions for ${rule}.`);
  return actions;
}

/** Undefined where the rule or the listener no longer exists. */
export async function readActionsIfAny(rule: string): Promise<Action[] | undefined> {
  try {
    return await readActions(rule);
  } catch (error) {
    if (error instanceof RuleNotFoundException || error instanceof ListenerNotFoundException) return undefined;
    throw error;
  }
}

/** The API takes so many ARNs a call. */
const taggable = 20;

/** Tags of rules and listeners, by ARN. */
export async function readTags(arns: readonly string[]): Promise<Record<string, readonly Tag[]>> {
  const batches = Array.from({ length: Math.ceil(arns.length / taggable) }, (_, index) =>
    arns.slice(index * taggable, (index + 1) * taggable),
  );
  const answers = await Promise.all(
    batches.map((ResourceArns) => elbv2.send(new DescribeTagsCommand({ ResourceArns }))),
  );
  return Object.fromEntries(
    answers
      .flatMap(({ TagDescriptions: found = [] }) => found)
      .map(({ ResourceArn = '', Tags: tags = [] }) => [
        ResourceArn,
        tags.map(({ Key: key = '', Value: value = '' }) => ({ key, value })),
      ]),
  );
}

/** Replaces the whole list of actions; conditions, priority and certificates stay. */
export async function modifyActions(rule: string, actions: Action[]): Promise<void> {
  if (isListener(rule)) {
    await elbv2.send(new ModifyListenerCommand({ ListenerArn: rule, DefaultActions: actions }));
  } else {
    await elbv2.send(new ModifyRuleCommand({ RuleArn: rule, Actions: actions }));
  }
}

export async function targetHealth(targetGroup: string): Promise<TargetHealth> {
  const { TargetHealthDescriptions: targets = [] } = await elbv2.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup }),
  );
  const sick = targets.filter(({ TargetHealth: health }) => !['healthy', 'draining'].includes(health?.State ?? ''));
  return {
    targetGroup,
    healthy: targets.filter(({ TargetHealth: health }) => health?.State === 'healthy').length,
    registered: targets.filter(({ TargetHealth: health }) => health?.State !== 'draining').length,
    problems: [...new Set(sick.map(({ TargetHealth: health }) => health?.Description ?? health?.State ?? 'unknown'))],
  };
}

/** How long a target group takes to drain a leaving target and to call a new one healthy, and whether it is sticky. */
export async function describeTargetGroup(targetGroup: string): Promise<TargetGroupView> {
  const [{ TargetGroups: groups = [] }, { Attributes: attributes = [] }] = await Promise.all([
    elbv2.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroup] })),
    elbv2.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroup })),
  ]);
  const attribute = (name: string) => attributes.find(({ Key: key }) => key === name)?.Value;
  const delay = attribute('deregistration_delay.timeout_seconds');
  const { HealthCheckIntervalSeconds: interval = 30, HealthyThresholdCount: count = 5 } = groups[0] ?? {};
  return {
    deregistrationSeconds: Number(delay ?? 300),
    healthySeconds: interval * count,
    sticky: attribute('stickiness.enabled') === 'true',
  };
}

/** `arn:…:listener/app/shop/<id>/<id>` against `arn:…:listener-rule/app/shop/<id>/<id>/<id>` */
const isListener = (arn: string): boolean => arn.includes(':listener/');

async function readRuleActions(rule: string): Promise<Action[] | undefined> {
  const { Rules: rules = [] } = await elbv2.send(new DescribeRulesCommand({ RuleArns: [rule] }));
  if (rules[0]?.IsDefault) {
    throw new Unreadable(
      `${rule} is a default rule, which AWS lets nobody modify: configure its listener's ARN instead.`,
    );
  }
  return rules[0]?.Actions;
}

async function readDefaultActions(listener: string): Promise<Action[] | undefined> {
  const { Listeners: listeners = [] } = await elbv2.send(new DescribeListenersCommand({ ListenerArns: [listener] }));
  return listeners[0]?.DefaultActions;
}
