/**
 * AWS CloudFormation: whether a stack is being changed.
 *
 * Calls: cloudformation:DescribeStacks
 */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { StackView } from '../../lib/domain/stack.ts';
import { quickOptions } from './client.ts';

const cloudFormation = new CloudFormationClient(quickOptions);

/** That it cannot be read is told and hinders nothing: a rollback must work without CloudFormation. */
export async function readStack(name: string): Promise<StackView> {
  try {
    const { Stacks: stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
    const status = stacks[0]?.StackStatus;
    return status ? { name, status } : { name, problem: 'CloudFormation knows no such stack.' };
  } catch (error) {
    return { name, problem: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
