import type { SimulatedAccount } from '../account.ts';
import { revisionOf } from '../services/codedeploy/appspec.ts';
import { describeConfiguration } from '../services/codedeploy/configurations.ts';
import type { GroupRecord } from '../services/codedeploy/model.ts';
import { newId } from '../services/codedeploy/runners.ts';
import type { ServiceRecord } from '../services/ecs/model.ts';
import type { CodeDeployGroupSpec } from './codedeploy-spec.ts';
import { offsetMs } from './duration.ts';

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
  const group: GroupRecord = {
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
  };
  account.codedeploy.addGroup(group);
  const history = [...(spec.history ?? [])].sort((a, b) => offsetMs(a.at) - offsetMs(b.at));
  for (const entry of history) addHistory(account, group, service, entry);
}

function addHistory(
  account: SimulatedAccount,
  group: GroupRecord,
  service: ServiceRecord,
  { taskDefinition, at, status = 'Succeeded' }: NonNullable<CodeDeployGroupSpec['history']>[number],
): void {
  const definition = account.ecs.definitions.find(taskDefinition);
  if (!definition) throw new Error(`the task definition ${taskDefinition} is not in the account`);
  const [loadBalancer] = service.loadBalancers;
  const createdMs = account.clock.now() + offsetMs(at);
  group.deployments.unshift({
    id: newId(account, group, createdMs),
    group,
    configName: group.configName,
    description: undefined,
    creator: 'user',
    revision: revisionOf({
      taskDefinition: definition.arn,
      containerName: loadBalancer?.containerName ?? service.name,
      containerPort: loadBalancer?.containerPort ?? 80,
    }),
    previousRevision: group.deployments.find((one) => one.status === 'Succeeded')?.revision,
    createdMs,
    startedMs: createdMs,
    completedMs: createdMs + 10 * 60_000,
    status,
    terminationWaitStarted: status === 'Succeeded',
    alarmNames: [],
    rollbackEvents: [],
    rollbackOf: undefined,
  });
}
