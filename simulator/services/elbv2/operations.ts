import type {
  DescribeListenersInput,
  DescribeListenersOutput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  DescribeRulesInput,
  DescribeRulesOutput,
  DescribeTagsInput,
  DescribeTagsOutput,
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  ModifyListenerInput,
  ModifyListenerOutput,
  ModifyRuleInput,
  ModifyRuleOutput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operation } from '../../service.ts';
import type { Elbv2 } from '../elbv2.ts';
import { pageOf } from '../paging.ts';
import { isSticky } from './actions.ts';
import { showGroup, showHealth, showListener, showLoadBalancer, showRules } from './show.ts';

const everything = () => ['*'];

/** Operations by name. Describe calls have no resource-level permission, so they are authorized against `*`. */
export function elbv2Operations(elbv2: Elbv2): Record<string, Operation> {
  const describeLoadBalancers: Operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput> = {
    resources: everything,
    run({ LoadBalancerArns: arns, Names: names, Marker, PageSize }) {
      const found = [...elbv2.loadBalancers.values()]
        .filter(({ arn }) => !arns?.length || arns.includes(arn))
        .filter(({ name }) => !names?.length || names.includes(name));
      if ((arns?.length || names?.length) && found.length < (arns?.length ?? 0) + (names?.length ?? 0)) {
        throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
      }
      const { page, next } = pageOf(found, Marker, PageSize ?? 400);
      return { LoadBalancers: page.map(showLoadBalancer), ...marker(next) };
    },
  };

  const describeListeners: Operation<DescribeListenersInput, DescribeListenersOutput> = {
    resources: everything,
    run({ ListenerArns: arns, LoadBalancerArn: loadBalancer, Marker, PageSize }) {
      if (!arns?.length && loadBalancer === undefined) {
        throw new AwsError('ValidationError', 'You must specify either listener ARNs or a load balancer ARN');
      }
      const found = arns?.length
        ? arns.map((arn) => elbv2.listener(arn))
        : [...elbv2.listeners.values()].filter(({ loadBalancerArn }) => loadBalancerArn === loadBalancer);
      const { page, next } = pageOf(found, Marker, PageSize ?? 400);
      return { Listeners: page.map(showListener), ...marker(next) };
    },
  };

  const describeRules: Operation<DescribeRulesInput, DescribeRulesOutput> = {
    resources: everything,
    run({ RuleArns: arns, ListenerArn: listenerArn, Marker, PageSize }) {
      if (!arns?.length && listenerArn === undefined) {
        throw new AwsError('ValidationError', 'Either rule ARNs or a listener ARN must be specified');
      }
      const shown = arns?.length
        ? arns.map((arn) => showRules(elbv2, elbv2.listenerOf(arn)).find(({ RuleArn }) => RuleArn === arn) ?? {})
        : showRules(elbv2, elbv2.listener(listenerArn ?? '').arn);
      const { page, next } = pageOf(shown, Marker, PageSize ?? 400);
      return { Rules: page, ...marker(next) };
    },
  };

  const describeTargetGroups: Operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput> = {
    resources: everything,
    run({ TargetGroupArns: arns, Names: names, LoadBalancerArn: loadBalancer, Marker, PageSize }) {
      const found = arns?.length
        ? arns.map((arn) => elbv2.targetGroup(arn))
        : [...elbv2.targetGroups.values()]
            .filter(({ name }) => !names?.length || names.includes(name))
            .filter((group) => loadBalancer === undefined || elbv2.loadBalancersOf(group).includes(loadBalancer));
      if (names?.length && found.length < names.length) {
        throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
      }
      const { page, next } = pageOf(found, Marker, PageSize ?? 400);
      return { TargetGroups: page.map((group) => showGroup(group, elbv2.loadBalancersOf(group))), ...marker(next) };
    },
  };

  const describeTargetHealth: Operation<DescribeTargetHealthInput, DescribeTargetHealthOutput> = {
    resources: everything,
    run({ TargetGroupArn: arn, Targets: wanted }) {
      const group = elbv2.targetGroup(arn ?? '');
      return { TargetHealthDescriptions: showHealth(group, elbv2.inUse(group), wanted) };
    },
  };

  const describeAttributes: Operation<DescribeTargetGroupAttributesInput, DescribeTargetGroupAttributesOutput> = {
    resources: everything,
    run({ TargetGroupArn: arn }) {
      return { Attributes: [...elbv2.targetGroup(arn ?? '').attributes].map(([Key, Value]) => ({ Key, Value })) };
    },
  };

  const modifyAttributes: Operation<ModifyTargetGroupAttributesInput, ModifyTargetGroupAttributesOutput> = {
    resources: ({ TargetGroupArn: arn }) => [arn ?? '*'],
    run({ TargetGroupArn: arn, Attributes: changes = [] }) {
      const { attributes } = elbv2.targetGroup(arn ?? '');
      if (isSticky(new Map(changes.map(({ Key = '', Value = '' }) => [Key, Value]))))
        elbv2.refuseStickyTargets(arn ?? '');
      for (const { Key: key = '', Value: value = '' } of changes) {
        if (!attributes.has(key)) {
          throw new AwsError('InvalidConfigurationRequest', `Target group attribute key '${key}' is not recognized`);
        }
        attributes.set(key, value);
      }
      return { Attributes: [...attributes].map(([Key, Value]) => ({ Key, Value })) };
    },
  };

  const modifyRule: Operation<ModifyRuleInput, ModifyRuleOutput> = {
    resources: ({ RuleArn: arn }) => [arn ?? '*'],
    run({ RuleArn: arn = '', Actions: actions, Conditions: conditions }) {
      const { listenerArn } = elbv2.modifyRule(arn, { actions, conditions });
      return { Rules: showRules(elbv2, listenerArn).filter(({ RuleArn }) => RuleArn === arn) };
    },
  };

  const modifyListener: Operation<ModifyListenerInput, ModifyListenerOutput> = {
    resources: ({ ListenerArn: arn }) => [arn ?? '*'],
    run({ ListenerArn: arn = '', DefaultActions: actions }) {
      return { Listeners: [showListener(elbv2.modifyListener(arn, actions))] };
    },
  };

  const describeTags: Operation<DescribeTagsInput, DescribeTagsOutput> = {
    resources: everything,
    run({ ResourceArns: arns = [] }) {
      if (arns.length > 20) {
        throw new AwsError('ValidationError', 'Up to 20 resource ARNs can be specified');
      }
      return {
        TagDescriptions: arns.map((ResourceArn) => ({
          ResourceArn,
          Tags: Object.entries(elbv2.tagsOf(ResourceArn)).map(([Key, Value]) => ({ Key, Value })),
        })),
      };
    },
  };

  return {
    DescribeLoadBalancers: describeLoadBalancers,
    DescribeListeners: describeListeners,
    DescribeRules: describeRules,
    DescribeTargetGroups: describeTargetGroups,
    DescribeTargetHealth: describeTargetHealth,
    DescribeTags: describeTags,
    DescribeTargetGroupAttributes: describeAttributes,
    ModifyTargetGroupAttributes: modifyAttributes,
    ModifyRule: modifyRule,
    ModifyListener: modifyListener,
  };
}

const marker = (next: string | undefined) => (next === undefined ? {} : { NextMarker: next });
