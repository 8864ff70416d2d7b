import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as schemas from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SimulatedAccount } from '../account.ts';
import type { Random } from '../random.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { acceptActions, forwardGroups } from './elbv2/actions.ts';
import type { Listener, ListenerRule, LoadBalancer, Target, TargetGroup, TargetServer } from './elbv2/model.ts';
import { elbv2Operations } from './elbv2/operations.ts';
import { answer } from './elbv2/respond.ts';
import { like, matches, type RoutedRequest } from './elbv2/routing.ts';
import { Targets } from './elbv2/targets.ts';

export interface ProbeRequest extends RoutedRequest {
  readonly cookies?: Readonly<Record<string, string>>;
}

export interface ProbeResponse {
  readonly status: number;
  readonly body: string;
  readonly latencyMs: number;
}

/** Application Load Balancers: rules, weights, stickiness, target health. */
export class Elbv2 implements SimulatedService {
  readonly endpointPrefix = 'elasticloadbalancing';
  readonly iamPrefix = 'elasticloadbalancing';
  readonly protocol = 'query';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly loadBalancers = new Map<string, LoadBalancer>();
  readonly listeners = new Map<string, Listener>();
  readonly rules = new Map<string, ListenerRule>();
  /** By ARN. */
  readonly tags = new Map<string, Readonly<Record<string, string>>>();
  readonly targetGroups = new Map<string, TargetGroup>();
  /** Called before anything that traffic depends on changes. */
  readonly beforeChange: (() => void)[] = [];
  /** Called after a target's state changed. */
  readonly afterTargetChange: ((group: TargetGroup, target: Target) => void)[] = [];
  readonly #account: SimulatedAccount;
  /** Only forked, so that what it gives does not depend on when it is asked. */
  readonly #random: Random;
  readonly #targets: Targets;
  #probes = 0;

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.#random = account.random.fork('elbv2');
    this.operations = elbv2Operations(this);
    this.#targets = new Targets(account, {
      before: () => this.#before(),
      after: (group, target) => {
        for (const callback of this.afterTargetChange) callback(group, target);
      },
      inUse: (group) => this.inUse(group),
    });
  }

  /** Answers one request as a client would see it; undefined when no load balancer has that host. */
  respond(request: ProbeRequest): ProbeResponse | undefined {
    const actions = this.actionsFor(request);
    const nowMs = this.#account.clock.now();
    const random = this.#random.fork(`probe ${this.#probes++}`);
    return actions && answer(actions, request, (arn) => this.targetGroups.get(arn), nowMs, random);
  }

  /** The actions of the first rule that matches, or of the listener's default; undefined for a host that is nobody's. */
  actionsFor(request: RoutedRequest): readonly Action[] | undefined {
    const listener = this.listenerFor(request.host);
    if (!listener) return undefined;
    return (
      this.rulesOf(listener.arn).find((rule) => matches(rule.conditions, request))?.actions ?? listener.defaultActions
    );
  }

  /** Where clients of the host end up: an HTTPS listener before one that may only send them there. */
  listenerFor(host: string): Listener | undefined {
    const secureFirst = [...this.listeners.values()].sort((a, b) => b.protocol.length - a.protocol.length);
    return secureFirst.find((listener) => {
      const { hosts = [], dnsName } = this.loadBalancers.get(listener.loadBalancerArn) ?? {};
      return (
        host === dnsName ||
        hosts.includes(host) ||
        this.rulesOf(listener.arn).some(({ conditions }) =>
          conditions.some(
            ({ Field, HostHeaderConfig }) =>
              Field === 'host-header' && HostHeaderConfig?.Values?.some((pattern) => like(pattern, host)),
          ),
        )
      );
    });
  }

  listener(arn: string): Listener {
    const found = this.listeners.get(arn);
    if (!found) throw new AwsError('ListenerNotFound', 'One or more listeners not found');
    return found;
  }

  rule(arn: string): ListenerRule {
    const found = this.rules.get(arn);
    if (!found) throw new AwsError('RuleNotFound', 'One or more rules not found');
    return found;
  }

  /** ARN of the listener that a rule belongs to, its default rule included. */
  listenerOf(ruleArn: string): string {
    const listener = [...this.listeners.values()].find((one) => this.defaultRuleArn(one) === ruleArn);
    return listener?.arn ?? this.rule(ruleArn).listenerArn;
  }

  /** @throws AwsError where the group stands beside others in a rule whose group stickiness is off */
  refuseStickyTargets(groupArn: string): void {
    const group = this.targetGroup(groupArn);
    const owners = [
      ...[...this.rules.values()].map(({ arn, actions }) => ({ arn, actions })),
      ...[...this.listeners.values()].map(({ arn, defaultActions: actions }) => ({ arn, actions })),
    ];
    const owner = owners.find(({ actions }) => uses(actions, group) && splitsFreely(actions));
    if (!owner) return;
    throw new AwsError(
      'InvalidConfigurationRequest',
      `This target group appears behind a rule with group stickiness disabled (${owner.arn}). You must enable group stickiness before enabling target stickiness`,
    );
  }

  targetGroup(arn: string): TargetGroup {
    const found = this.targetGroups.get(arn);
    if (!found) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
    return found;
  }

  /** @throws AwsError for an ARN that nothing has, as for one that is asked for otherwise */
  tagsOf(arn: string): Readonly<Record<string, string>> {
    const kind = arn.split(':')[5]?.split('/')[0];
    if (kind === 'listener') this.listener(arn);
    else if (kind === 'listener-rule') this.listenerOf(arn);
    else if (kind === 'targetgroup') this.targetGroup(arn);
    else if (!this.loadBalancers.has(arn))
      throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
    return this.tags.get(arn) ?? {};
  }

  /** By priority. */
  rulesOf(listenerArn: string): ListenerRule[] {
    return [...this.rules.values()]
      .filter((rule) => rule.listenerArn === listenerArn)
      .sort((a, b) => a.priority - b.priority);
  }

  defaultRuleArn(listener: Listener): string {
    const id = this.#random.fork(`default rule ${listener.arn}`).hex(16);
    return `${listener.arn.replace(':listener/', ':listener-rule/')}/${id}`;
  }

  /** ARNs of the load balancers that a rule or default action lets send requests to the group. */
  loadBalancersOf(group: TargetGroup): string[] {
    const listenerArns = new Set([
      ...[...this.rules.values()].filter((rule) => uses(rule.actions, group)).map((rule) => rule.listenerArn),
      ...[...this.listeners.values()].filter((one) => uses(one.defaultActions, group)).map((one) => one.arn),
    ]);
    return [...new Set([...listenerArns].map((arn) => this.listener(arn).loadBalancerArn))];
  }

  inUse(group: TargetGroup): boolean {
    return this.loadBalancersOf(group).length > 0;
  }

  modifyRule(
    arn: string,
    change: { actions?: readonly Action[] | undefined; conditions?: readonly RuleCondition[] | undefined },
  ): ListenerRule {
    if ([...this.listeners.values()].some((listener) => this.defaultRuleArn(listener) === arn)) {
      throw new AwsError('OperationNotPermitted', `Default rule '${arn}' cannot be modified`);
    }
    const rule = this.rule(arn);
    const accepted = change.actions && this.#accept(change.actions, rule.actions);
    this.#reroute(() => {
      if (accepted) rule.actions = accepted;
      if (change.conditions) rule.conditions = change.conditions;
    });
    return rule;
  }

  modifyListener(arn: string, actions: readonly Action[] | undefined): Listener {
    const listener = this.listener(arn);
    const accepted = actions && this.#accept(actions, listener.defaultActions);
    this.#reroute(() => {
      if (accepted) listener.defaultActions = accepted;
    });
    return listener;
  }

  /** @param settled the target has been there for long: no initial health checks */
  registerTarget(groupArn: string, id: string, port: number, server: TargetServer, settled = false): void {
    this.#targets.register(this.targetGroup(groupArn), id, port, server, settled);
  }

  /** @param drained runs when the deregistration delay is over */
  deregisterTarget(groupArn: string, id: string, drained?: () => void): void {
    this.#targets.deregister(this.targetGroup(groupArn), id, drained);
  }

  /** Behaviours were changed from outside: health checks will find something else. */
  reviewTargets(): void {
    for (const group of this.targetGroups.values()) {
      for (const target of group.targets.values()) this.#targets.review(group, target);
    }
  }

  /** Adds what exists before the scenario begins; its actions are accepted as ModifyRule would accept them. */
  addLoadBalancer(loadBalancer: LoadBalancer): void {
    this.loadBalancers.set(loadBalancer.arn, loadBalancer);
  }

  addListener(listener: Listener): void {
    this.#reroute(() => {
      this.listeners.set(listener.arn, { ...listener, defaultActions: this.#accept(listener.defaultActions, []) });
    });
  }

  addRule(rule: ListenerRule): void {
    this.#reroute(() => {
      this.rules.set(rule.arn, { ...rule, actions: this.#accept(rule.actions, []) });
    });
  }

  #accept(actions: readonly Action[], current: readonly Action[]): Action[] {
    return acceptActions(actions, current, (arn) => this.targetGroups.get(arn)?.attributes);
  }

  #reroute(change: () => void): void {
    this.#before();
    const groups = [...this.targetGroups.values()];
    const used = new Set(groups.filter((group) => this.inUse(group)));
    change();
    for (const group of groups) {
      if (this.inUse(group) !== used.has(group)) this.#targets.useChanged(group);
    }
  }

  #before(): void {
    for (const callback of this.beforeChange) callback();
  }
}

const uses = (actions: readonly Action[], group: TargetGroup): boolean =>
  forwardGroups(actions).some(({ TargetGroupArn }) => TargetGroupArn === group.arn);

/** Several target groups, and no group stickiness. */
const splitsFreely = (actions: readonly Action[]): boolean =>
  actions.some(
    ({ ForwardConfig: config }) =>
      (config?.TargetGroups?.length ?? 0) > 1 && !config?.TargetGroupStickinessConfig?.Enabled,
  );
