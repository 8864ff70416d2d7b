/** What is measured where a deployment has changed which target group serves. */
import { targetGroupDimension } from '../arns.ts';
import type { AlarmDefinition, ServiceConfiguration } from '../model.ts';

/**
 * The configuration with other target groups, in its sides and in what its alarms watch.
 *
 * @param groups of each side in the configuration's order; undefined where it has none
 */
export function withTargetGroups(
  configuration: ServiceConfiguration,
  groups: readonly (string | undefined)[],
): ServiceConfiguration {
  const moved = new Map<string, string>();
  configuration.sides.forEach(({ targetGroup }, index) => {
    const now = groups[index];
    const [from, to] = [targetGroup, now].map((arn) => arn && targetGroupDimension(arn));
    if (from && to && from !== to) moved.set(from, to);
  });
  if (moved.size === 0) return configuration;
  const sides = configuration.sides.map((side, index) => {
    const targetGroup = groups[index] ?? side.targetGroup;
    return { ...side, ...(targetGroup && { targetGroup }) };
  });
  const triggers = configuration.triggers.map((trigger) => ({
    ...trigger,
    alarms: trigger.alarms.map((alarm) => watching(alarm, moved)),
  }));
  return { ...configuration, sides, triggers };
}

function watching(alarm: AlarmDefinition, moved: ReadonlyMap<string, string>): AlarmDefinition {
  const queries = alarm.queries.map((query) => {
    const { metric } = query;
    const now = metric && moved.get(metric.dimensions.TargetGroup ?? '');
    return now ? { ...query, metric: { ...metric, dimensions: { ...metric.dimensions, TargetGroup: now } } } : query;
  });
  return { ...alarm, queries };
}
