/** What a scenario's events do to deployments, counts and images; by the team, never by Backstep. */
import type { SimulatedAccount } from '../account.ts';
import { revisionOf } from '../services/codedeploy/appspec.ts';
import { type CodeDeployment, isOver } from '../services/codedeploy/model.ts';
import { inFlight, type ServiceRecord } from '../services/ecs/model.ts';
import { behaviourOf } from './definitions.ts';
import type { BehaviourSpec } from './spec.ts';

interface ServiceName {
  readonly cluster: string;
  readonly service: string;
}

/** CodeDeploy's CreateDeployment of a task definition. Returns the deployment's id. */
export function codeDeploy(
  account: SimulatedAccount,
  event: { application: string; group: string; taskDefinition: string; config?: string | undefined },
): string {
  const definition = account.ecs.definitions.find(event.taskDefinition);
  if (!definition) throw new Error(`the task definition ${event.taskDefinition} is not in the account`);
  const { cluster, service } = account.codedeploy.group(event.application, event.group);
  const [loadBalancer] = account.ecs.requireService(cluster, service).loadBalancers;
  return account.codedeploy.runners.create({
    applicationName: event.application,
    deploymentGroupName: event.group,
    ...(event.config === undefined ? {} : { deploymentConfigName: event.config }),
    revision: revisionOf({
      taskDefinition: definition.arn,
      containerName: loadBalancer?.containerName ?? service,
      containerPort: loadBalancer?.containerPort ?? 80,
    }),
  }).id;
}

/** Rolls back what is under way: StopServiceDeployment, or StopDeployment where CodeDeploy deploys. */
export function stopDeployment(account: SimulatedAccount, { cluster, service: name }: ServiceName): void {
  const service = account.ecs.requireService(cluster, name);
  if (service.controller === 'CODE_DEPLOY') account.codedeploy.runners.stop(codeDeploymentOf(account, service), true);
  else {
    const record = inFlight(service) ?? nothing(service);
    account.ecs.deployments.stop(service, record, 'Service deployment rolled back by StopServiceDeployment.');
  }
}

/** Answers every pause that a deployment waits at, or continues CodeDeploy's that is Ready. */
export function continueDeployment(
  account: SimulatedAccount,
  { cluster, service: name, action }: ServiceName & { action: 'CONTINUE' | 'ROLLBACK' },
): void {
  const service = account.ecs.requireService(cluster, name);
  if (service.controller === 'CODE_DEPLOY') {
    account.codedeploy.runners.continue(codeDeploymentOf(account, service), 'READY_WAIT');
    return;
  }
  const record = inFlight(service) ?? nothing(service);
  const paused = record.hooks.filter(({ status }) => status === 'AWAITING_ACTION');
  if (paused.length === 0) throw new Error(`the deployment of ${cluster}/${name} waits at no pause hook`);
  for (const hook of paused) {
    hook.answer = action;
    hook.status = 'SUCCEEDED';
  }
  record.course?.poke();
}

/** Pushes, archives or deletes an image; a push moves its tags, and says how tasks behave that run it. */
export function changeImage(
  account: SimulatedAccount,
  event: {
    repository: string;
    digest: string;
    tags?: readonly string[] | undefined;
    status: 'ACTIVE' | 'ARCHIVED' | 'DELETED';
    behaviour?: BehaviourSpec | undefined;
  },
): void {
  const { ecr, ecs, clock } = account;
  if (event.behaviour) ecs.definitions.setImageBehaviour(event.digest, behaviourOf(event.behaviour));
  if (event.status === 'ACTIVE') {
    ecr.push(event.repository, event.digest, event.tags ?? [], clock.now()).status = 'ACTIVE';
    return;
  }
  const { images } = ecr.repository(event.repository);
  const at = images.findIndex(({ digest }) => digest === event.digest);
  const image = images[at];
  if (!image) throw new Error(`the repository ${event.repository} has no image ${event.digest}`);
  if (event.status === 'DELETED') images.splice(at, 1);
  else {
    image.status = 'ARCHIVED';
    image.archivedMs = clock.now();
  }
}

function codeDeploymentOf(account: SimulatedAccount, service: ServiceRecord): CodeDeployment {
  const found = account.codedeploy.deployments.find(
    (one) => one.group.cluster === service.cluster && one.group.service === service.name && !isOver(one),
  );
  return found ?? nothing(service);
}

function nothing({ cluster, name }: ServiceRecord): never {
  throw new Error(`no deployment of ${cluster}/${name} is under way`);
}
