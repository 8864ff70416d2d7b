import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';

/** What answers behind a target, at this moment. */
export interface ServerBehaviour {
  /** What it says to health checks. */
  readonly healthy: boolean;
  /** Share of requests answered with 500, 0..1. */
  readonly errorRate: number;
  /** Milliseconds, log-normal between these. */
  readonly latencyMs: { readonly p50: number; readonly p95: number };
}

/** A task, or a machine that no ECS service runs. */
export interface TargetServer {
  behaviour(nowMs: number): ServerBehaviour;
  /** When the behaviour changes by itself after `nowMs`; undefined when it does not. */
  nextChange(nowMs: number): number | undefined;
}

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  /** `app/<name>/<id>`: how CloudWatch names it. */
  readonly dimension: string;
  readonly dnsName: string;
  readonly hosts: readonly string[];
  readonly createdMs: number;
}

export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  defaultActions: readonly Action[];
}

export interface ListenerRule {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  conditions: readonly RuleCondition[];
  actions: readonly Action[];
}

export interface HealthCheck {
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  /** `targetgroup/<name>/<id>`: how CloudWatch names it. */
  readonly dimension: string;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  healthCheck: HealthCheck;
  readonly attributes: Map<string, string>;
  /** In order of registration. */
  readonly targets: Map<string, Target>;
}

export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining';

export interface Target {
  /** IP address, as for tasks in awsvpc mode. */
  readonly id: string;
  readonly port: number;
  readonly server: TargetServer;
  state: TargetState;
}

/** The last parts of an ARN after `resource/`, e.g. `app/shop/0123` of a load balancer's. */
export const arnPath = (arn: string): string => arn.split(':').slice(5).join(':').split('/').slice(1).join('/');

export const deregistrationDelayMs = (group: TargetGroup): number =>
  Number(group.attributes.get('deregistration_delay.timeout_seconds') ?? 300) * 1000;
