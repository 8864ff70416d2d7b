import type { SimulatedAccount } from '../../account.ts';
import { applicationArn, type CodeDeployment, groupArn } from './model.ts';

/** "CodeDeploy Deployment State-change Notification" on the event bus. */
export function announce(
  account: SimulatedAccount,
  { id, group }: CodeDeployment,
  state: 'START' | 'READY' | 'SUCCESS' | 'FAILURE' | 'STOP',
): void {
  account.events.emit({
    source: 'aws.codedeploy',
    'detail-type': 'CodeDeploy Deployment State-change Notification',
    resources: [groupArn(account, group.application, group.name), applicationArn(account, group.application)],
    detail: {
      region: account.region,
      deploymentId: id,
      instanceGroupId: group.id,
      deploymentGroup: group.name,
      state,
      application: group.application,
    },
  });
}
