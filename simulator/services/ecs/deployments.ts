import type { SimulatedAccount } from '../../account.ts';
import type { Random } from '../../random.ts';
import { addEvent, emitDeploymentEvent } from './events.ts';
import {
  type DeploymentRecord,
  primaryOf,
  type RevisionRecord,
  type ServiceDeploymentRecord,
  type ServiceRecord,
  type TaskDefinitionRecord,
} from './model.ts';
import type { TaskDefinitions } from './task-definitions.ts';

/** Begins, finishes, fails and rolls back deployments, with their records and events. */
export class Deployments {
  readonly #account: SimulatedAccount;
  readonly #definitions: TaskDefinitions;
  readonly #random: Random;

  constructor(account: SimulatedAccount, definitions: TaskDefinitions, random: Random) {
    this.#account = account;
    this.#definitions = definitions;
    this.#random = random;
  }

  /** A new primary deployment. The one before goes on serving as ACTIVE; if it was under way, it is superseded. */
  begin(service: ServiceRecord, definition: TaskDefinitionRecord): DeploymentRecord {
    const before = service.deployments[0];
    if (before) {
      before.status = 'ACTIVE';
      const superseded = before.serviceDeployment;
      if (superseded.status === 'IN_PROGRESS' || superseded.status === 'ROLLBACK_IN_PROGRESS') {
        this.#finish(superseded, 'STOPPED', 'Service deployment stopped because a newer service deployment started.');
      }
    }
    const nowMs = this.#account.clock.now();
    const revision = this.revision(service, definition, nowMs);
    const serviceDeployment = this.record(service, revision, before?.revision, nowMs, 'IN_PROGRESS');
    const deployment = this.deployment(revision, serviceDeployment, nowMs, 'IN_PROGRESS');
    service.deployments.unshift(deployment);
    emitDeploymentEvent(
      this.#account,
      service,
      deployment,
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      deployment.rolloutStateReason,
    );
    return deployment;
  }

  /** The primary deployment serves alone. */
  complete(service: ServiceRecord): void {
    const primary = primaryOf(service);
    const { serviceDeployment } = primary;
    for (const deployment of service.deployments.slice(1)) deployment.status = 'INACTIVE';
    service.deployments = [primary];
    this.#change(primary, 'COMPLETED', `ECS deployment ${primary.id} completed.`);
    const rolledBack = service.serviceDeployments.find(({ status }) => status === 'ROLLBACK_IN_PROGRESS');
    if (rolledBack) this.#finish(rolledBack, 'ROLLBACK_SUCCESSFUL', 'Service deployment rolled back.');
    else if (serviceDeployment.status === 'IN_PROGRESS') this.#finish(serviceDeployment, 'SUCCESSFUL');
    addEvent(this.#account, service, `(deployment ${primary.id}) deployment completed.`);
    addEvent(this.#account, service, 'has reached a steady state.');
    emitDeploymentEvent(
      this.#account,
      service,
      primary,
      'SERVICE_DEPLOYMENT_COMPLETED',
      `ECS deployment ${primary.id} completed.`,
    );
  }

  /** The circuit breaker trips; with rollback, the last completed deployment becomes the primary one again. */
  trip(service: ServiceRecord): void {
    const failed = primaryOf(service);
    this.#change(failed, 'FAILED', 'ECS deployment circuit breaker: tasks failed to start.');
    addEvent(this.#account, service, `(deployment ${failed.id}) deployment failed: tasks failed to start.`);
    emitDeploymentEvent(
      this.#account,
      service,
      failed,
      'SERVICE_DEPLOYMENT_FAILED',
      'ECS deployment circuit breaker: task failed to start.',
    );
    const completed = service.deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED');
    if (!service.circuitBreaker.rollback || !completed) {
      this.#finish(failed.serviceDeployment, 'STOPPED', 'The deployment circuit breaker stopped the deployment.');
      return;
    }
    this.#rollBack(service, failed, completed);
  }

  revision(service: ServiceRecord, definition: TaskDefinitionRecord, createdMs: number): RevisionRecord {
    const number = digits(this.#random, 19);
    return {
      arn: this.#account.arn('ecs', `service-revision/${service.cluster}/${service.name}/${number}`),
      createdMs,
      definition,
      images: this.#definitions.imagesOf(definition),
    };
  }

  /** A service deployment, newest first in the service's list. */
  record(
    service: ServiceRecord,
    target: RevisionRecord,
    source: RevisionRecord | undefined,
    createdMs: number,
    status: ServiceDeploymentRecord['status'],
  ): ServiceDeploymentRecord {
    const record: ServiceDeploymentRecord = {
      arn: this.#account.arn('ecs', `service-deployment/${service.cluster}/${service.name}/${this.#random.hex(21)}`),
      createdMs,
      updatedMs: createdMs,
      status,
      source,
      target,
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
    };
  }

  #rollBack(service: ServiceRecord, failed: DeploymentRecord, completed: DeploymentRecord): void {
    const reason = `ECS deployment circuit breaker: rolling back to deploymentId ${completed.id}.`;
    failed.status = 'ACTIVE';
    completed.status = 'PRIMARY';
    this.#change(completed, 'IN_PROGRESS', reason);
    service.deployments = [completed, ...service.deployments.filter((deployment) => deployment !== completed)];
    const { serviceDeployment } = failed;
    serviceDeployment.status = 'ROLLBACK_IN_PROGRESS';
    serviceDeployment.statusReason = reason;
    serviceDeployment.updatedMs = this.#account.clock.now();
    serviceDeployment.rollback = { reason, startedMs: this.#account.clock.now(), revision: completed.revision };
    addEvent(this.#account, service, `rolling back to deployment ${completed.id}.`);
    emitDeploymentEvent(this.#account, service, completed, 'SERVICE_DEPLOYMENT_IN_PROGRESS', reason);
  }

  #change(deployment: DeploymentRecord, state: DeploymentRecord['rolloutState'], reason: string): void {
    deployment.rolloutState = state;
    deployment.rolloutStateReason = reason;
    deployment.updatedMs = this.#account.clock.now();
  }

  #finish(record: ServiceDeploymentRecord, status: ServiceDeploymentRecord['status'], reason?: string): void {
    record.status = status;
    record.finishedMs = this.#account.clock.now();
    record.updatedMs = record.finishedMs;
    if (reason !== undefined) record.statusReason = reason;
  }
}

function digits(random: Random, count: number): string {
  let text = String(1 + random.integer(9));
  while (text.length < count) text += random.integer(10);
  return text;
}
