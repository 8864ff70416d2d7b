/** AWS STS: who calls. */

import type { GetCallerIdentityCommandInput, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import * as sts from '@aws-sdk/client-sts';
import type { SimulatedAccount } from '../account.ts';
import { identityOf } from '../iam/identity.ts';
import type { Operation, SimulatedService } from '../service.ts';

export class Sts implements SimulatedService {
  readonly endpointPrefix = 'sts';
  readonly iamPrefix = 'sts';
  readonly protocol = 'query';
  readonly schemas = sts;
  readonly operations: Readonly<Record<string, Operation>>;

  constructor(account: Pick<SimulatedAccount, 'id'>) {
    // Nobody needs a permission for it, and no policy can deny it.
    const GetCallerIdentity: Operation<GetCallerIdentityCommandInput, GetCallerIdentityResponse> = {
      actions: [],
      resources: () => ['*'],
      run: (_input, { principal }) => {
        const { accountId, arn, userId } = identityOf(principal, account.id);
        return { UserId: userId, Account: accountId, Arn: arn };
      },
    };
    this.operations = { GetCallerIdentity };
  }
}
