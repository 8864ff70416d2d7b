import type { Json } from '../../lib/domain/model.ts';
import type { SimulatedAccount } from '../account.ts';
import type { StackIdentity } from './creation.ts';
import { DeploymentFailed, type Template } from './template.ts';

/** Values of a template's parameters (their defaults, read from SSM where the type says so) and of the pseudo parameters. */
export function parameterValues(
  account: SimulatedAccount,
  template: Template,
  stack: StackIdentity,
): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>([
    ['AWS::AccountId', account.id],
    ['AWS::Region', account.region],
    ['AWS::Partition', 'aws'],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', stack.stackName],
    ['AWS::StackId', stack.stackId],
    ['AWS::NotificationARNs', []],
  ]);
  for (const [name, { Type, Default }] of Object.entries(template.Parameters ?? {})) {
    if (Default === undefined) throw new DeploymentFailed(`The parameter ${name} has no default.`);
    values.set(name, Type.startsWith('AWS::SSM::Parameter::Value<') ? stored(account, name, String(Default)) : Default);
  }
  return values;
}

function stored(account: SimulatedAccount, name: string, parameter: string): string {
  const found = account.ssm.parameter(parameter);
  if (!found) throw new DeploymentFailed(`The parameter ${name} reads ${parameter}, which does not exist.`);
  return found.value;
}
