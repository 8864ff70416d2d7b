import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SimulatedAccount } from '../account.ts';
import { arnPath, type TargetGroup } from '../services/elbv2/model.ts';
import type { ForwardSpec, LoadBalancerSpec, TargetGroupSpec } from './spec.ts';

const dayMs = 86_400_000;

export function buildTargetGroup(account: SimulatedAccount, spec: TargetGroupSpec): void {
  const group: TargetGroup = {
    arn: spec.arn,
    name: arnPath(spec.arn).split('/')[0] ?? '',
    dimension: `targetgroup/${arnPath(spec.arn)}`,
    port: spec.port ?? 80,
    protocol: spec.protocol ?? 'HTTP',
    healthCheck: {
      path: spec.healthCheck?.path ?? '/',
      intervalSeconds: spec.healthCheck?.intervalSeconds ?? 30,
      timeoutSeconds: spec.healthCheck?.timeoutSeconds ?? 5,
      healthyThreshold: spec.healthCheck?.healthyThreshold ?? 5,
      unhealthyThreshold: spec.healthCheck?.unhealthyThreshold ?? 2,
    },
    attributes: new Map([
      ['deregistration_delay.timeout_seconds', String(spec.deregistrationDelaySeconds ?? 300)],
      ['stickiness.enabled', 'false'],
      ['stickiness.type', 'lb_cookie'],
      ['stickiness.lb_cookie.duration_seconds', '86400'],
      ['load_balancing.algorithm.type', 'round_robin'],
      ['slow_start.duration_seconds', '0'],
    ]),
    targets: new Map(),
  };
  account.elbv2.targetGroups.set(group.arn, group);
}

export function buildLoadBalancer(account: SimulatedAccount, spec: LoadBalancerSpec): void {
  const { elbv2, clock, region } = account;
  const path = arnPath(spec.arn);
  const [, name = '', id = ''] = path.split('/');
  elbv2.addLoadBalancer({
    arn: spec.arn,
    name,
    dimension: path,
    dnsName: `${name}-${Number.parseInt(id.slice(0, 8), 16) || 0}.${region}.elb.amazonaws.com`,
    hosts: spec.hosts ?? [],
    createdMs: clock.now() - 90 * dayMs,
  });
  for (const listener of spec.listeners) {
    const protocol = listener.protocol ?? 'HTTPS';
    elbv2.addListener({
      arn: listener.arn,
      loadBalancerArn: spec.arn,
      port: listener.port ?? (protocol === 'HTTPS' ? 443 : 80),
      protocol,
      defaultActions: listener.default ? actionsOf(listener.default) : [notFound],
    });
    if (listener.tags) elbv2.tags.set(listener.arn, listener.tags);
    for (const rule of listener.rules ?? []) {
      elbv2.addRule({
        arn: rule.arn,
        listenerArn: listener.arn,
        priority: rule.priority,
        conditions: conditionsOf(rule.hosts, rule.paths),
        actions: actionsOf(rule.forward),
      });
      if (rule.tags) elbv2.tags.set(rule.arn, rule.tags);
    }
  }
}

/** Actions as ModifyRule takes them. */
export function actionsOf({ weights, stickiness, oidc }: ForwardSpec): Action[] {
  const forward: Action = {
    Type: 'forward',
    Order: oidc ? 2 : 1,
    ForwardConfig: {
      TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
      TargetGroupStickinessConfig: {
        Enabled: stickiness?.enabled ?? false,
        ...(stickiness?.durationSeconds === undefined ? {} : { DurationSeconds: stickiness.durationSeconds }),
      },
    },
  };
  if (!oidc) return [forward];
  const login: Action = {
    Type: 'authenticate-oidc',
    Order: 1,
    AuthenticateOidcConfig: {
      Issuer: oidc.issuer,
      AuthorizationEndpoint: oidc.authorizationEndpoint,
      TokenEndpoint: oidc.tokenEndpoint,
      UserInfoEndpoint: oidc.userInfoEndpoint,
      ClientId: oidc.clientId,
      ClientSecret: oidc.clientSecret,
      SessionCookieName: 'AWSELBAuthSessionCookie',
      Scope: 'openid',
      SessionTimeout: 604_800,
      OnUnauthenticatedRequest: 'authenticate',
    },
  };
  return [login, forward];
}

const notFound: Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'Not found' },
};

function conditionsOf(hosts: readonly string[] = [], paths: readonly string[] = []): RuleCondition[] {
  const host: RuleCondition = {
    Field: 'host-header',
    Values: [...hosts],
    HostHeaderConfig: { Values: [...hosts] },
  };
  const path: RuleCondition = {
    Field: 'path-pattern',
    Values: [...paths],
    PathPatternConfig: { Values: [...paths] },
  };
  return [...(hosts.length > 0 ? [host] : []), ...(paths.length > 0 ? [path] : [])];
}
