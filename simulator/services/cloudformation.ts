/** AWS CloudFormation, as far as the state of stacks can be read. Nothing here deploys one. */
import type { DescribeStacksInput, DescribeStacksOutput, Stack, StackStatus } from '@aws-sdk/client-cloudformation';
import * as schemas from '@aws-sdk/client-cloudformation';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { pageOf } from './paging.ts';

export interface StackRecord {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  updatedMs: number;
  status: StackStatus;
}

export class CloudFormation implements SimulatedService {
  readonly endpointPrefix = 'cloudformation';
  readonly iamPrefix = 'cloudformation';
  readonly protocol = 'query';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  /** By name. */
  readonly stacks = new Map<string, StackRecord>();
  readonly #account: SimulatedAccount;

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.operations = { DescribeStacks: this.#describeStacks };
  }

  /** A stack that is there, or the new state of one that is. */
  set(name: string, status: StackStatus): StackRecord {
    const nowMs = this.#account.clock.now();
    const known = this.stacks.get(name);
    if (known) return Object.assign(known, { status, updatedMs: nowMs });
    const id = this.#account.random.fork(`stack ${name}`).uuid();
    const arn = this.#account.arn('cloudformation', `stack/${name}/${id}`);
    const stack: StackRecord = { name, arn, createdMs: nowMs, updatedMs: nowMs, status };
    this.stacks.set(name, stack);
    return stack;
  }

  readonly #describeStacks: Operation<DescribeStacksInput, DescribeStacksOutput> = {
    resources: ({ StackName: name }) => [
      name === undefined ? '*' : (this.#find(name)?.arn ?? this.#account.arn('cloudformation', `stack/${name}/*`)),
    ],
    run: ({ StackName: name, NextToken }) => {
      if (name === undefined) {
        const { page, next } = pageOf([...this.stacks.values()], NextToken, 100);
        return { Stacks: page.map(show), ...(next === undefined ? {} : { NextToken: next }) };
      }
      const found = this.#find(name);
      if (!found) throw new AwsError('ValidationError', `Stack with id ${name} does not exist`);
      return { Stacks: [show(found)] };
    },
  };

  #find = (nameOrArn: string): StackRecord | undefined =>
    this.stacks.get(nameOrArn) ?? [...this.stacks.values()].find(({ arn }) => arn === nameOrArn);
}

const show = ({ name, arn, createdMs, updatedMs, status }: StackRecord): Stack => ({
  StackName: name,
  StackId: arn,
  CreationTime: new Date(createdMs),
  ...(updatedMs > createdMs ? { LastUpdatedTime: new Date(updatedMs) } : {}),
  StackStatus: status,
  DisableRollback: false,
  EnableTerminationProtection: false,
});
