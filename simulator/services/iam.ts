/** AWS IAM's API, as far as roles can be read. Who may do what is decided in simulator/iam.ts. */
import { createHash } from 'node:crypto';
import type { GetRoleRequest, GetRoleResponse } from '@aws-sdk/client-iam';
import * as schemas from '@aws-sdk/client-iam';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';

export class IamApi implements SimulatedService {
  readonly endpointPrefix = 'iam';
  readonly iamPrefix = 'iam';
  readonly protocol = 'query';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;

  constructor(account: Pick<SimulatedAccount, 'id' | 'iam' | 'clock'>) {
    const CreateDate = new Date(account.clock.now());
    const find = (name: string): string | undefined => account.iam.roles.find((arn) => arn.endsWith(`/${name}`));
    const GetRole: Operation<GetRoleRequest, GetRoleResponse> = {
      resources: ({ RoleName: name = '' }) => [find(name) ?? `arn:aws:iam::${account.id}:role/${name}`],
      run: ({ RoleName = '' }) => {
        const Arn = find(RoleName);
        if (!Arn)
          throw new AwsError('NoSuchEntity', `The role with name ${RoleName} cannot be found.`, { status: 404 });
        const Path = /:role(\/.*)$/.exec(Arn)?.[1]?.slice(0, -RoleName.length) ?? '/';
        const RoleId = `AROA${createHash('sha256').update(Arn).digest('hex').slice(0, 17).toUpperCase()}`;
        return { Role: { Path, RoleName, RoleId, Arn, CreateDate } };
      },
    };
    this.operations = { GetRole };
  }
}
