import type { SimulatedAccount } from '../../account.ts';
import { type CodeDeployment, isOver } from './model.ts';

/** AWS does not say how often CodeDeploy looks. */
const firstMs = 5000;
const pollMs = 15_000;

/** Calls `alarmed` once, with their names, when alarms of a deployment under way are on; also those that were on before. */
export function watchAlarms(
  account: SimulatedAccount,
  deployment: CodeDeployment,
  alarmed: (names: readonly string[]) => void,
): void {
  if (deployment.alarmNames.length === 0) return;
  const poll = (): void => {
    if (isOver(deployment)) return;
    const { alarms, compositeAlarms } = account.cloudwatch;
    const active = [...alarms, ...compositeAlarms]
      .filter(({ name, state }) => deployment.alarmNames.includes(name) && state.value === 'ALARM')
      .map(({ name }) => name);
    if (active.length > 0) alarmed(active);
    else account.clock.after(pollMs, poll);
  };
  account.clock.after(firstMs, poll);
}

export const alarmMessage = (names: readonly string[]): string =>
  `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <${names.join(', ')}>`;
