/**
 * Amazon ECS: services, task definitions, deployment history, and the changes that we make to them.
 *
 * Calls: ecs:DescribeServices, ecs:DescribeTaskDefinition, ecs:ListServiceDeployments, ecs:DescribeServiceDeployments,
 * ecs:DescribeServiceRevisions, ecs:UpdateService, ecs:ListTaskDefinitions, ecs:RegisterTaskDefinition, ecs:TagResource (and
 * iam:PassRole for the task definition's roles)
 */
import {
  ClientException,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type {
  DeploymentView,
  ServiceDeploymentView,
  ServiceRevisionView,
  ServiceView,
  TaskDefinitionView,
} from '../../lib/domain/ecs.ts';
import { Unreadable } from '../../lib/domain/errors.ts';
import type { ContainerImage, Side } from '../../lib/domain/model.ts';
import type { Registration } from '../../lib/domain/task-definition-copy.ts';
import { clientOptions } from './client.ts';
import { viewDeployment, viewRevision, viewService, viewTaskDefinition } from './ecs-views.ts';

const ecs = new ECSClient(clientOptions);

/** For what makes another one each time it is repeated: whoever repeats it looks first. */
const once = new ECSClient({ ...clientOptions, maxAttempts: 1 });

/** The most that one call describes, of deployments and of revisions; so many past deployments are looked at. */
const describable = 20;

/** The side's ECS service as it is now; undefined when ECS does not know it. */
export async function describeSide(side: Side): Promise<ServiceView | undefined> {
  const { services = [], failures = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: side.cluster, services: [side.service], include: ['TAGS'] }),
  );
  const service = services[0];
  if (service) return viewService(side.name, service);
  const failure = failures.find((candidate) => candidate.reason !== 'MISSING');
  if (failure)
    throw new Unreadable(
      `ECS cannot describe ${side.service} in ${side.cluster}: ${failure.reason ?? 'no reason given'}.`,
    );
  return undefined;
}

/**
 * INACTIVE ones are described too, with their tags; undefined when ECS knows no such revision.
 *
 * @param taskDefinition ARN or `family:revision`
 */
export async function describeTaskDefinition(taskDefinition: string): Promise<TaskDefinitionView | undefined> {
  try {
    const answer = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
    return answer.taskDefinition && viewTaskDefinition(answer.taskDefinition, answer.tags);
  } catch (error) {
    // ECS's answer to an unknown family or revision; throttling and refused access have names of their own.
    if (error instanceof ClientException) return undefined;
    throw error;
  }
}

/**
 * The service's last deployments that brought something into service, newest first, at most 20. ECS keeps 90 days. Those
 * that failed or were stopped are left out by ECS: a day of failed attempts must not hide the last good one.
 */
export async function listServiceDeployments(side: Side): Promise<ServiceDeploymentView[]> {
  const { serviceDeployments: briefs = [] } = await ecs.send(
    new ListServiceDeploymentsCommand({
      cluster: side.cluster,
      service: side.service,
      status: ['SUCCESSFUL', 'ROLLBACK_SUCCESSFUL'],
      maxResults: describable,
    }),
  );
  const arns = briefs.flatMap((brief) => brief.serviceDeploymentArn ?? []);
  if (arns.length === 0) return [];
  const { serviceDeployments = [] } = await ecs.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns }),
  );
  return serviceDeployments.map(viewDeployment).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/** Those that ECS no longer keeps are left out of the answer. */
export async function describeServiceRevisions(arns: readonly string[]): Promise<ServiceRevisionView[]> {
  const batches = Array.from({ length: Math.ceil(arns.length / describable) }, (_, index) =>
    arns.slice(index * describable, (index + 1) * describable),
  );
  const answers = await Promise.all(
    batches.map((serviceRevisionArns) => ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }))),
  );
  return answers.flatMap(({ serviceRevisions = [] }) => serviceRevisions.map(viewRevision));
}

/** The images of a deployment: ECS resolves tags to digests once per deployment, and only the revision tells them. */
export async function imagesAsRun(
  service: ServiceView,
  deployment: DeploymentView,
  definition: TaskDefinitionView | undefined,
): Promise<readonly ContainerImage[]> {
  const revisions = await describeServiceRevisions(service.currentRevisions);
  // The same definition deployed again has a revision of its own, and the old one while its tasks still run.
  const [revision] = revisions
    .filter(({ taskDefinition }) => taskDefinition === deployment.taskDefinition)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return revision && revision.images.length > 0 ? revision.images : (definition?.images ?? []);
}

/** How many of a family's revisions are looked at for a copy. */
const newest = 10;

/** The family's newest ACTIVE revisions with their tags, newest first. */
export async function newestTaskDefinitions(family: string): Promise<TaskDefinitionView[]> {
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: family, status: 'ACTIVE', sort: 'DESC', maxResults: newest }),
  );
  const views = await Promise.all(taskDefinitionArns.map(describeTaskDefinition));
  return views.flatMap((view) => view ?? []);
}

/** Registers another revision. Every call makes one: look first whether an earlier attempt did. */
export async function registerTaskDefinition(registration: Registration): Promise<string> {
  const { taskDefinition } = await once.send(
    new RegisterTaskDefinitionCommand(registration as unknown as RegisterTaskDefinitionCommandInput),
  );
  const arn = taskDefinition?.taskDefinitionArn;
  if (!arn) throw new Unreadable('ECS answered the registration of a task definition without its ARN.');
  return arn;
}

/** Starts a deployment of this task definition. The desired count is left alone: it belongs to whoever scales the service. */
export async function updateService(side: Side, taskDefinition: string): Promise<ServiceView> {
  const { service } = await ecs.send(
    new UpdateServiceCommand({ cluster: side.cluster, service: side.service, taskDefinition }),
  );
  if (!service) throw new Unreadable(`ECS answered the update of ${side.service} without a service.`);
  return viewService(side.name, service);
}

/** Starts or stops tasks until there are so many; no deployment follows from it. */
export async function setDesiredCount(side: Side, desiredCount: number): Promise<void> {
  await ecs.send(new UpdateServiceCommand({ cluster: side.cluster, service: side.service, desiredCount }));
}
