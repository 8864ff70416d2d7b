import type { UpdateServiceRequest } from '@aws-sdk/client-ecs';
import * as schemas from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import type { TaskBehaviour } from './ecs/behaviour.ts';
import { definitionOperations } from './ecs/definition-operations.ts';
import { Deployments } from './ecs/deployments.ts';
import { primaryOf, type RevisionRecord, type ServiceRecord } from './ecs/model.ts';
import { Scheduler } from './ecs/scheduler.ts';
import { serviceOperations } from './ecs/service-operations.ts';
import { TaskDefinitions, usable } from './ecs/task-definitions.ts';

/** Amazon ECS: task definitions, services, rolling deployments, tasks. */
export class Ecs implements SimulatedService {
  readonly endpointPrefix = 'ecs';
  readonly iamPrefix = 'ecs';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly clusters = new Set<string>();
  readonly definitions: TaskDefinitions;
  readonly deployments: Deployments;
  readonly scheduler: Scheduler;
  readonly #account: SimulatedAccount;
  readonly #services = new Map<string, ServiceRecord>();

  constructor(account: SimulatedAccount) {
    const random = account.random.fork('ecs');
    this.#account = account;
    this.definitions = new TaskDefinitions(account);
    this.deployments = new Deployments(account, this.definitions, random);
    this.scheduler = new Scheduler(
      account,
      this.deployments,
      () => this.#services.values(),
      () => random.hex(32),
    );
    this.operations = {
      ...definitionOperations(this.definitions, account),
      ...serviceOperations(this, account),
    };
  }

  get services(): ServiceRecord[] {
    return [...this.#services.values()];
  }

  addService(service: ServiceRecord): void {
    this.#services.set(service.arn, service);
  }

  /** The cluster's name. @throws AwsError `ClusterNotFoundException` */
  requireCluster(reference = 'default'): string {
    const name = reference.split('/').at(-1) ?? reference;
    if (!this.clusters.has(name)) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return name;
  }

  /** By name or ARN. */
  findService(cluster: string | undefined, reference: string): ServiceRecord | undefined {
    const name = reference.split('/').at(-1) ?? reference;
    const clusterName = (cluster ?? 'default').split('/').at(-1) ?? '';
    return this.#services.get(this.#account.arn('ecs', `service/${clusterName}/${name}`));
  }

  requireService(cluster: string | undefined, reference: string): ServiceRecord {
    this.requireCluster(cluster);
    const service = this.findService(cluster, reference);
    if (!service) throw new AwsError('ServiceNotFoundException', 'Service not found.');
    return service;
  }

  /** What the UpdateService call does. Changing counts or percentages alone starts no deployment. */
  updateService(input: UpdateServiceRequest): ServiceRecord {
    const service = this.requireService(input.cluster, input.service ?? '');
    if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
    refuseUnsimulated(input);
    const { controller } = service;
    if (controller !== 'ECS' && (input.taskDefinition !== undefined || input.forceNewDeployment)) {
      const instead = controller === 'CODE_DEPLOY' ? ' Use AWS CodeDeploy to trigger a new deployment.' : '';
      throw new AwsError(
        'InvalidParameterException',
        `Unable to update task definition on services with a ${controller} deployment controller.${instead}`,
      );
    }
    const present = primaryOf(service).definition;
    const definition = input.taskDefinition === undefined ? present : usable(this.definitions, input.taskDefinition);
    this.#configure(service, input);
    if (definition !== present || input.forceNewDeployment) this.deployments.begin(service, definition);
    this.scheduler.wake(service);
    return service;
  }

  /** Changes how tasks of a definition behave from now on, running ones included. */
  setBehaviour(reference: string, behaviour: TaskBehaviour): void {
    const definition = this.definitions.find(reference);
    if (!definition) throw new AwsError('ClientException', `TaskDefinition not found: ${reference}`);
    for (const callback of this.#account.elbv2.beforeChange) callback();
    definition.behaviour = behaviour;
    for (const task of this.services.flatMap(({ tasks }) => tasks)) {
      if (task.definition === definition && task.lastStatus === 'RUNNING') this.scheduler.tasks.scheduleCrash(task);
    }
    this.#account.elbv2.reviewTargets();
  }

  revisionsOf(service: ServiceRecord): RevisionRecord[] {
    const all = service.serviceDeployments.flatMap(({ source, target }) => (source ? [source, target] : [target]));
    return [...new Set([...all, ...service.deployments.map(({ revision }) => revision)])];
  }

  #configure(service: ServiceRecord, input: UpdateServiceRequest): void {
    const configuration = input.deploymentConfiguration;
    service.desiredCount = input.desiredCount ?? service.desiredCount;
    service.healthCheckGracePeriodSeconds =
      input.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds;
    service.minimumHealthyPercent = configuration?.minimumHealthyPercent ?? service.minimumHealthyPercent;
    service.maximumPercent = configuration?.maximumPercent ?? service.maximumPercent;
    const breaker = configuration?.deploymentCircuitBreaker;
    if (breaker) service.circuitBreaker = { enable: breaker.enable ?? false, rollback: breaker.rollback ?? false };
  }
}

/** Each of these would start a deployment on AWS, or change how one goes; ignoring it would be an empty success. */
const unsimulated = [
  'capacityProviderStrategy',
  'deploymentController',
  'loadBalancers',
  'networkConfiguration',
  'platformVersion',
  'serviceConnectConfiguration',
  'serviceRegistries',
  'volumeConfigurations',
  'vpcLatticeConfigurations',
] as const;

function refuseUnsimulated(input: UpdateServiceRequest): void {
  const given = unsimulated.filter((field) => input[field] !== undefined);
  if (given.length > 0) throw new Error(`UpdateService with ${given.join(', ')} is not simulated`);
  const { strategy = 'ROLLING', alarms } = input.deploymentConfiguration ?? {};
  if (strategy !== 'ROLLING') throw new Error(`the deployment strategy ${strategy} is not simulated`);
  if (alarms?.enable) throw new Error('deployment alarms are not simulated');
}
