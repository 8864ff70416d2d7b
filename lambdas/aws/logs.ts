/**
 * Whether a log group is there.
 *
 * Calls: logs:DescribeLogGroups
 */
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { quickOptions } from './client.ts';
import { type Answer, gone, unread } from './need-answers.ts';

const logs = new CloudWatchLogsClient(quickOptions);

export async function readLogGroup(name: string): Promise<Answer> {
  try {
    // Sorted by name, so the group that is called exactly so comes first.
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name, limit: 1 }));
    return logGroups[0]?.logGroupName === name ? { found: 'there' } : gone('CloudWatch Logs knows no such log group.');
  } catch (error) {
    return unread('CloudWatch Logs', error);
  }
}
