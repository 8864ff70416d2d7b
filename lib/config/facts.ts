import type { AdoptedAlarm, Companion } from '../domain/model.ts';
import type { ConfiguredMetric, ServiceFacts } from '../domain/triggers/trigger.ts';
import { sharesLoadBalancer } from './rules.ts';
import type { EnvironmentSection, ServiceSection } from './schema.ts';

/** One service's section with everything that compiling its triggers needs from around it. */
export function serviceFacts(
  environment: string,
  { account, region, production, contacts, services }: EnvironmentSection,
  name: string,
  section: ServiceSection,
): ServiceFacts {
  const { instance, cluster } = section.database ?? {};
  const adoptedAlarms = Object.entries(section.adoptedAlarms).map(
    ([alarm, { autoExecute, triggerId = alarm, side }]): AdoptedAlarm => ({
      name: alarm,
      triggerId,
      autoExecute,
      ...(side ? { side } : {}),
    }),
  );
  const metrics = Object.entries(section.metrics).map(([metric, { unit, ...source }]): [string, ConfiguredMetric] => [
    metric,
    { ...source, ...(unit ? { unit } : {}) },
  ]);
  // In an order of their own: that of the file's keys means nothing.
  const companions = Object.entries(section.companions)
    .map(([name, companion]): Companion => ({ name, ...companion }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    environment,
    account,
    region,
    production,
    service: name,
    sides: section.sides.map(({ targetGroup, alternateTargetGroup, codeDeploy, ...side }) => ({
      ...side,
      ...(targetGroup ? { targetGroup } : {}),
      ...(alternateTargetGroup ? { alternateTargetGroup } : {}),
      ...(codeDeploy ? { codeDeploy } : {}),
    })),
    ...(companions.length > 0 ? { companions } : {}),
    traffic: { rules: section.traffic.rules },
    ...(instance ? { database: { instance } } : cluster ? { database: { cluster } } : {}),
    health: section.health,
    baseline: section.baseline,
    policy: section.policy,
    contacts,
    ...(adoptedAlarms.length > 0 ? { adoptedAlarms } : {}),
    ...(section.runbookUrl ? { runbookUrl: section.runbookUrl } : {}),
    metrics: Object.fromEntries(metrics),
    sharedLoadBalancer: sharesLoadBalancer(name, services),
  };
}
