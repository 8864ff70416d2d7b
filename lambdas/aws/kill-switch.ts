/**
 * AWS Systems Manager parameters: the kill switch. Reading it never fails: that it cannot be read is an answer.
 *
 * Calls: ssm:GetParameters
 */
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { KillSwitchOn } from '../../lib/domain/errors.ts';
import { judgeSwitches, type KillSwitch, mustHalt, type SwitchReading } from '../../lib/domain/kill-switch.ts';
import type { RollbackContext } from '../../lib/domain/model.ts';
import { killSwitchParameter } from '../../lib/domain/names.ts';
import { clientOptions } from './client.ts';

const ssm = new SSMClient(clientOptions);

/** That of the environment and that of the service, in one call. */
export async function readKillSwitch(environment: string, service: string): Promise<KillSwitch> {
  // AWS refuses the whole call for a name with other characters; a service of ours cannot have them.
  const own = /^[\w.-]+$/.test(service) ? [killSwitchParameter(environment, service)] : [];
  const Names = [killSwitchParameter(environment), ...own];
  try {
    const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names }));
    const [whole, one] = Names.map((name): SwitchReading | undefined => {
      const found = Parameters.find((parameter) => parameter.Name === name);
      return found && { name, value: found.Value ?? '', changedAt: found.LastModifiedDate?.toISOString() ?? '' };
    });
    return judgeSwitches(whole, one);
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { state: 'unreadable', reason: `The kill switch cannot be read (${why}).` };
  }
}

/** Call right before every change. Throws KillSwitchOn when this rollback may change nothing more. */
export async function obeyKillSwitch(context: RollbackContext): Promise<void> {
  const reason = mustHalt(await readKillSwitch(context.environment, context.service), context);
  if (reason) throw new KillSwitchOn(`${reason} What was changed before stays; a person decides how to go on.`);
}
