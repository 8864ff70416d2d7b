/** IAM and CloudWatch Logs as far as they answer: what a target's tasks need. */
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { addRole, newAccount } from '../account.ts';

let account: SimulatedAccount;
beforeEach(() => {
  account = newAccount();
});

describe('GetRole', () => {
  const role = 'arn:aws:iam::111122223333:role/shop/task';
  const get = (RoleName: string, as?: string) =>
    drive(account, new IAMClient(clientConfig(account, as)).send(new GetRoleCommand({ RoleName })));

  test('tells a role by its name, with the path in its ARN', async () => {
    account.iam.addRole({ arn: role, policies: [] });
    expect((await get('task')).Role).toMatchObject({ Arn: role, Path: '/shop/', RoleName: 'task' });
  });

  test('knows no other, in AWS’s words', async () => {
    await expect(get('nobody')).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name nobody cannot be found.',
    });
  });

  test('is authorized on the role', async () => {
    account.iam.addRole({ arn: role, policies: [] });
    const reader = addRole(account, 'reader', [['iam:GetRole'], [role]]);
    expect((await get('task', reader)).Role?.Arn).toBe(role);
    await expect(get('nobody', reader)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('DescribeLogGroups', () => {
  const names = async (logGroupNamePrefix: string, limit?: number, as?: string) => {
    const logs = new CloudWatchLogsClient(clientConfig(account, as));
    const { logGroups = [], nextToken } = await drive(
      account,
      logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, limit })),
    );
    return [...logGroups.map(({ logGroupName }) => logGroupName), ...(nextToken ? ['more'] : [])];
  };

  test('lists by prefix and in order, a page at a time', async () => {
    for (const name of ['/shop/b', '/shop/a', '/other']) account.logs.create(name);
    expect(await names('/shop/')).toEqual(['/shop/a', '/shop/b']);
    expect(await names('/shop/', 1)).toEqual(['/shop/a', 'more']);
    expect(await names('/nobody')).toEqual([]);
  });

  test('is authorized on all groups, never on one', async () => {
    account.logs.create('/shop/a');
    const all = addRole(account, 'all', [['logs:DescribeLogGroups'], ['*']]);
    const group = 'arn:aws:logs:eu-west-1:111122223333:log-group:/shop/a';
    const one = addRole(account, 'one', [['logs:DescribeLogGroups'], [group]]);
    expect(await names('/shop/', 1, all)).toEqual(['/shop/a']);
    await expect(names('/shop/', 1, one)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
