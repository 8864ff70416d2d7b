import type { SimulatedAccount } from '../../account.ts';
import { AwsError } from '../../service.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { addEvent, emitDeploymentEvent } from './events.ts';
import {
  type DeploymentRecord,
  inFlight,
  isOver,
  primaryOf,
  type ServiceDeploymentRecord,
  type ServiceRecord,
  stableOf,
  type TaskDefinitionRecord,
} from './model.ts';
import { NativeDeployments } from './native.ts';
import type { Records } from './records.ts';

/** ECS sees a request about a second after it was made. */
const reactionMs = 1000;
/** AWS documents no time for stopping a deployment in favour of another; it takes a few seconds. */
const stopMs = 5000;

/** Begins, finishes, fails, stops and rolls back deployments, with their records and events. */
export class Deployments {
  readonly records: Records;
  readonly #account: SimulatedAccount;
  readonly #alarms: AlarmWatch;
  readonly #native: NativeDeployments;

  constructor(account: SimulatedAccount, records: Records) {
    this.#account = account;
    this.records = records;
    this.#alarms = new AlarmWatch(account, (service, record) => this.#alarmed(service, record));
    this.#native = new NativeDeployments(account, {
      started: (service, record) => this.#started(service, record),
      returning: (service, record, reason) => this.#return(service, record, reason),
      done: (service) => this.complete(service),
      failed: (record, reason) => this.#finish(record, 'ROLLBACK_FAILED', reason),
    });
  }

  /** A new primary deployment. The one before goes on serving as ACTIVE; if it was under way, it is superseded. */
  begin(service: ServiceRecord, definition: TaskDefinitionRecord): DeploymentRecord {
    const waits = this.#supersede(service);
    const [before] = service.deployments;
    if (before) before.status = 'ACTIVE';
    const nowMs = this.#account.clock.now();
    const native = service.strategy.name !== 'ROLLING';
    const group = native ? this.#native.freeGroup(service) : undefined;
    const revision = this.records.revision(service, definition, nowMs, group);
    const sources = service.deployments.map((deployment) => deployment.revision);
    const record = this.records.record(service, revision, sources, nowMs, waits ? 'PENDING' : 'IN_PROGRESS');
    const deployment = this.records.deployment(revision, record, nowMs, 'IN_PROGRESS');
    service.deployments.unshift(deployment);
    if (!waits) this.#started(service, record);
    if (native) this.#native.lead(service, record, waits ? stopMs : 0);
    else {
      for (const one of service.deployments) delete one.scale;
      if (waits) this.#account.clock.after(stopMs, () => record.status === 'PENDING' && this.#started(service, record));
    }
    return deployment;
  }

  /** The primary deployment serves alone. */
  complete(service: ServiceRecord): void {
    const primary = primaryOf(service);
    for (const deployment of service.deployments.slice(1)) deployment.status = 'INACTIVE';
    service.deployments = [primary];
    primary.completed = true;
    delete primary.scale;
    this.#change(primary, 'COMPLETED', `ECS deployment ${primary.id} completed.`);
    const record = inFlight(service);
    if (record?.status === 'ROLLBACK_IN_PROGRESS')
      this.#finish(record, 'ROLLBACK_SUCCESSFUL', 'Service deployment rolled back.');
    else if (record?.status === 'IN_PROGRESS') this.#finish(record, 'SUCCESSFUL');
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
    const returning = inFlight(service);
    if (returning?.status === 'ROLLBACK_IN_PROGRESS') {
      const reason = 'ECS deployment circuit breaker: the rollback failed, tasks failed to start.';
      this.#change(failed, 'FAILED', reason);
      this.#finish(returning, 'ROLLBACK_FAILED', reason);
      emitDeploymentEvent(this.#account, service, failed, 'SERVICE_DEPLOYMENT_FAILED', reason);
      return;
    }
    failed.serviceDeployment.breakerTripped = true;
    this.#change(failed, 'FAILED', 'ECS deployment circuit breaker: tasks failed to start.');
    addEvent(this.#account, service, `(deployment ${failed.id}) deployment failed: tasks failed to start.`);
    emitDeploymentEvent(
      this.#account,
      service,
      failed,
      'SERVICE_DEPLOYMENT_FAILED',
      'ECS deployment circuit breaker: task failed to start.',
    );
    const completed = stableOf(service);
    if (!service.circuitBreaker.rollback || !completed) {
      this.#finish(failed.serviceDeployment, 'STOPPED', 'The deployment circuit breaker stopped the deployment.');
      return;
    }
    const reason = `ECS deployment circuit breaker: rolling back to deploymentId ${completed.id}.`;
    this.#return(service, failed.serviceDeployment, reason);
  }

  /**
   * Rolls a deployment back because somebody asked for it; one that is stopping or rolling back already goes on.
   *
   * @throws AwsError `ConflictException` when it is over
   */
  stop(service: ServiceRecord, record: ServiceDeploymentRecord, why: string): void {
    if (record.status !== 'PENDING' && record.status !== 'IN_PROGRESS') {
      if (!isOver(record)) return;
      throw new AwsError(
        'ConflictException',
        `The service deployment is ${record.status}: only deployments in PENDING, IN_PROGRESS, STOP_REQUESTED, ROLLBACK_REQUESTED or ROLLBACK_IN_PROGRESS can be stopped.`,
      );
    }
    if (!stableOf(service)) throw new AwsError('ConflictException', 'There is no service revision to roll back to.');
    record.status = 'ROLLBACK_REQUESTED';
    record.updatedMs = this.#account.clock.now();
    if (record.course) {
      this.#native.leadBack(service, record, why);
      return;
    }
    this.#account.clock.after(reactionMs, () => {
      if (record.status === 'ROLLBACK_REQUESTED') this.#return(service, record, why);
    });
  }

  /** @returns whether the new deployment has to wait for another to stop */
  #supersede(service: ServiceRecord): boolean {
    const underWay = service.serviceDeployments.filter((record) => !isOver(record));
    let waits = false;
    for (const record of underWay) {
      const reason = 'Service deployment stopped because a newer service deployment started.';
      record.course?.callOff();
      if (!record.course || record.status === 'PENDING') this.#finish(record, 'STOPPED', reason);
      else if (record.status !== 'STOP_REQUESTED') {
        record.status = 'STOP_REQUESTED';
        record.updatedMs = this.#account.clock.now();
        this.#account.clock.after(stopMs, () => this.#finish(record, 'STOPPED', reason));
        waits = true;
      } else waits = true;
    }
    return waits;
  }

  #started(service: ServiceRecord, record: ServiceDeploymentRecord): void {
    const deployment = primaryOf(service);
    record.status = 'IN_PROGRESS';
    record.startedMs = this.#account.clock.now();
    record.updatedMs = record.startedMs;
    this.#alarms.begin(service, record);
    const { rolloutStateReason } = deployment;
    emitDeploymentEvent(this.#account, service, deployment, 'SERVICE_DEPLOYMENT_IN_PROGRESS', rolloutStateReason);
  }

  #alarmed(service: ServiceRecord, record: ServiceDeploymentRecord): void {
    const failed = primaryOf(service);
    const completed = stableOf(service);
    const reason = 'ECS deployment failed: alarm detected.';
    this.#change(failed, 'FAILED', reason);
    addEvent(this.#account, service, `(deployment ${failed.id}) deployment failed: alarm detected.`);
    emitDeploymentEvent(this.#account, service, failed, 'SERVICE_DEPLOYMENT_FAILED', reason);
    if (!service.alarms.rollback || !completed) {
      record.course?.callOff();
      this.#finish(record, 'STOPPED', 'Service deployment stopped because of an alarm.');
      return;
    }
    const back = `ECS deployment alarm: rolling back to deploymentId ${completed.id}.`;
    if (record.course) this.#native.leadBack(service, record, back);
    else this.#return(service, record, back);
  }

  /** The last completed deployment becomes the primary one again. */
  #return(service: ServiceRecord, record: ServiceDeploymentRecord, reason: string): void {
    const completed = stableOf(service);
    const failed = service.deployments.find((one) => one.serviceDeployment === record);
    if (!completed) throw new Error(`the service ${service.name} has no deployment to return to`);
    const nowMs = this.#account.clock.now();
    if (failed) {
      failed.status = 'ACTIVE';
      if (failed.rolloutState === 'IN_PROGRESS') this.#change(failed, 'FAILED', reason);
    }
    for (const one of service.deployments) one.status = 'ACTIVE';
    completed.status = 'PRIMARY';
    this.#change(completed, 'IN_PROGRESS', reason);
    service.deployments = [completed, ...service.deployments.filter((one) => one !== completed)];
    record.status = 'ROLLBACK_IN_PROGRESS';
    record.statusReason = reason;
    record.updatedMs = nowMs;
    record.startedMs ??= nowMs;
    record.rollback = { reason, startedMs: nowMs, revision: completed.revision };
    this.#alarms.end(record);
    addEvent(this.#account, service, `rolling back to deployment ${completed.id}.`);
    emitDeploymentEvent(this.#account, service, completed, 'SERVICE_DEPLOYMENT_IN_PROGRESS', reason);
    this.#account.ecs.scheduler.wake(service);
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
    record.hooks = [];
    this.#alarms.end(record);
    if (reason !== undefined) record.statusReason = reason;
  }
}
