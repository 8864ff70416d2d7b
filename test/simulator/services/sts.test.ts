import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { addRole, newAccount } from '../account.ts';

const account = newAccount();
const whoAmI = (principal?: string) =>
  drive(account, new STSClient(clientConfig(account, principal)).send(new GetCallerIdentityCommand({})));

it('GetCallerIdentity shows the operator as a user', async () => {
  expect(await whoAmI()).toMatchObject({
    Account: '111122223333',
    Arn: 'arn:aws:iam::111122223333:user/operator',
    UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
  });
});

it('and a role by its session, whatever its policies say', async () => {
  expect(await whoAmI(addRole(account, 'reader'))).toMatchObject({
    Account: '111122223333',
    Arn: 'arn:aws:sts::111122223333:assumed-role/reader/simulated',
    UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:simulated$/),
  });
});

it('leaves out the path of a role', async () => {
  const arn = 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Admin';
  account.iam.addRole({ arn, policies: [] });
  expect((await whoAmI(arn)).Arn).toBe('arn:aws:sts::111122223333:assumed-role/Admin/simulated');
});
