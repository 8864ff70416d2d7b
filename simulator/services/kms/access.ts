import type { SimulatedAccount } from '../../account.ts';
import { callerArn, operator } from '../../iam.ts';
import { AwsError, type Principal } from '../../service.ts';
import type { EncryptionContext, Key } from './key.ts';

/**
 * Who may use a key: whoever its policy names, and whoever IAM lets where the policy leaves the decision to the account
 * (names its root). A deny of either wins.
 *
 * @throws AwsError AccessDenied
 */
export function authorizeKey(
  account: Pick<SimulatedAccount, 'iam' | 'id'>,
  principal: Principal,
  action: string,
  key: Key,
  encryptionContext: EncryptionContext = {},
): void {
  const context = conditionsOf(account.id, principal, encryptionContext);
  const question = { action, resource: key.arn, context };
  const root = `arn:aws:iam::${account.id}:root`;
  const direct = key.policy.decision({ role: principal.arn === operator.arn ? root : principal.arn }, question);
  if (direct === 'deny') throw denied(principal, action, key, 'with an explicit deny in a resource-based policy');
  const delegated = key.policy.allows({ role: root }, question);
  if (direct === 'none' && !delegated)
    throw denied(principal, action, key, `because no resource-based policy allows the ${action} action`);
  if (direct === 'allow') refuseExplicitDeny(account, principal, action, key, context);
  else account.iam.authorize(principal, action, [key.arn], context);
}

/** Named by the key's policy, a role needs no policy of its own; one that denies counts all the same. */
function refuseExplicitDeny(
  { iam }: Pick<SimulatedAccount, 'iam'>,
  principal: Principal,
  action: string,
  key: Key,
  context: ReturnType<typeof conditionsOf>,
): void {
  try {
    iam.authorize(principal, action, [key.arn], context);
  } catch (error) {
    if (error instanceof AwsError && error.message.includes('with an explicit deny')) throw error;
  }
}

function conditionsOf(accountId: string, principal: Principal, encryptionContext: EncryptionContext) {
  const pairs = Object.entries(encryptionContext).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]);
  return {
    'aws:PrincipalArn': principal.arn,
    'kms:CallerAccount': accountId,
    ...(pairs.length > 0 ? { 'kms:EncryptionContextKeys': Object.keys(encryptionContext) } : {}),
    ...(Object.fromEntries(pairs) as Record<string, string>),
  };
}

const denied = (principal: Principal, action: string, key: Key, reason: string): AwsError =>
  new AwsError(
    'AccessDenied',
    `User: ${callerArn(principal)} is not authorized to perform: ${action} on resource: ${key.arn} ${reason}`,
    { status: 403 },
  );
