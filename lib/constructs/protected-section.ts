import type { ConfigurationIssue } from '../config/errors.ts';
import type { KnownAtDeployment } from './known-at-deployment.ts';
import type {
  EcsService,
  LoadBalancedService,
  Protectable,
  ProtectedSide,
  ProtectProps,
  TargetGroup,
} from './protect-props.ts';

/** The service's section as backstep.json would have it, with stand-ins for what only the deployment knows. */
export function renderSection(protectable: Protectable, props: ProtectProps, known: KnownAtDeployment) {
  const { runbook, policy, baseline, health, metrics, adoptedAlarms, runbookUrl } = props;
  const rules = rulesOf(protectable, props).map((rule) =>
    'listenerRuleArn' in rule
      ? known.rule('listener-rule', rule.listenerRuleArn, props.name)
      : known.rule('listener', rule.listenerArn, props.name),
  );
  return defined({
    sides: sidesOf(protectable, props).map(({ name, service: { cluster, serviceName }, targetGroup }) =>
      defined({
        name,
        cluster: known.name(cluster.clusterName, longestName),
        service: known.name(serviceName, longestName),
        targetGroup: targetGroup && known.targetGroup(targetGroup.targetGroupArn),
        ...movedByAws(protectable, props, known),
      }),
    ),
    companions: companionsOf(props, known),
    traffic: defined({ rules, sharedLoadBalancer: props.sharedLoadBalancer }),
    database: databaseOf(props, known),
    runbook,
    policy,
    baseline,
    // These hold text of the user's own, such as a URL with the name of a load balancer in it.
    health: texts(health, known),
    metrics: texts(metrics, known),
    adoptedAlarms: texts(adoptedAlarms, known),
    runbookUrl: texts(runbookUrl, known),
  });
}

/** What else the service needs, in the words of `protect`: the file's own would name fields that nobody wrote. */
export function missingParts(service: Protectable, props: ProtectProps): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  const rules = rulesOf(service, props);
  const sides = sidesOf(service, props);
  const report = (path: string, found: string, allowed: string): void => {
    issues.push({ path, found, allowed });
  };
  if (isSides(service) && props.targetGroup) {
    report('targetGroup', 'one for all sides', 'nothing: each side has its own');
  }
  for (const key of ['alternateTargetGroup', 'codeDeploy'] as const) {
    if (!props[key]) continue;
    if (isSides(service)) report(key, 'one', 'nothing with two sides: Backstep moves their traffic');
    else if (!sides[0]?.targetGroup) report(key, 'one', 'nothing without a targetGroup');
  }
  if (props.codeDeploy && !props.alternateTargetGroup && !isSides(service)) {
    report(
      'alternateTargetGroup',
      'nothing',
      'the other target group of codeDeploy, which moves the traffic between two',
    );
  }
  if (isSides(service) && rules.length === 0) {
    report('rules', 'nothing', 'the listener rules, or the listener, that forward to both sides');
  }
  sides.forEach(({ targetGroup }, index) => {
    const path = isSides(service) ? `[${index}].targetGroup` : 'targetGroup';
    if (!targetGroup && (rules.length > 0 || isSides(service))) {
      report(path, 'nothing', 'the ApplicationTargetGroup that the rules forward to');
    }
    if (targetGroup && rules.length === 0 && !isSides(service)) {
      report('rules', 'nothing', 'the listener rules, or the listener, that forward to targetGroup');
    }
  });
  return issues;
}

/** CloudFormation's names of ECS clusters and services, of what CodeDeploy has, and of databases, are at most so long. */
const longestName = 255;
const longestCodeDeployName = 100;
const longestIdentifier = 63;

const isSides = (service: Protectable): service is readonly ProtectedSide[] => Array.isArray(service);
const isPattern = (service: Protectable): service is LoadBalancedService => 'service' in service;

interface Side {
  readonly name: string;
  readonly service: EcsService;
  readonly targetGroup: TargetGroup | undefined;
}

function sidesOf(service: Protectable, { targetGroup }: ProtectProps): readonly Side[] {
  if (isSides(service)) return service;
  if (isPattern(service)) {
    return [{ name: 'main', service: service.service, targetGroup: targetGroup ?? service.targetGroup }];
  }
  return [{ name: 'main', service, targetGroup }];
}

/** Of a single service: with two sides nobody but Backstep moves the traffic. */
function movedByAws(
  service: Protectable,
  { alternateTargetGroup, codeDeploy }: ProtectProps,
  known: KnownAtDeployment,
) {
  if (isSides(service)) return {};
  return {
    alternateTargetGroup: alternateTargetGroup && known.targetGroup(alternateTargetGroup.targetGroupArn),
    codeDeploy: codeDeploy && {
      application: known.name(codeDeploy.application.applicationName, longestCodeDeployName),
      group: known.name(codeDeploy.deploymentGroupName, longestCodeDeployName),
    },
  };
}

const rulesOf = (service: Protectable, { rules }: ProtectProps) =>
  rules ?? (!isSides(service) && isPattern(service) ? [service.listener] : []);

function companionsOf({ companions }: ProtectProps, known: KnownAtDeployment) {
  if (!companions) return undefined;
  return Object.fromEntries(
    Object.entries(companions).map(([name, { service, dependsOn }]) => [
      name,
      defined({
        cluster: known.name(service.cluster.clusterName, longestName),
        service: known.name(service.serviceName, longestName),
        dependsOn,
      }),
    ]),
  );
}

function databaseOf({ database }: ProtectProps, known: KnownAtDeployment) {
  if (!database) return undefined;
  return 'clusterIdentifier' in database
    ? { cluster: known.name(database.clusterIdentifier, longestIdentifier) }
    : { instance: known.name(database.instanceIdentifier, longestIdentifier) };
}

/** A copy with stand-ins in all its text, names of fields included: adopted alarms are keyed by their names. */
function texts(value: unknown, known: KnownAtDeployment): unknown {
  if (typeof value === 'string') return known.text(value);
  if (Array.isArray(value)) return value.map((item) => texts(item, known));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [known.text(key, longestName), texts(item, known)]),
  );
}

/** Without the fields that are undefined, which the file's schema would take for something written. */
function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
