/** What is measured where a deployment has changed which target group serves. Alarms watch both groups. */
import type { ServiceConfiguration } from '../model.ts';

/** @param groups of each side in the configuration's order; undefined where it has none */
export function withTargetGroups(
  configuration: ServiceConfiguration,
  groups: readonly (string | undefined)[],
): ServiceConfiguration {
  const sides = configuration.sides.map((side, index) => {
    const targetGroup = groups[index] ?? side.targetGroup;
    return { ...side, ...(targetGroup && { targetGroup }) };
  });
  return { ...configuration, sides };
}
