/** The shop with one service whose deployments are CodeDeploy's. */
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { SimulatedAccount } from '../../../simulator/account.ts';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import type { CodeDeployGroupSpec } from '../../../simulator/world/codedeploy-spec.ts';
import type { AccountSpec } from '../../../simulator/world/spec.ts';
import { blue, checkout, green, host, listener, loadBalancer, openShop, twoSides } from '../world/shop.ts';

export const applicationName = 'shop';
export const deploymentGroupName = 'checkout';
export const testListener = `${listener.slice(0, -1)}3`;

export const group: CodeDeployGroupSpec = {
  application: applicationName,
  name: deploymentGroupName,
  cluster: 'shop',
  service: 'checkout',
  productionListeners: [listener],
  targetGroups: [blue, green],
  terminationWaitMinutes: 5,
};

export const codeDeployShop = (change: Partial<CodeDeployGroupSpec> = {}): AccountSpec => ({
  ...twoSides,
  loadBalancers: [
    {
      arn: loadBalancer,
      hosts: [host],
      listeners: [
        { arn: listener, default: { weights: { [blue]: 1 } } },
        { arn: testListener, port: 8443, default: { weights: { [blue]: 1 } } },
      ],
    },
  ],
  services: [{ ...checkout, controller: 'CODE_DEPLOY' }],
  deploymentGroups: [{ ...group, ...change }],
});

export function openCodeDeployShop(change: Partial<CodeDeployGroupSpec> = {}): {
  account: SimulatedAccount;
  codedeploy: CodeDeployClient;
  send: CodeDeployClient['send'];
} {
  const account = openShop(codeDeployShop(change));
  const codedeploy = new CodeDeployClient(clientConfig(account));
  const send = ((command: never) => drive(account, codedeploy.send(command))) as CodeDeployClient['send'];
  return { account, codedeploy, send };
}
