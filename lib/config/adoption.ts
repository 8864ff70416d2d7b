import { alarmPrefix } from '../domain/names.ts';
import { type ConfigurationIssue, describeFound } from './errors.ts';
import { pathText } from './explain.ts';
import type { Runbook } from './runbook.ts';
import type { ServiceSection } from './schema.ts';

/** What is wrong with the alarms that a service adopts. */
export function adoptionIssues(
  path: readonly string[],
  environment: string,
  { adoptedAlarms, sides }: ServiceSection,
  runbook: Runbook | undefined,
): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  const report = (below: readonly string[], found: unknown, allowed: string): void => {
    issues.push({ path: pathText([...path, 'adoptedAlarms', ...below]), found: describeFound(found), allowed });
  };
  const triggers = runbook?.triggers.flatMap(({ fields }) => fields?.trigger_id ?? []);
  for (const [name, { triggerId, side }] of Object.entries(adoptedAlarms)) {
    if (name.startsWith(alarmPrefix(environment))) {
      report([name], name, `an alarm that does not begin with ${alarmPrefix(environment)}: those are Backstep's own`);
    }
    if (triggerId !== undefined && triggers && !triggers.includes(triggerId)) {
      const known = triggers.filter((id) => typeof id === 'string').join(', ');
      report([name, 'triggerId'], triggerId, known === '' ? 'nothing: the runbook has no triggers' : known);
    }
    if (side !== undefined && !sides.some((one) => one.name === side)) {
      report([name, 'side'], side, sides.map((one) => one.name).join(', '));
    }
  }
  return issues;
}
