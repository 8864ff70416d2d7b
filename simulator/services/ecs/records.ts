import type { SimulatedAccount } from '../../account.ts';
import type { Random } from '../../random.ts';
import { showConfiguration } from './configuration.ts';
import type {
  DeploymentRecord,
  ResolvedImage,
  RevisionRecord,
  ServiceDeploymentRecord,
  ServiceRecord,
  TaskDefinitionRecord,
} from './model.ts';
import type { TaskDefinitions } from './task-definitions.ts';

/** Makes revisions, service deployments and deployments, with identifiers as ECS makes them. */
export class Records {
  readonly #account: SimulatedAccount;
  readonly #definitions: TaskDefinitions;
  readonly #random: Random;

  constructor(account: SimulatedAccount, definitions: TaskDefinitions, random: Random) {
    this.#account = account;
    this.#definitions = definitions;
    this.#random = random;
  }

  /**
   * What is deployed from now on: tags are resolved once, here, and every task of the revision runs these digests.
   *
   * @param targetGroupArn where its tasks are registered; the service's own when absent
   * @param images as they were resolved long ago; by default what the tags stand for now
   */
  revision(
    service: ServiceRecord,
    definition: TaskDefinitionRecord,
    createdMs: number,
    targetGroupArn = service.loadBalancers[0]?.targetGroupArn,
    images: readonly ResolvedImage[] = this.#definitions.imagesOf(definition),
  ): RevisionRecord {
    const number = digits(this.#random, 19);
    return {
      arn: this.#account.arn('ecs', `service-revision/${service.cluster}/${service.name}/${number}`),
      createdMs,
      definition,
      images,
      targetGroupArn,
      loadBalancers: service.loadBalancers,
      networkConfiguration: service.networkConfiguration,
      platformVersion: service.platformVersion,
      imageBehaviour: this.#definitions.behaviourOfMoved(definition, images),
    };
  }

  /** A service deployment, newest first in the service's list. */
  record(
    service: ServiceRecord,
    target: RevisionRecord,
    sources: readonly RevisionRecord[],
    createdMs: number,
    status: ServiceDeploymentRecord['status'],
  ): ServiceDeploymentRecord {
    const record: ServiceDeploymentRecord = {
      arn: this.#account.arn('ecs', `service-deployment/${service.cluster}/${service.name}/${this.#random.hex(21)}`),
      createdMs,
      updatedMs: createdMs,
      ...(status === 'PENDING' ? {} : { startedMs: createdMs }),
      status,
      sources,
      target,
      configuration: showConfiguration(service),
      breakerTripped: false,
      alarms: { status: 'DISABLED', names: service.alarms.alarmNames ?? [], triggered: [] },
      hooks: [],
    };
    service.serviceDeployments.unshift(record);
    return record;
  }

  deployment(
    revision: RevisionRecord,
    serviceDeployment: ServiceDeploymentRecord,
    createdMs: number,
    rolloutState: 'IN_PROGRESS' | 'COMPLETED',
  ): DeploymentRecord {
    const id = `ecs-svc/${digits(this.#random, 19)}`;
    return {
      id,
      definition: revision.definition,
      revision,
      createdMs,
      updatedMs: createdMs,
      status: 'PRIMARY',
      rolloutState,
      rolloutStateReason: `ECS deployment ${id} ${rolloutState === 'COMPLETED' ? 'completed' : 'in progress'}.`,
      failedTasks: 0,
      failedStarts: 0,
      serviceDeployment,
      completed: rolloutState === 'COMPLETED',
    };
  }
}

function digits(random: Random, count: number): string {
  let text = String(1 + random.integer(9));
  while (text.length < count) text += random.integer(10);
  return text;
}
