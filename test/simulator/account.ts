/** A small account for the tests of single services. */
import { SimulatedAccount } from '../../simulator/account.ts';

export const accountId = '111122223333';
export const region = 'eu-west-1';

/** Starts at 2026-11-20T03:00:00Z unless told otherwise. */
export const newAccount = (seed = 1): SimulatedAccount =>
  new SimulatedAccount({ account: accountId, region, startMs: Date.UTC(2026, 10, 20, 3), seed });

export const roleArn = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`;

/** A role that may do what the statements say, given as [actions, resources] pairs. */
export function addRole(
  account: SimulatedAccount,
  name: string,
  ...grants: readonly (readonly [readonly string[], readonly string[]])[]
): string {
  const arn = roleArn(name);
  account.iam.addRole({
    arn,
    policies: [
      { Version: '2012-10-17', Statement: grants.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })) },
    ],
  });
  return arn;
}
