import type { SimulatedAccount } from '../account.ts';

/** Takes `action` out of the policies of the one role whose name holds `functionName`. A miss ends the run: it would test nothing. */
export function removePermission(account: SimulatedAccount, functionName: string, action: string): void {
  const roles = account.iam.roles.filter((arn) => nameOf(arn).toLowerCase().includes(functionName.toLowerCase()));
  const [role] = roles;
  if (!role || roles.length > 1)
    throw new Error(`one role must have "${functionName}" in its name, but these have: ${roles.join(', ') || 'none'}`);
  if (account.iam.removeAction(role, action) === 0) throw new Error(`${nameOf(role)} does not allow ${action} anyway`);
}

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
