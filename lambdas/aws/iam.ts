/**
 * Whether a role is there that tasks are given. Of its policies nothing is read.
 *
 * Calls: iam:GetRole
 */
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { quickOptions } from './client.ts';
import { type Answer, gone, named, unread } from './need-answers.ts';

const iam = new IAMClient(quickOptions);

/** @param name the role's ARN, or its name */
export async function readRole(name: string): Promise<Answer> {
  try {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name.slice(name.lastIndexOf('/') + 1) }));
    // A name is there once in an account, whatever its path: the one that the definition means is gone.
    if (name.startsWith('arn:') && Role?.Arn !== name)
      return gone(`IAM knows a role of that name as ${Role?.Arn} only.`);
    return { found: 'there' };
  } catch (error) {
    if (named(error, 'NoSuchEntityException')) return gone('IAM knows no such role.');
    return unread('IAM', error);
  }
}
