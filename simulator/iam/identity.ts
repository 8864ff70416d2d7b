import { createHash } from 'node:crypto';
import type { Principal } from '../service.ts';

/** A caller as AWS names one: in GetCallerIdentity and to a function behind a URL. */
export interface Identity {
  readonly accountId: string;
  /** `arn:aws:sts::…:assumed-role/<role>/<session>`, or `arn:aws:iam::…:user/<name>`. */
  readonly arn: string;
  /** `AROA…:<session>` or `AIDA…` */
  readonly userId: string;
}

/** The operator is the account's IAM user of that name. */
export function identityOf(principal: Principal, accountId: string): Identity {
  const arn = principal.arn === 'operator' ? `arn:aws:iam::${accountId}:user/operator` : principal.arn;
  const role = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(arn);
  if (!role) return { accountId: arn.split(':')[4] || accountId, arn, userId: `AIDA${uniqueId(arn)}` };
  const session = principal.session ?? 'simulated';
  return {
    accountId: role[2] ?? accountId,
    arn: `arn:${role[1]}:sts::${role[2]}:assumed-role/${role[3]}/${session}`,
    userId: `AROA${uniqueId(arn)}:${session}`,
  };
}

/** The same for the same ARN. */
function uniqueId(arn: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes = createHash('sha256').update(arn).digest().subarray(0, 17);
  return [...bytes].map((byte) => alphabet[byte & 31]).join('');
}
