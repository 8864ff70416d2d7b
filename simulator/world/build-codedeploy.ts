import type { SimulatedAccount } from '../account.ts';
import { describeConfiguration } from '../services/codedeploy/configurations.ts';
import type { CodeDeployGroupSpec } from './codedeploy-spec.ts';

/** A deployment group of a service that exists already. */
export function buildDeploymentGroup(account: SimulatedAccount, spec: CodeDeployGroupSpec): void {
  const service = account.ecs.findService(spec.cluster, spec.service);
  const owner = `the deployment group ${spec.application}/${spec.name}`;
  if (!service) throw new Error(`${owner} deploys ${spec.cluster}/${spec.service}, which is not in the account`);
  if (service.controller !== 'CODE_DEPLOY') {
    throw new Error(`${owner} deploys a service whose controller is ${service.controller}; it must be CODE_DEPLOY`);
  }
  const configName = spec.config ?? 'CodeDeployDefault.ECSAllAtOnce';
  describeConfiguration(configName);
  for (const arn of spec.targetGroups) account.elbv2.targetGroup(arn);
  for (const arn of [...spec.productionListeners, ...(spec.testListeners ?? [])]) account.elbv2.listener(arn);
  account.codedeploy.addGroup({
    id: account.random.fork(`deployment group ${spec.application}/${spec.name}`).uuid(),
    name: spec.name,
    application: spec.application,
    cluster: spec.cluster,
    service: spec.service,
    productionListeners: spec.productionListeners,
    testListeners: spec.testListeners ?? [],
    targetGroups: spec.targetGroups,
    configName,
    roleArn: `arn:aws:iam::${account.id}:role/codedeploy`,
    terminationWaitMinutes: spec.terminationWaitMinutes ?? 60,
    readyWaitMinutes: spec.readyWaitMinutes ?? 0,
    readyAction: spec.readyAction ?? 'CONTINUE_DEPLOYMENT',
    alarms: { enabled: (spec.alarms ?? []).length > 0, names: spec.alarms ?? [] },
    autoRollback: { enabled: (spec.autoRollback ?? []).length > 0, events: spec.autoRollback ?? [] },
    deployments: [],
  });
}
