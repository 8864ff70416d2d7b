import type { UpdateServiceRequest } from '@aws-sdk/client-ecs';
import * as schemas from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import type { TaskBehaviour } from './ecs/behaviour.ts';
import { definitionOperations } from './ecs/definition-operations.ts';
import { Deployments } from './ecs/deployments.ts';
import type { HookAnswer } from './ecs/hooks.ts';
import type { RevisionRecord, ServiceDeploymentRecord, ServiceRecord } from './ecs/model.ts';
import { Records } from './ecs/records.ts';
import { Scheduler } from './ecs/scheduler.ts';
import { serviceOperations } from './ecs/service-operations.ts';
import { stopOperations } from './ecs/stop-operations.ts';
import { TaskDefinitions } from './ecs/task-definitions.ts';
import { taskSetOperations } from './ecs/task-sets.ts';
import { updateService } from './ecs/update-service.ts';

/** Amazon ECS: task definitions, services, deployments of every strategy, task sets, tasks. */
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
  readonly #hookAnswers = new Map<string, HookAnswer>();

  constructor(account: SimulatedAccount) {
    const random = account.random.fork('ecs');
    this.#account = account;
    this.definitions = new TaskDefinitions(account);
    this.deployments = new Deployments(account, new Records(account, this.definitions, random));
    this.scheduler = new Scheduler(
      account,
      this.deployments,
      () => this.#services.values(),
      () => random.hex(32),
    );
    this.operations = {
      ...definitionOperations(this.definitions, account),
      ...serviceOperations(this, account),
      ...stopOperations(this, account),
      ...taskSetOperations(this, account),
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

  updateService(input: UpdateServiceRequest): ServiceRecord {
    return updateService(this, input);
  }

  /** Changes how tasks of a definition behave from now on, running ones included. */
  setBehaviour(reference: string, behaviour: TaskBehaviour): void {
    const definition = this.definitions.find(reference);
    if (!definition) throw new AwsError('ClientException', `TaskDefinition not found: ${reference}`);
    for (const callback of this.#account.elbv2.beforeChange) callback();
    definition.behaviour = behaviour;
    for (const task of this.services.flatMap(({ tasks }) => tasks)) {
      if (task.definition !== definition) continue;
      task.deployment.revision.imageBehaviour = undefined;
      if (task.lastStatus === 'RUNNING') this.scheduler.tasks.scheduleCrash(task);
    }
    this.#account.elbv2.reviewTargets();
  }

  /** What a lifecycle hook's function answers from now on; SUCCEEDED until told otherwise. */
  answerHook(functionArn: string, answer: HookAnswer): void {
    this.#hookAnswers.set(functionArn, answer);
  }

  hookAnswer(functionArn: string): HookAnswer {
    return this.#hookAnswers.get(functionArn) ?? 'SUCCEEDED';
  }

  /** By ARN, with its service. */
  findServiceDeployment(arn: string): { service: ServiceRecord; record: ServiceDeploymentRecord } | undefined {
    for (const service of this.services) {
      const record = service.serviceDeployments.find((one) => one.arn === arn);
      if (record) return { service, record };
    }
    return undefined;
  }

  revisionsOf(service: ServiceRecord): RevisionRecord[] {
    const all = service.serviceDeployments.flatMap(({ sources, target }) => [...sources, target]);
    return [...new Set([...all, ...service.deployments.map(({ revision }) => revision)])];
  }
}
