/** Amazon CloudWatch Logs, as far as it can be asked which log groups there are. Nothing is logged here. */
import type { DescribeLogGroupsRequest, DescribeLogGroupsResponse } from '@aws-sdk/client-cloudwatch-logs';
import * as schemas from '@aws-sdk/client-cloudwatch-logs';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { pageOf } from './paging.ts';

export class CloudWatchLogs implements SimulatedService {
  readonly endpointPrefix = 'logs';
  readonly iamPrefix = 'logs';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Name to the milliseconds since the epoch at which it was made. */
  readonly groups = new Map<string, number>();
  readonly #account: Pick<SimulatedAccount, 'arn' | 'clock'>;

  constructor(account: Pick<SimulatedAccount, 'arn' | 'clock'>) {
    this.#account = account;
    this.operations = { DescribeLogGroups: this.#describeLogGroups };
  }

  create(name: string): void {
    this.groups.set(name, this.#account.clock.now());
  }

  readonly #describeLogGroups: Operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse> = {
    // The service authorization reference names no resource for it any more.
    resources: () => ['*'],
    run: ({ logGroupNamePrefix: prefix, limit = 50, nextToken, ...other }) => {
      const unknown = Object.entries(other).find(([, value]) => value !== undefined);
      if (unknown) throw new Error(`DescribeLogGroups with ${unknown[0]} is not simulated`);
      if (prefix === '' || limit < 1 || limit > 50)
        throw new AwsError('InvalidParameterException', "1 validation error detected: 'limit' or 'logGroupNamePrefix'");
      const names = [...this.groups.keys()].filter((name) => name.startsWith(prefix ?? '')).sort();
      const { page, next } = pageOf(names, nextToken, limit);
      return { logGroups: page.map(this.#show), ...(next === undefined ? {} : { nextToken: next }) };
    },
  };

  readonly #show = (name: string) => ({
    logGroupName: name,
    creationTime: this.groups.get(name),
    arn: this.#account.arn('logs', `log-group:${name}:*`),
    logGroupArn: this.#account.arn('logs', `log-group:${name}`),
    logGroupClass: 'STANDARD' as const,
    metricFilterCount: 0,
    storedBytes: 0,
  });
}
