import { loadBalancerDimension, parseArn, partitionOf } from '../domain/arns.ts';
import { cycleIn } from '../domain/companions/order.ts';
import { child } from './entries.ts';
import { type ConfigurationIssue, describeFound } from './errors.ts';
import { pathText } from './explain.ts';
import type { EnvironmentSection, ServiceSection } from './schema.ts';

type Report = (path: readonly PropertyKey[], found: unknown, allowed: string) => void;

/** Rules between the fields of one service. `given` is the service as written, to tell a default from a decision. */
export function serviceIssues(
  path: readonly PropertyKey[],
  service: ServiceSection,
  given: unknown,
  environment: Pick<EnvironmentSection, 'account' | 'region'> | undefined,
): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  const report: Report = (below, found, allowed) => {
    const words = found instanceof Words ? found.text : describeFound(found);
    issues.push({ path: pathText([...path, ...below]), found: words, allowed });
  };
  sides(service, report);
  companions(service, report);
  movedByAws(service, report);
  loadBalancing(service, report);
  if (environment) belonging(service, environment, report);
  database(service, given, report);
  policy(service, given, report);
  return issues;
}

/**
 * Rules between services: two rollbacks must never change the same thing.
 *
 * @param owners whose each ECS service, target group, rule and adopted alarm is, by the path of its service; shared by all environments of
 *   one account and region, and added to
 */
export function neighbourIssues(
  path: readonly PropertyKey[],
  services: Readonly<Record<string, ServiceSection>>,
  owners: Map<string, string>,
): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  for (const [name, service] of Object.entries(services)) {
    const claims: [PropertyKey[], string, string][] = [
      ...service.sides.map((side, i): [PropertyKey[], string, string] => [
        ['sides', i, 'service'],
        `${side.cluster}/${side.service}`,
        'an ECS service',
      ]),
      ...Object.entries(service.companions).map(([companion, one]): [PropertyKey[], string, string] => [
        ['companions', companion, 'service'],
        `${one.cluster}/${one.service}`,
        'an ECS service',
      ]),
      ...service.sides.flatMap((side, i): [PropertyKey[], string, string][] =>
        side.targetGroup ? [[['sides', i, 'targetGroup'], side.targetGroup, 'a target group']] : [],
      ),
      ...service.traffic.rules.map((rule, i): [PropertyKey[], string, string] => [
        ['traffic', 'rules', i],
        rule,
        'a rule',
      ]),
      // Its name does not tell whose alarm it is, so one alarm can stand for one service only.
      ...Object.keys(service.adoptedAlarms).map((alarm): [PropertyKey[], string, string] => [
        ['adoptedAlarms', alarm],
        `alarm ${alarm}`,
        'an alarm',
      ]),
    ];
    for (const [below, claim, words] of claims) {
      const here = pathText([...path, name]);
      const owner = owners.get(claim);
      if (owner !== undefined && owner !== here) {
        issues.push({
          path: pathText([...path, name, ...below]),
          found: describeFound(claim),
          allowed: `${words} of its own: this one is ${owner}'s`,
        });
      }
      owners.set(claim, owner ?? here);
    }
    const shared = loadBalancersOf(service).find((balancer) => usedElsewhere(balancer, name, services));
    if (service.traffic.sharedLoadBalancer === false && shared !== undefined) {
      issues.push({
        path: pathText([...path, name, 'traffic', 'sharedLoadBalancer']),
        found: 'false',
        allowed: `true, since another service of this environment uses ${shared}, or nothing`,
      });
    }
  }
  return issues;
}

/** Whether errors that the load balancer makes may come from another service. */
export function sharesLoadBalancer(name: string, services: Readonly<Record<string, ServiceSection>>): boolean {
  const service = services[name];
  if (!service) return false;
  return (
    service.traffic.sharedLoadBalancer ??
    loadBalancersOf(service).some((balancer) => usedElsewhere(balancer, name, services))
  );
}

/** A finding in words of its own, where quoting one value would not tell. */
class Words {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Last parts of the names of alarms that belong to no side. */
const reservedNames = ['hosts', 'load-balancer'];

function sides({ sides }: ServiceSection, report: Report): void {
  sides.forEach(({ name }, i) => {
    if (reservedNames.includes(name)) report(['sides', i, 'name'], name, `any name but ${reservedNames.join(' and ')}`);
  });
  const [first, second] = sides;
  if (!first || !second) return;
  if (first.name === second.name) report(['sides', 1, 'name'], second.name, 'a name that the other side does not have');
  if (first.cluster === second.cluster && first.service === second.service) {
    report(['sides', 1, 'service'], second.service, "an ECS service that is not the other side's");
  }
  if (first.targetGroup !== undefined && first.targetGroup === second.targetGroup) {
    report(['sides', 1, 'targetGroup'], second.targetGroup, "a target group that is not the other side's");
  }
}

/** Each is an ECS service and a name of its own, and what depends on what has an end. */
function companions({ sides, companions }: ServiceSection, report: Report): void {
  const all = Object.entries(companions);
  const place = ({ cluster, service }: { cluster: string; service: string }): string => `${cluster}/${service}`;
  const taken = new Map(sides.map((side) => [place(side), `side ${side.name}`]));
  const [only, ...others] = sides;
  const known = [...(only && others.length === 0 ? [only.name] : []), ...all.map(([name]) => name)];
  for (const [name, companion] of all) {
    const path = ['companions', name];
    if (sides.some((side) => side.name === name)) report(path, name, 'a name that no side has');
    const owner = taken.get(place(companion));
    if (owner !== undefined) {
      report([...path, 'service'], companion.service, `an ECS service of its own: this one is that of ${owner}`);
    }
    taken.set(place(companion), owner ?? `companion ${name}`);
    companion.dependsOn.forEach((other, i) => {
      const here = [...path, 'dependsOn', i];
      const allowed = known.filter((one) => one !== name).join(', ') || 'nothing, since there is no other companion';
      if (companion.dependsOn.indexOf(other) !== i) report(here, other, 'each name once');
      else if (other === name || !known.includes(other)) report(here, other, `${allowed}${ofSides(other, sides)}`);
    });
  }
  const cycle = cycleIn(
    all.map(([name, { dependsOn }]) => ({ name, dependsOn: dependsOn.filter((one) => one !== name) })),
  );
  if (cycle) {
    report(
      ['companions', cycle[0] ?? '', 'dependsOn'],
      new Words(cycle.join(' -> ')),
      'dependencies that do not lead back',
    );
  }
}

/** Traffic moves between two sides first of all, so that nothing can go before it. */
const ofSides = (name: string, sides: ServiceSection['sides']): string =>
  sides.length > 1 && sides.some((side) => side.name === name)
    ? ' (no side, since with two of them traffic moves first)'
    : '';

/** Who moves the traffic of a service moves it between two target groups of its own, which no second side may share. */
function movedByAws({ sides }: ServiceSection, report: Report): void {
  sides.forEach((side, i) => {
    const { targetGroup, alternateTargetGroup: alternate, codeDeploy } = side;
    for (const key of ['alternateTargetGroup', 'codeDeploy'] as const) {
      if (side[key] === undefined) continue;
      if (sides.length > 1) report(['sides', i, key], side[key], 'nothing with two sides: their traffic is moved here');
      else if (targetGroup === undefined) report(['sides', i, key], side[key], 'nothing without a targetGroup');
    }
    if (alternate !== undefined && alternate === targetGroup) {
      report(['sides', i, 'alternateTargetGroup'], alternate, 'a target group other than targetGroup');
    }
    if (codeDeploy !== undefined && targetGroup !== undefined && alternate === undefined) {
      const allowed = 'the ARN of the other target group, since CodeDeploy moves the traffic between two';
      report(['sides', i, 'alternateTargetGroup'], undefined, allowed);
    }
  });
}

/** Rules without target groups move nothing, and target groups without rules cannot be found in CloudWatch. */
function loadBalancing({ sides, traffic }: ServiceSection, report: Report): void {
  const two = sides.length === 2;
  const behind = traffic.rules.length > 0;
  if (two && !behind) {
    report(['traffic', 'rules'], traffic.rules, 'at least one rule, since traffic moves between two sides');
  }
  sides.forEach((side, i) => {
    if (side.targetGroup === undefined && (behind || two)) {
      const why = two ? 'traffic moves between two sides' : 'traffic.rules forward to it';
      report(['sides', i, 'targetGroup'], undefined, `the ARN of a target group, since ${why}`);
    }
    if (side.targetGroup !== undefined && !behind && !two) {
      report(['traffic', 'rules'], traffic.rules, "at least one rule that forwards to the side's targetGroup");
    }
  });
  const balancers = [...new Set(loadBalancersOf({ traffic }))];
  if (balancers.length > 1) {
    report(['traffic', 'rules'], new Words(`rules of ${balancers.join(' and ')}`), 'rules of one load balancer');
  }
  traffic.rules.forEach((rule, i) => {
    if (traffic.rules.indexOf(rule) !== i) report(['traffic', 'rules', i], rule, 'each rule once');
  });
}

/** What is named by ARN must lie where the stack is deployed: it could neither watch nor change anything elsewhere. */
function belonging(
  { sides, traffic }: ServiceSection,
  { account, region }: Pick<EnvironmentSection, 'account' | 'region'>,
  report: Report,
): void {
  const check = (path: readonly PropertyKey[], arn: string): void => {
    const parts = parseArn(arn);
    if (!parts) return;
    if (parts.account !== account)
      report(path, new Words(`account ${parts.account}`), `the environment's account, ${account}`);
    if (parts.region !== region)
      report(path, new Words(`region ${parts.region}`), `the environment's region, ${region}`);
    const partition = partitionOf(region);
    if (parts.region === region && parts.partition !== partition) {
      report(path, new Words(`partition ${parts.partition}`), `the partition of ${region}, ${partition}`);
    }
  };
  sides.forEach((side, i) => {
    if (side.targetGroup !== undefined) check(['sides', i, 'targetGroup'], side.targetGroup);
    if (side.alternateTargetGroup !== undefined) {
      check(['sides', i, 'alternateTargetGroup'], side.alternateTargetGroup);
    }
  });
  traffic.rules.forEach((rule, i) => {
    check(['traffic', 'rules', i], rule);
  });
}

/** Without a snapshot they could have no effect. */
const snapshotPolicies = ['awaitBackup', 'snapshotMinutes'];

function database({ database, policy }: ServiceSection, given: unknown, report: Report): void {
  const refuse = (keys: readonly string[], why: string): void => {
    for (const key of keys) {
      const found = written(given, 'policy', key);
      if (found !== undefined) report(['policy', key], found, `nothing, since ${why}`);
    }
  };
  if (database === undefined) {
    refuse(['backup', ...snapshotPolicies, 'unknownMigrations'], 'the service names no database');
    return;
  }
  if (policy.backup === 'off') refuse(snapshotPolicies, 'policy.backup is "off", so that no snapshot is taken');
  const both = database.instance !== undefined && database.cluster !== undefined;
  const none = database.instance === undefined && database.cluster === undefined;
  if (both) report(['database'], new Words('instance and cluster'), 'either instance or cluster');
  if (none) report(['database'], database, 'either instance or cluster');
}

/** A setting that could have no effect is a misunderstanding, and those are best cleared up before an incident. */
function policy(service: ServiceSection, given: unknown, report: Report): void {
  const { strategy, cooldownMinutes, rollbacksPerDay } = service.policy;
  const two = service.sides.length === 2;
  if (two && strategy === 'rolling') {
    report(
      ['policy', 'strategy'],
      strategy,
      '"auto", "instant", "blue-green" or "canary": traffic moves between two sides',
    );
  }
  if (!two && strategy !== 'auto' && strategy !== 'rolling') {
    report(['policy', 'strategy'], strategy, '"auto" or "rolling": with one side there is no other to move traffic to');
  }
  const forTwo = ['steps', 'stepSeconds', 'badSide'].filter((key) => written(given, 'policy', key) !== undefined);
  for (const key of two ? [] : forTwo) {
    report(['policy', key], written(given, 'policy', key), 'nothing, since with one side no traffic moves between two');
  }
  const mostPerDay = cooldownMinutes === 0 ? Number.POSITIVE_INFINITY : Math.ceil(1440 / cooldownMinutes);
  if (written(given, 'policy', 'rollbacksPerDay') !== undefined && rollbacksPerDay > mostPerDay) {
    const why = `more do not fit into a day with a cooldown of ${cooldownMinutes} minutes`;
    report(['policy', 'rollbacksPerDay'], rollbacksPerDay, `at most ${mostPerDay}: ${why}`);
  }
  const minimum = written(given, 'health', 'minimumRequestsPerMinute');
  if (minimum !== undefined && service.traffic.rules.length === 0 && service.sides.every((side) => !side.targetGroup)) {
    report(['health', 'minimumRequestsPerMinute'], minimum, 'nothing, since no load balancer counts requests');
  }
  const shared = service.traffic.sharedLoadBalancer;
  if (shared !== undefined && service.traffic.rules.length === 0) {
    report(['traffic', 'sharedLoadBalancer'], shared, 'nothing, since the service has no traffic.rules');
  }
}

const loadBalancersOf = ({ traffic }: Pick<ServiceSection, 'traffic'>): string[] =>
  traffic.rules.flatMap((rule) => loadBalancerDimension(rule) ?? []);

const usedElsewhere = (balancer: string, name: string, services: Readonly<Record<string, ServiceSection>>): boolean =>
  Object.entries(services).some(([other, service]) => other !== name && loadBalancersOf(service).includes(balancer));

/** As the file has it, undefined where a default fills in. */
const written = (given: unknown, section: string, key: string): unknown => child(child(given, section), key);
