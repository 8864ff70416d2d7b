/** What Describe calls answer. */
import type {
  Listener as ListenerOutput,
  LoadBalancer as LoadBalancerOutput,
  Rule as RuleOutput,
  TargetDescription,
  TargetGroup as TargetGroupOutput,
  TargetHealth,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Elbv2 } from '../elbv2.ts';
import { showAction } from './actions.ts';
import type { Listener, LoadBalancer, TargetGroup, TargetState } from './model.ts';

export const showLoadBalancer = ({ arn, name, dnsName, createdMs }: LoadBalancer): LoadBalancerOutput => ({
  LoadBalancerArn: arn,
  LoadBalancerName: name,
  DNSName: dnsName,
  CreatedTime: new Date(createdMs),
  Scheme: 'internet-facing',
  State: { Code: 'active' },
  Type: 'application',
  IpAddressType: 'ipv4',
});

export const showListener = (listener: Listener): ListenerOutput => ({
  ListenerArn: listener.arn,
  LoadBalancerArn: listener.loadBalancerArn,
  Port: listener.port,
  Protocol: listener.protocol,
  DefaultActions: listener.defaultActions.map(showAction),
});

/** A listener's rules by priority, the default rule last. */
export function showRules(elbv2: Elbv2, listenerArn: string): RuleOutput[] {
  const listener = elbv2.listener(listenerArn);
  return [
    ...elbv2.rulesOf(listenerArn).map((rule) => ({
      RuleArn: rule.arn,
      Priority: String(rule.priority),
      Conditions: [...rule.conditions],
      Actions: rule.actions.map(showAction),
      IsDefault: false,
    })),
    {
      RuleArn: elbv2.defaultRuleArn(listener),
      Priority: 'default',
      Conditions: [],
      Actions: listener.defaultActions.map(showAction),
      IsDefault: true,
    },
  ];
}

export const showGroup = (group: TargetGroup, loadBalancerArns: readonly string[]): TargetGroupOutput => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  Protocol: group.protocol,
  Port: group.port,
  HealthCheckProtocol: group.protocol,
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: group.healthCheck.intervalSeconds,
  HealthCheckTimeoutSeconds: group.healthCheck.timeoutSeconds,
  HealthyThresholdCount: group.healthCheck.healthyThreshold,
  UnhealthyThresholdCount: group.healthCheck.unhealthyThreshold,
  HealthCheckPath: group.healthCheck.path,
  Matcher: { HttpCode: '200' },
  LoadBalancerArns: [...loadBalancerArns],
  TargetType: 'ip',
  ProtocolVersion: 'HTTP1',
  IpAddressType: 'ipv4',
});

export function showHealth(
  group: TargetGroup,
  inUse: boolean,
  wanted: readonly TargetDescription[] | undefined,
): TargetHealthDescription[] {
  if (wanted?.length) {
    return wanted.map(({ Id: id = '', Port: port = group.port }) => {
      const target = group.targets.get(id);
      return describe(id, target?.port ?? port, target ? healthOf(target.state, inUse) : notRegistered);
    });
  }
  return [...group.targets.values()].map(({ id, port, state }) => describe(id, port, healthOf(state, inUse)));
}

const notRegistered: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};

const describe = (id: string, port: number, health: TargetHealth): TargetHealthDescription => ({
  Target: { Id: id, Port: port },
  HealthCheckPort: String(port),
  TargetHealth: health,
});

function healthOf(state: TargetState, inUse: boolean): TargetHealth {
  if (state === 'draining') {
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    };
  }
  if (!inUse) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (state === 'initial') {
    return { State: 'initial', Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' };
  }
  if (state === 'unhealthy') {
    return {
      State: 'unhealthy',
      Reason: 'Target.ResponseCodeMismatch',
      Description: 'Health checks failed with these codes: [503]',
    };
  }
  return { State: 'healthy' };
}
